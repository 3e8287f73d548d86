"""Pages of other tools with the charts of the Overview; they run in a venv of their own."""
