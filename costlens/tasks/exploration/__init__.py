"""Families of networks: the points of a space, their counts, and the run that finds them."""
