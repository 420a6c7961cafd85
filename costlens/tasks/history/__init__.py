"""What is recorded of a command, and what the history says: runs, trends, differences, the last accepted figures."""
