"""Facts of this machine that a latency depends on, its caches, and the fingerprint by which results are kept apart."""

import hashlib
import json
import os
import platform
import re
import subprocess
from dataclasses import asdict
from pathlib import Path
from typing import Literal, get_args

from costlens.arithmetic.units import plural
from costlens.results.bounds import CacheFacts
from costlens.results.latency import MachineFacts
from costlens.runtimes import Fingerprint

_ROOT = Path("/")
_Kind = Literal["data", "instruction", "unified"]
_KINDS: dict[str, _Kind] = {kind: kind for kind in get_args(_Kind)}
_UNITS = {"K": 2**10, "M": 2**20, "G": 2**30}
_ISA = ("avx512_vnni", "avx512f", "avx_vnni", "avx2", "avx", "amx_tile", "sve", "asimd")


def machine_facts(root: Path = _ROOT) -> MachineFacts:
    """Read the facts; those that this system does not report are None or empty.

    ``root`` is where ``proc`` and ``sys`` are. Host and user names are left out: reports are meant to be shown.
    """
    cpuinfo = _read(root / "proc/cpuinfo")
    flags = set(_field(cpuinfo, "flags|Features").split())
    return MachineFacts(
        cpu=_cpu(cpuinfo),
        cpu_isa=tuple(name for name in _ISA if name in flags),
        cores=os.cpu_count() or 1,
        cores_usable=_usable_cores(),
        virtualised="hypervisor" in flags if flags else None,
        power=_read(root / "sys/devices/system/cpu/cpu0/cpufreq/scaling_governor") or None,
        accelerators=_accelerators(root),
        memory_bytes=_memory_bytes(),
        os=f"{platform.system()} {platform.machine()}",
        python=platform.python_version(),
    )


def fingerprint(machine: MachineFacts, runtime: Fingerprint) -> str:
    """Return 16 hex digits; results are comparable only where these are equal.

    Left out are Python's version, which does not reach the kernels, the size of memory, which varies a little from boot
    to boot, and graphics cards where the models run on the processor.
    """
    left_out = {"python", "memory_bytes"} | (set() if runtime.device == "cuda" else {"accelerators"})
    told = {name: value for name, value in asdict(machine).items() if name not in left_out}
    facts = {"machine": told, "runtime": asdict(runtime)}
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:16]


_BUNDLES = 3
"""How kernels are timed: another way has tables of its own."""


def kernels_key(machine: MachineFacts, version: str, threads: int) -> tuple[str, str]:
    """Return 16 hex digits of what the time of a kernel in a table depends on, and the same in words.

    Left out is what :func:`fingerprint` leaves out on a processor; no runtime is imported for it.
    """
    left_out = {"python", "memory_bytes", "accelerators"}
    told = {name: value for name, value in asdict(machine).items() if name not in left_out}
    key = hashlib.sha256(json.dumps([told, version, threads, _BUNDLES], sort_keys=True).encode()).hexdigest()[:16]
    vectors = f", {machine.cpu_isa[0]}" if machine.cpu_isa else ""
    return key, f"{machine.cpu}{vectors}, onnxruntime {version}, {plural(threads, 'thread')}"


def caches(root: Path = _ROOT) -> tuple[CacheFacts, ...]:
    """Read the caches of the first core, by level; empty where the system does not report them."""
    folders = sorted((root / "sys/devices/system/cpu/cpu0/cache").glob("index*"))
    return tuple(sorted((c for c in map(_cache, folders) if c), key=lambda c: (c.level, c.kind)))


def last_level(found: tuple[CacheFacts, ...]) -> CacheFacts | None:
    """Return the largest cache that holds data."""
    return max((c for c in found if c.kind != "instruction"), key=lambda c: c.bytes, default=None)


def own_cache(found: tuple[CacheFacts, ...], root: Path = _ROOT) -> CacheFacts | None:
    """Return the largest cache that holds data of the first core alone; the threads of a core are one."""
    try:
        threads = cores_of(_read(root / "sys/devices/system/cpu/cpu0/topology/thread_siblings_list"))
    except ValueError:
        threads = 1
    return last_level(tuple(c for c in found if c.shared_by <= threads))


_MOST_TIMES, _MOST_UNKNOWN = 64, 2**27
"""A last cache of more times the core's own, or of more bytes where that is not known, is other cores' beyond that.

Reading the same bytes again on two virtual cores (Xeon, family 6, model 207) with 2 MiB each and 300 MiB together took
41 µs a MiB up to 64 MiB, 58 of 96, 71 of 128, and 75 from 192 MiB on: at 128 MiB nearly all is out of the cache.
"""


def usable_last(last_bytes: int, own_bytes: int) -> int:
    """Return how much of the last cache a program on a few cores has; own_bytes: 0 where it is not known.

    >>> usable_last(2**25, 2**20) == 2**25, usable_last(300 * 2**20, 2**21) == 2**27, usable_last(2**30, 0) == 2**27
    (True, True, True)
    """
    return min(last_bytes, _MOST_TIMES * own_bytes or _MOST_UNKNOWN)


def cores_of(listed: str) -> int:
    """Count the cores of a list as Linux writes it; ValueError for other text.

    >>> [cores_of(listed) for listed in ("0", "0-3", "0-1,8-9", "0,4")]
    [1, 4, 4, 2]
    """
    ranges = [part.split("-") for part in listed.split(",")]
    return sum(int(ends[-1]) - int(ends[0]) + 1 for ends in ranges)


def _cache(folder: Path) -> CacheFacts | None:
    """Read one cache; None where a file is missing or holds something unknown."""
    level, kind, size, shared = (_read(folder / name) for name in ("level", "type", "size", "shared_cpu_list"))
    try:
        return CacheFacts(int(level), _KINDS[kind.lower()], int(size[:-1]) * _UNITS[size[-1:]], cores_of(shared))
    except (ValueError, KeyError):
        return None


def _cpu(cpuinfo: str) -> str:
    name = _field(cpuinfo, "model name|Model|Hardware")
    numbers = [_field(cpuinfo, key) for key in ("cpu family", "model", "stepping")]
    if name:
        # Virtual machines name a whole family ("AMD EPYC"); the numbers tell its generations apart.
        return f"{name} (family {numbers[0]}, model {numbers[1]}, stepping {numbers[2]})" if all(numbers) else name
    if platform.system() == "Darwin":
        return _sysctl("machdep.cpu.brand_string") or platform.machine()
    return platform.processor() or platform.machine()


def _usable_cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _memory_bytes() -> int | None:
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return None


def _accelerators(root: Path) -> tuple[str, ...]:
    files = sorted((root / "proc/driver/nvidia/gpus").glob("*/information"))
    return tuple(name for name in (_field(_read(file), "Model") for file in files) if name)


def _field(text: str, keys: str) -> str:
    found = re.search(rf"^(?:{keys})[ \t]*:[ \t]*(.*)$", text, re.MULTILINE)
    return found.group(1).strip() if found else ""


def _sysctl(name: str) -> str:
    try:
        asked = subprocess.run(["/usr/sbin/sysctl", "-n", name], capture_output=True, text=True, check=True, timeout=5)
    except (OSError, subprocess.SubprocessError):
        return ""
    return asked.stdout.strip()


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""
