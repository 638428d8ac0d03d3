"""What proof/leaks takes for a leak."""

import pytest
from msgspec.structs import replace
from proof.leaks.run import Left, are_served, nothing_stays

IDLE = Left(resident_bytes=70_000_000, objects=70_000, descriptors=19, tasks=2)
FIRST = replace(IDLE, resident_bytes=72_000_000, objects=70_500)


def test_what_stays_within_bounds_is_no_leak() -> None:
    assert nothing_stays(IDLE, FIRST, replace(FIRST, resident_bytes=73_000_000), "long")


@pytest.mark.parametrize(
    "field, value",
    [("resident_bytes", 74_000_000), ("objects", 72_500), ("descriptors", 20), ("tasks", 3)],
)
def test_what_grows_is_one(field: str, value: int) -> None:
    assert not nothing_stays(IDLE, FIRST, replace(FIRST, **{field: value}), "long")


def test_in_the_short_form_memory_may_still_settle_and_objects_may_not() -> None:
    settled = replace(FIRST, resident_bytes=75_000_000)
    assert nothing_stays(IDLE, FIRST, settled, "short")
    assert not nothing_stays(IDLE, FIRST, replace(settled, objects=70_800), "short")


def test_calls_that_are_not_served_show_nothing() -> None:
    assert are_served({"answer": 900, "given up": 9})
    assert not are_served({"answer": 100, "given up": 9})
