"""A word names models. One file per kind of file that yields them, found by being there."""
