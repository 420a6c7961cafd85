"""One file per command's order: models → a result."""
