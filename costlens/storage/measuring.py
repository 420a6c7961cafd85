"""One measurement at a time on a machine, whoever measures: what runs beside one makes its times longer."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from costlens.errors import BenchError
from costlens.storage.lock import alone

_FOLDER = "costlens-measuring"
_PATIENCE_S = 3600.0


@contextmanager
def measuring_alone(wait: Callable[[], object]) -> Iterator[None]:
    """Wait until no other process of this machine measures, and keep others waiting; ``wait`` is called before a wait.

    The system frees what a killed process held. Where nothing can be locked nobody waits. BenchError after an hour.
    """
    folder = Path(tempfile.gettempdir()) / _FOLDER
    with ExitStack() as held:
        try:
            held.enter_context(alone(folder, patience_s=0.0))
        except TimeoutError:
            wait()
            try:
                held.enter_context(alone(folder, patience_s=_PATIENCE_S))
            except TimeoutError:
                raise BenchError("another process has been measuring for an hour; end it, or try again later") from None
        except OSError:
            pass
        yield
