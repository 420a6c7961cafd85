"""A network: its layers, its variants, its graph and its count."""
