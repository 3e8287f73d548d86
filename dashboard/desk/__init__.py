"""The desk: one register of actions, and what shows it: menu bar, palette, shortcuts, status."""
