"""Published figures → text, one file per format."""
