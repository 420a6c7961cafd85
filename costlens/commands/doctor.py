"""``costlens doctor``: what of the stack is there, and what installs the rest; imports none of it."""

from costlens.commands._output import TERMINAL, Columns, Format, choose, write


def command(
    format: Format = TERMINAL,  # noqa: A002  # the option's name
    columns: Columns = None,
) -> None:
    """Say which packages, devices and tools are there, what a missing one would bring, and the line that installs it.

    Example: costlens doctor
    """
    from costlens.formats.pages import stack as pages
    from costlens.tasks import doctor

    picked = choose(columns, pages.PACKAGES, format)
    write(pages.stack(doctor.stack()), format, columns=picked)
