"""The house as its imports draw it."""

from __future__ import annotations

from tests.house.rooms import arrows, floors


def test_rooms_and_floors_are_few_and_no_room_imports_in_a_circle() -> None:
    found = arrows()
    assert len(found) <= 18, sorted(found)
    assert len(floors(found)) <= 11, floors(found)
