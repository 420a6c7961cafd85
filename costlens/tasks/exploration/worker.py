"""One process of a pool: a job on standard input, then chunks; a line for each goes to standard output.

It ends where its input does, so none outlives the process that started it.
"""

import pickle
import sys
from contextlib import suppress

from costlens.tasks.exploration.counting import count


def main() -> None:
    """Count chunks until there are no more."""
    given, found = sys.stdin.buffer, sys.stdout.buffer
    sys.stdout = sys.stderr  # what is printed by mistake is no answer
    with suppress(EOFError):
        job = pickle.load(given)  # noqa: S301  # from the process that started this one
        while True:
            chunk = pickle.load(given)  # noqa: S301
            pickle.dump(count(job, chunk), found)
            found.flush()


if __name__ == "__main__":
    main()
