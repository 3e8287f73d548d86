"""Deliberately awful files, each beside what must become of it, written by hand."""
