"""A model that is no spec → the graph of the spec language that says the same, or the layers that no kind says."""
