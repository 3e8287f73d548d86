"""Data-quality rules: shipped and own ones, asked of files and of stored rows."""
