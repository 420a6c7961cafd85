"""A word names models: one file per thing that yields them."""
