"""A sweep of conditions → text or a picture, one file per format."""
