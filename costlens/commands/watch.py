"""``costlens watch``: counts anew at each save; ends where it is interrupted."""

import sys
from contextlib import suppress
from datetime import datetime

from costlens.commands._options import Kinds, OneWord, Settings, Variant, asked
from costlens.commands._output import TERMINAL, write


def command(word: OneWord, variant: Variant = None, kind: Kinds = None, set_: Settings = None) -> None:
    """Count a network anew at each save of its file, or of the blocks files that it includes, until Ctrl-C.

    Each time it shows what changed since the last save and since the start. A spec that is broken meanwhile is shown
    with its errors, and the next save is waited for.

    Example: costlens watch my_network.yaml
    """
    from costlens.formats.pages.watched import page
    from costlens.tasks.watch import watch

    with suppress(KeyboardInterrupt):  # how it is meant to end
        for seen in watch(word, asked([variant] if variant else None, set_, kind)):
            at = datetime.now().strftime("%H:%M:%S") if seen.save else ""
            write(page(seen, at), TERMINAL)
            sys.stdout.flush()
