"""``costlens cache``: where exports are kept, how large that is, and clearing it."""

from typing import Annotated, Literal

from costlens.commands._cli import Argument
from costlens.commands._output import TERMINAL, Columns, Format, choose, write
from costlens.errors import UsageError
from costlens.storage.files import reason


def command(
    what: Annotated[
        Literal["size", "clear"], Argument(metavar="size|clear", help="Say what it holds, or remove that.")
    ] = "size",
    format: Format = TERMINAL,  # noqa: A002  # the option's name
    columns: Columns = None,
) -> None:
    """Say where exports, proofs and what was measured of the machine are kept and how large they are, or remove them.

    Example: costlens cache clear
    """
    from costlens.formats.pages import stack as pages
    from costlens.storage import contents
    from costlens.storage.cache import directory
    from costlens.tasks import doctor

    picked = choose(columns, pages.KEPT, format)
    try:
        removed = doctor.kept(contents.clear()) if what == "clear" else None
        left = doctor.cache()
    except OSError as error:
        raise UsageError(f"{directory()}: {reason(error).lower()}; set COSTLENS_CACHE to another folder") from error
    write(pages.cache(left) if removed is None else pages.cleared(removed, left), format, columns=picked)
