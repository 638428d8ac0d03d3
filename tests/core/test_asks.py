"""What is still missing of a wish that was asked for without waiting any longer."""

from turngate.core.asks import Acknowledged, Lost, Placed, Refused, advance

MISSING = Placed(frozenset(("one", "two")))


def test_item_that_is_answered_late_is_missing_no_more() -> None:
    assert advance(MISSING, Acknowledged("one")) == (Placed(frozenset(("two",))), ())
    assert advance(MISSING, Refused("two")) == (Placed(frozenset(("one",))), ())


def test_new_connection_misses_nothing() -> None:
    assert advance(MISSING, Lost()) == (Placed(), ())
