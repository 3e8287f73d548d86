"""One module per analysis; each registers itself and depends on no other."""
