"""The index page fetches at once only what its first view needs."""

from pathlib import Path

from dashboard.app import create_app
from tests.desk import Visitor, demo_application


def test_the_grid_comes_later_and_old_browsers_scripts_never(tmp_path: Path) -> None:
    application = demo_application(tmp_path / "home", 0)
    visitor = Visitor(create_app(application).test_client())
    index = visitor.index.text
    assert "deps/polyfill@" not in index
    assert "/dash_table/" not in index
    assert index.count("dash_ag_grid.min.js") + index.count("dash_ag_grid.v") == 1
    address = index.split('name="picholine-grid" content="')[1].split('"')[0]
    grid = visitor.client.get(address)
    assert grid.status_code == 200
    assert "immutable" in grid.headers["Cache-Control"]
    # Scripts that replace Dash's own stand before the one that draws.
    assert index.index("grid-later.js") < index.index("dash_renderer")
    application.close()
