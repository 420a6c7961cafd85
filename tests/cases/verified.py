"""Verified specs, good and bad."""

from __future__ import annotations

from dataclasses import replace

from costlens.results.latency import MachineFacts
from costlens.results.verification import SCHEMA, Verification, VerifiedSpec, VerifiedVariant

MACHINE = MachineFacts(
    cpu="a processor",
    cpu_isa=(),
    cores=4,
    cores_usable=2,
    virtualised=None,
    power=None,
    accelerators=(),
    memory_bytes=8 * 2**30,
    os="Linux",
    python="3.11.7",
)


GOOD = VerifiedVariant("as-written", ("standard",), 10, 200, 9, "agrees", 3e-7, 0.0, 61.26, "2025-01-31")


WRONG = replace(GOOD, variant="grouped", also=(), verdict="DISAGREES", output_difference="inf", problem="MACs: 1 | 2")


FAILED = VerifiedVariant("factorized", (), 10, 200, 9, "failed", problem="no memory")


UNREAD = VerifiedSpec("specs/c.yaml", "", (), {}, None, "specs/c.yaml:1:1: name: missing")


def spec(name: str, *variants: VerifiedVariant) -> VerifiedSpec:
    return VerifiedSpec(f"specs/{name}.yaml", name, variants, {"costlens": "0.1", "keras": "3.15"}, MACHINE)


MIXED = Verification(SCHEMA, (spec("a", GOOD), spec("b", GOOD, WRONG, FAILED), UNREAD))
