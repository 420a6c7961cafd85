"""What draws random fields, whatever the kind."""

from random import Random
from typing import Any

Fields = dict[str, Any]


def sometimes(random: Random, fields: Fields) -> Fields:
    """Return the fields one time in three."""
    return fields if random.randrange(3) == 0 else {}


def divisors(channels: int) -> list[int]:
    """Return what divides the channels."""
    return [n for n in range(1, channels + 1) if channels % n == 0]
