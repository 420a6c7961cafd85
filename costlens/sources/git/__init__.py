"""Files of a git repository at a commit or in the working tree, read by the ``git`` program."""
