"""onnxruntime's own profile: one event a kernel and run, and the graph that its optimiser makes of a model."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from statistics import fmean
from typing import Any

from costlens.errors import BenchError
from costlens.runtimes import Options, Session
from costlens.runtimes._ladder import write_ladder as ladder
from costlens.runtimes._profile import HOLD_GRAPHS, SCOPES, GraphNode, Kernel, Profile
from costlens.runtimes.onnxruntime import BoundSession, Onnxruntime, TextSession

__all__ = ["ladder", "nodes", "plain", "profiled"]

_KERNEL = "_kernel_time"
_RUN = "model_run"


class ProfiledSession:
    """A session with onnxruntime's profiler on; ``kept``: the graph that its optimiser made and the file, if asked."""

    def __init__(self, session: BoundSession | TextSession, kept: tuple[Path, Path] | None) -> None:
        self._session, self._kept = session, kept
        self.run, self.synchronize, self.fingerprint = session.run, session.synchronize, session.fingerprint

    def graphs(self) -> tuple[tuple[GraphNode, ...], tuple[GraphNode, ...]]:
        """Return the nodes of the graph that runs, and of the file."""
        return (nodes(self._kept[0]), nodes(self._kept[1])) if self._kept else ((), ())

    def end(self) -> Profile:
        """Stop, read what was written down, and remove the file."""
        return profile_of(self.events())

    def events(self) -> list[Mapping[str, Any]]:
        """Stop, and return all that was written down, as the runtime says it."""
        path = self._session.end_profiling()
        try:
            return events_of(path)
        finally:
            path.unlink(missing_ok=True)


def profiled(
    path: Path, options: Options, folder: Path, *, graphs: bool = False, as_is: bool = False
) -> ProfiledSession:
    """Load an ONNX file as it is timed, with its profile and, on demand, the optimised graph written in a folder.

    ``as_is``: its nodes run as they are in the file, without any optimisation. Both come from one session: what the
    optimiser puts in between has other numbers in each. Weights are written beside the graph, so that no file is too
    large, and are not read again.
    """
    written = folder / f"{path.stem}.optimised.onnx"

    def profiling(settings: Any) -> None:
        settings.enable_profiling = True
        settings.profile_file_prefix = str(folder / path.stem)
        if as_is:
            _as_is(settings)
        if graphs:
            settings.optimized_model_filepath = str(written)
            for name, value in (("file_name", f"{path.stem}.weights"), ("min_size_in_bytes", "1024")):
                settings.add_session_config_entry(f"session.optimized_model_external_initializers_{name}", value)

    session = ProfiledSession(Onnxruntime().load(path, options, profiling), (written, path) if graphs else None)
    (folder / f"{path.stem}.weights").unlink(missing_ok=True)
    return session


def plain(path: Path, options: Options) -> Session:
    """Load an ONNX file whose nodes run as they are in it, without its profile."""
    return Onnxruntime().load(path, options, _as_is)


def _as_is(settings: Any) -> None:
    """Run every node, in the order of the file: by default all that has no input of another node runs first."""
    settings.graph_optimization_level = type(settings.graph_optimization_level).ORT_DISABLE_ALL
    settings.execution_order = type(settings.execution_order).PRIORITY_BASED


def read_profile(path: Path) -> Profile:
    """Read the JSON that ``end_profiling`` wrote; BenchError where it is cut off, as on a full disk."""
    return profile_of(events_of(path))


def events_of(path: Path) -> list[Mapping[str, Any]]:
    """Return the events of a profile; BenchError where it is cut off."""
    try:
        found: list[Mapping[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as problem:
        raise BenchError(f"{path}: the runtime's profile cannot be read: {problem}; free space and try again") from None
    return found


def profile_of(events: Sequence[Mapping[str, Any]]) -> Profile:
    """Sort events into runs. The event of a run comes after those of its kernels.

    >>> event = {"cat": "Node", "name": "a_kernel_time", "ts": 3, "dur": 5, "args": {"op_name": "Relu"}}
    >>> profile_of([event, {"cat": "Session", "name": "model_run"}])
    Profile(kernels=(Kernel(name='a', op='Relu'),), runs_us=((5.0,),), within=(0.0,))
    """
    runs = [_numbered(outermost(run)) for run in runs_of(events)]
    kernels = tuple(dict.fromkeys(kernel for run in runs for kernel in run))
    return Profile(
        kernels=tuple(kernel for kernel, _ in kernels),
        runs_us=tuple(tuple(run.get(kernel, (0.0, 0))[0] for kernel in kernels) for run in runs),
        within=tuple(fmean(run.get(kernel, (0.0, 0))[1] for run in runs) for kernel in kernels),
    )


def runs_of(events: Sequence[Mapping[str, Any]]) -> Iterator[list[Mapping[str, Any]]]:
    """Yield the events of the kernels of each run."""
    run: list[Mapping[str, Any]] = []
    for event in events:
        if event.get("cat") == "Node" and event["name"].endswith(_KERNEL):
            run.append(event)
        elif event.get("name") == _RUN:
            yield run
            run = []


def outermost(run: Sequence[Mapping[str, Any]]) -> list[tuple[Mapping[str, Any], int]]:
    """Return the events of the kernels that run inside no other, and how many ran inside each.

    Those of a loop's body started after it did, and their events come before its own.
    """
    kept: list[tuple[Mapping[str, Any], int]] = []
    for event in run:
        within = 0
        if event["args"]["op_name"] in HOLD_GRAPHS:
            while kept and kept[-1][0]["ts"] >= event["ts"]:
                within += 1 + kept.pop()[1]
        kept.append((event, within))
    return kept


def kernel_of(event: Mapping[str, Any]) -> Kernel:
    """Return the kernel that an event is of."""
    return Kernel(event["name"].removesuffix(_KERNEL), event["args"]["op_name"])


def _numbered(kept: Sequence[tuple[Mapping[str, Any], int]]) -> dict[tuple[Kernel, int], tuple[float, int]]:
    """Return the microseconds of kernels, and how many ran inside each; those of one name are numbered from 1."""
    seen: Counter[Kernel] = Counter()
    found = {}
    for event, within in kept:
        kernel = kernel_of(event)
        seen[kernel] += 1
        found[kernel, seen[kernel]] = (float(event["dur"]), within)
    return found


def nodes(path: Path) -> tuple[GraphNode, ...]:
    """Return the nodes of a model file, without reading weights that are stored beside it."""
    import onnx

    try:
        model = onnx.load(str(path), load_external_data=False)
    except Exception as problem:  # what protobuf and onnx raise on a file that is not a model
        raise BenchError(f"{path}: cannot be read as an ONNX file: {problem}") from problem
    return tuple(
        GraphNode(node.name, node.op_type, tuple(node.input), tuple(node.output), _scopes(node))
        for node in model.graph.node
    )


def _scopes(node: Any) -> str:
    return next((str(one.value) for one in node.metadata_props if one.key == SCOPES), "")
