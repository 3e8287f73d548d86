"""The eight charts as a Vizro page with a filter on the country."""

import sys

import plotly.graph_objects as go
import vizro.models as vm
from charts import CHARTS, lines
from vizro import Vizro
from vizro.managers import data_manager
from vizro.models.types import capture

data_manager["lines"] = lines


@capture("graph")
def chart(data_frame: object, name: str) -> go.Figure:
    """Return one of the charts."""
    return CHARTS[name](data_frame)


page = vm.Page(
    title="Overview",
    layout=vm.Grid(grid=[[0, 1], [2, 3], [4, 5], [6, 7]], row_min_height="320px"),
    components=[vm.Graph(figure=chart("lines", name=name)) for name in CHARTS],
    controls=[vm.Filter(column="country", selector=vm.Dropdown(multi=True))],
)
app = Vizro().build(vm.Dashboard(pages=[page]))

if __name__ == "__main__":
    from waitress import serve

    serve(app.dash.server, host="127.0.0.1", port=int(sys.argv[1]), threads=8)
