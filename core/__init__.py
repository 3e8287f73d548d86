"""Picholine's core: everything that knows numbers and files and nothing of the screen."""
