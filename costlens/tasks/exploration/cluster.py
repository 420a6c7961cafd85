"""Counting on a Dask cluster: each chunk is a task of its scheduler, which gives those of a dead worker to another.

Tasks hold the texts of the spec, so workers need nothing but the same costlens. A scheduler that dies ends the run;
what was counted is kept.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from importlib import import_module
from itertools import islice
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, Final, Self

from costlens.errors import BenchError, RuntimeUnavailable, UsageError, did_you_mean, first_line, not_installed
from costlens.storage.files import reason
from costlens.tasks.exploration.counting import Chunk, Executor, Job, code, count
from costlens.tasks.exploration.lines import Line

if TYPE_CHECKING:
    from distributed import Client, Future

LAUNCHERS = {
    "slurm": ("dask_jobqueue", "SLURMCluster", "dask-jobqueue"),
    "kubernetes": ("dask_kubernetes.operator", "KubeCluster", "dask-kubernetes"),
}
"""What Dask starts workers with: the module, its class, and the package to install."""
_SCHEMES = ("tcp://", "tls://", "ws://", "wss://")
_AHEAD = 4
"""So many chunks a thread of the cluster are under way: none waits for the next, and few hold the texts at once."""
_CONNECT_S = 10
PATIENCE_S: Final = 60
"""A cluster may be without a worker for so many seconds."""
_KEPT = "what was counted is kept: the same command goes on from there"
_ONE_AT_A_TIME = Lock()
"""Threads of a worker share what they know of a family."""


class Cluster(Executor):
    """Counts on the workers of a scheduler: one at an address, of a file, or one that ``slurm`` or the like starts.

    workers: how many are asked for where they are started. UsageError for a word that is nothing of these.
    """

    def __init__(self, word: str, workers: int | None = None) -> None:
        self._word, self._workers = word, workers
        self._held = ExitStack()
        self._client: Client | None = None
        if word in LAUNCHERS and workers is None:
            raise UsageError(f"--cluster {word}: how many workers to start is missing; add --workers N")
        is_file = not word.startswith(_SCHEMES) and word not in LAUNCHERS
        if is_file and "://" not in word and not Path(word).exists():
            guess = did_you_mean(word, LAUNCHERS)
            raise UsageError(f"--cluster {word}: no such file{guess}; expected {_expected()}")
        if is_file and "://" in word:
            raise UsageError(f"--cluster {word}: expected {_expected()}")
        self._is_file = is_file
        if word not in LAUNCHERS and not is_file:
            self._require_own_workers()

    def __enter__(self) -> Self:
        """Connect; RuntimeUnavailable where nobody answers, or a package is missing."""
        try:
            import dask
            from distributed import Client
        except ModuleNotFoundError as error:
            raise not_installed(error) or error from None
        self._held.enter_context(_quiet())
        try:
            settings, place = self._place()
            limits = {"distributed.comm.timeouts.connect": f"{_CONNECT_S}s"}
            self._held.enter_context(dask.config.set({**settings, **limits}))
            self._client = self._held.enter_context(Client(self._started(place), set_as_default=False))
        except (OSError, TimeoutError) as error:
            self._held.close()
            raise RuntimeUnavailable(
                f"--cluster {self._word}: no scheduler answers: {first_line(error)}; start one (dask scheduler), "
                "or leave --cluster out to count on this machine"
            ) from None
        except BaseException:
            self._held.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        """Leave the cluster; workers that were started for this run end."""
        self._held.close()

    def connected(self, *, all_of_them: bool = False) -> Client:
        """Return the client, within the context and once there is a worker; BenchError where there is none.

        all_of_them: wait, for as long, until all workers are there that this run starts.
        """
        client = self._client
        assert client is not None  # noqa: S101  # entered
        self._require_workers(client)
        if all_of_them and self._workers:
            with suppress(TimeoutError):
                client.wait_for_workers(self._workers, timeout=PATIENCE_S)
        return client

    def how_to_give(self, resource: str) -> str:
        """Say how its workers get a resource."""
        option = f"--nthreads 1 --resources {resource}=1"
        if self._workers:
            return f"start them with {option}, by worker_extra_args in Dask's configuration"
        assert self._client is not None  # noqa: S101  # entered
        return f"start one: dask worker {self._client.scheduler.address} {option}"

    def map(self, job: Job, chunks: Iterable[Chunk]) -> Iterator[Line]:
        """Yield the line of each chunk as it is done; BenchError where the scheduler or all workers have gone."""
        from concurrent.futures import CancelledError

        client, left = self._client, iter(chunks)
        assert client is not None  # noqa: S101  # entered
        running: set[Future] = set()
        try:
            self._require_workers(client)
            while True:
                room = max(1, _AHEAD * sum(client.nthreads().values())) - len(running)
                more = islice(left, max(0, room))
                running |= {client.submit(counted, job, chunk, code(), pure=False) for chunk in more}
                if not running:
                    return
                for future in first_done(client, running, self._require_workers):
                    running.discard(future)
                    yield self._line(future)
        except (CancelledError, OSError):
            raise BenchError(f"--cluster {self._word}: the scheduler has gone; {_KEPT}") from None
        finally:
            for future in running:
                future.release()

    def _line(self, future: Future) -> Line:
        from distributed import KilledWorker

        try:
            found: Line = future.result()
        except KilledWorker:
            raise BenchError(
                f"--cluster {self._word}: one chunk of points ended several workers; is memory short? {_KEPT}"
            ) from None
        except ModuleNotFoundError as error:
            why = f"a worker has no {error.name}; install the same costlens there"
            raise RuntimeUnavailable(f"--cluster {self._word}: {why}") from None
        return found

    def _require_workers(self, client: Client) -> None:
        try:
            client.wait_for_workers(1, timeout=PATIENCE_S)
        except TimeoutError:
            raise BenchError(
                f"--cluster {self._word}: the scheduler has no worker since {PATIENCE_S} s; start some "
                f"(dask worker {client.scheduler.address}); {_KEPT}"
            ) from None

    def _require_own_workers(self) -> None:
        if self._workers is not None:
            raise UsageError(f"--workers {self._workers}: the cluster has workers of its own; leave --workers out")

    def _place(self) -> tuple[Mapping[str, Any], str]:
        """Return Dask's settings, and the address of a scheduler or what starts one."""
        if not self._is_file:
            return {}, self._word
        held = _read(Path(self._word))
        if address := held.get("address") or held.get("scheduler-address"):
            self._require_own_workers()
            return ({} if "address" in held else held), str(address)
        launcher = next((name for name in LAUNCHERS if name in held or name in (held.get("jobqueue") or ())), "")
        if not launcher:
            raise UsageError(
                f"--cluster {self._word}: names no scheduler; expected the file of a scheduler (dask scheduler "
                "--scheduler-file), or Dask's configuration with scheduler-address, jobqueue.slurm or kubernetes"
            )
        return held, launcher

    def _started(self, place: str) -> Any:
        """Return the address of a scheduler, or a cluster of our own."""
        if place not in LAUNCHERS:
            return place
        module, name, package = LAUNCHERS[place]
        try:
            launcher = getattr(import_module(module), name)
        except ModuleNotFoundError:
            raise RuntimeUnavailable(f"{package} is not installed; install it with: pip install {package}") from None
        try:
            cluster = self._held.enter_context(launcher())
            cluster.scale(self._workers)
        except Exception as error:  # of any sort, as launchers ask others
            why = f"{type(error).__name__}: {first_line(error)}"
            raise RuntimeUnavailable(f"--cluster {self._word}: no workers can be started: {why}") from None
        return cluster


def counted(job: Job, chunk: Chunk, by: str) -> Line:
    """Count a chunk on a worker; UsageError where its code is not that of the process that asks."""
    require_same(by, code())
    with _ONE_AT_A_TIME:
        return count(job, chunk)


def first_done(client: Client, running: Collection[Future], silent: Callable[[Client], object]) -> Collection[Future]:
    """Wait until some of the tasks are done, and return these; ``silent`` is called where none was for a minute."""
    from distributed import wait

    try:
        with client.as_current():
            done: Collection[Future] = wait([*running], timeout=PATIENCE_S, return_when="FIRST_COMPLETED").done
            return done
    except TimeoutError:
        silent(client)
        return ()


def require_same(asking: str, here: str) -> None:
    """Refuse to work on a worker whose code is not that of the process that asks, by the digests of both."""
    if asking != here:
        raise UsageError("a worker has another costlens; install the same version there")


def _expected() -> str:
    return f"the address of a scheduler (tcp://host:8786), a file, or {' or '.join(LAUNCHERS)}"


def _read(path: Path) -> dict[str, Any]:
    """Read a file of Dask: the place of a scheduler, or a configuration."""
    import yaml

    try:
        held = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"--cluster {path}: cannot be read: {reason(error)}") from None
    except (UnicodeDecodeError, yaml.YAMLError) as error:
        raise UsageError(f"--cluster {path}: is no YAML or JSON: {first_line(error)}") from None
    if not isinstance(held, dict):
        raise UsageError(f"--cluster {path}: holds no settings; expected Dask's configuration, or a scheduler's file")
    return held


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep what Dask logs of lost connections from the terminal: errors say it."""
    logger = logging.getLogger("distributed")
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        logger.setLevel(level)
