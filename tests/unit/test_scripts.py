"""The index page fetches at once only what its first view needs, and our own files as two."""

from collections.abc import Iterator

import pytest

from core.paths import assets_dir
from dashboard.app import create_app
from tests.desk import Visitor, demo_application


@pytest.fixture(scope="module")
def visitor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visitor]:
    """Visit an empty home."""
    application = demo_application(tmp_path_factory.mktemp("scripts") / "home", 0)
    yield Visitor(create_app(application).test_client())
    application.close()


def test_the_grid_comes_later_and_old_browsers_scripts_never(visitor: Visitor) -> None:
    index = visitor.index.text
    assert "deps/polyfill@" not in index
    assert "/dash_table/" not in index
    assert index.count("/dash_ag_grid/dash_ag_grid.") == 1
    address = index.split('name="picholine-grid" content="')[1].split('"')[0]
    grid = visitor.client.get(address)
    assert grid.status_code == 200
    assert "immutable" in grid.headers["Cache-Control"]


@pytest.mark.parametrize("kind", ["js", "css"])
def test_our_files_travel_as_one(visitor: Visitor, kind: str) -> None:
    """Nothing is missing, in the order of the names, and the address changes with the content."""
    index = visitor.index.text
    assert index.count(f"/assets/all.{kind}?v=") == 1
    address = f"/assets/all.{kind}?v=" + index.split(f"/assets/all.{kind}?v=")[1].split('"')[0]
    joined = visitor.client.get(address)
    assert "immutable" in joined.headers["Cache-Control"]
    place = -1
    for path in sorted(assets_dir().glob(f"*.{kind}")):
        found = joined.text.find(path.read_text("utf-8"))
        assert found > place, path.name
        place = found
        assert f"/assets/{path.name}" not in index, path.name


def test_scripts_that_replace_dashs_own_stand_before_the_one_that_draws(visitor: Visitor) -> None:
    index = visitor.index.text
    assert index.index("/deps/react@") < index.index("/assets/all.js")
    assert index.index("/assets/all.js") < index.index('id="_dash-renderer"')
