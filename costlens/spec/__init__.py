"""YAML text → a validated, expanded graph; every error knows its file, line, column and field."""
