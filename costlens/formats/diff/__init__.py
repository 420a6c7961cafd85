"""A diff → text, one file per format."""
