"""What a device file stores and allocates beside the count: tables of facts and what they prove."""

from dataclasses import replace

import pytest

from costlens.analysis.ledger import device_checks
from costlens.results.allocated import Allocated, AllocatedKind, DeviceFacts, StoredBytes
from costlens.results.counts import ModelCount, Totals

TOTALS = Totals(flash_bytes=1_000, arena_bytes=400)
COUNT = ModelCount(name="net", batch=1, uncounted=(), totals=TOTALS, status={}, rows=())
MICRO = Allocated("Micro", "1", 400, 90, (AllocatedKind("buffers", 90, 88, 3),))
FACTS = DeviceFacts(1_500, StoredBytes(700, 100, 120, 80, 8, 492), 400, 390, MICRO, 448)


# what is changed: whether the weights and the arena agree, what is said of them
CHANGED = [
    (FACTS, (True, True), "Micro keeps 90 beside them (buffers 90); LiteRT's arena is 448"),
    (replace(FACTS, stored=replace(FACTS.stored, weights=701)), (False, True), "701 are weights and constants"),
    (replace(FACTS, micro=replace(MICRO, activations=419), planned=419), (True, True), "planned in 419"),
    (replace(FACTS, micro=replace(MICRO, activations=416)), (True, True), "16 are scratch buffers of kernels"),
    (replace(FACTS, micro=replace(MICRO, activations=430), planned=430), (True, False), "planned in 430"),
    (replace(FACTS, micro=replace(MICRO, activations=380), planned=380), (True, False), "planned in 380"),
    (replace(FACTS, peak=401), (True, False), "Micro keeps"),
    (replace(FACTS, micro=None, problems=("not installed",)), (True, True), "not installed"),
]


@pytest.mark.parametrize(("facts", "agree", "said"), CHANGED)
def test_checks(facts: DeviceFacts, agree: tuple[bool, bool], said: str) -> None:
    checks = device_checks(COUNT, facts, "int8")
    assert [check.name for check in checks] == ["bytes of weights, int8", "arena, int8"]
    assert tuple(check.agrees for check in checks) == agree
    assert said in f"{checks[0].note}; {checks[1].note}"
    assert f"{facts.stored.rest:,} names and tables" in checks[0].note
