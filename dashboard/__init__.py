"""How things look: shell, pages, charts, grids."""
