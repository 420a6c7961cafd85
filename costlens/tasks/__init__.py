"""One file per command that does more than read: models → a result."""
