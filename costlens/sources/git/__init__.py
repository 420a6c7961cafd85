"""States of a git repository, by the ``git`` program."""
