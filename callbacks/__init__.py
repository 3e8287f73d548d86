"""What happens: parse, authorise, call a service, return properties.

Every module defines `register(app: dash.Dash) -> None`, which adds its callbacks with
`@app.callback` and its routes to `app.server`; `dashboard.app.create_app` calls all of them.
Nothing is registered on import, so that several applications can live in one process.

A page that changed stored data says so by a `dcc.Store(id={"type": "data-changed", "from":
"<page>"})`: any new value in it makes the status bar, the filters and the open page refresh.
"""
