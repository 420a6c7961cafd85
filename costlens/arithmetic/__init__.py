"""The arithmetic of cost, of shapes and of units."""
