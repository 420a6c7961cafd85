"""The conditions of two stored results: only what the same machine measured in the same way may be compared.

The spread between machines and between jobs is many times that within one job, so a ratio across them says nothing
about the models.
"""

from typing import Any

from costlens.results.latency import LatencyReport

_MACHINE = {
    "cpu": "CPU",
    "cpu_isa": "instruction sets",
    "cores": "cores",
    "cores_usable": "usable cores",
    "virtualised": "virtualised",
    "power": "power state",
    "os": "system",
}
_RUNTIME = {
    "name": "runtime",
    "version": "runtime version",
    "build": "runtime build",
    "device": "device",
    "providers": "providers",
    "provider_options": "provider options",
    "threads": "threads",
    "optimisation": "optimisation",
}


def differences(one: LatencyReport, other: LatencyReport) -> list[str]:
    """Return what differs between the conditions of two results, a phrase each: ``threads: 1 against 2``.

    These are the fingerprint (machine and runtime) and the batch; nothing where the results may be compared.
    """
    found = []
    if one.fingerprint != other.fingerprint:
        found += _unequal(one.machine, other.machine, _MACHINE)
        found += _unequal(one.runtime, other.runtime, _RUNTIME)
        if "cuda" in (one.runtime.device, other.runtime.device):
            found += _unequal(one.machine, other.machine, {"accelerators": "graphics cards"})
        found = found or [f"fingerprint: {one.fingerprint} against {other.fingerprint}"]
    return found + _unequal(one.protocol, other.protocol, {"batch": "batch"})


def _unequal(one: Any, other: Any, names: dict[str, str]) -> list[str]:
    pairs = [(name, getattr(one, field), getattr(other, field)) for field, name in names.items()]
    return [f"{name}: {_in_words(a)} against {_in_words(b)}" for name, a, b in pairs if a != b]


def _in_words(value: Any) -> str:
    if value is None:
        return "not known"
    return ", ".join(map(str, value)) or "none" if isinstance(value, tuple) else str(value)
