"""A comparison of models → text, one file per format."""
