"""``costlens kinds``: every layer kind with its fields."""

from typing import Annotated

from costlens.commands._cli import Argument
from costlens.commands._output import TERMINAL, Format, write


def command(
    kind: Annotated[str | None, Argument(help="Only this kind.")] = None,
    format: Format = TERMINAL,  # noqa: A002  # the option's name
) -> None:
    """List the layer kinds and the kinds of convolution with their fields.

    Example: costlens kinds conv
    """
    from costlens.formats.pages.kinds import page
    from costlens.spec.kinds import described, with_examples

    found = described(kind)
    shown = with_examples(found) if kind is not None or format != TERMINAL else found  # a list has no room for them
    write(page(shown), format)
