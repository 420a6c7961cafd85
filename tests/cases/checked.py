"""A network with figures to check, and the lines of a check."""

BODY = "input: [8, 8, 3]\nlayers: [{conv: {filters: 4, kernel: 3, bias: false}}]\n"
"""A 3×3 convolution 3 → 4 on 8×8: 108 parameters, 6,912 MACs."""


def lines(text: str) -> list[str]:
    return [line.rstrip() for line in text.splitlines()]
