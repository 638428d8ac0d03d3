"""In which order the user's lines are shown, and how many are kept for the speech they belong to."""

from turngate.core.limits import REMEMBERED
from turngate.core.lines import Lines


def test_text_that_comes_before_its_utterance_is_known_for_as_long_as_is_remembered() -> None:
    lines = Lines()
    for number in range(REMEMBERED + 1):
        assert lines.written(f"u{number}", "one") == ["one"]
    assert not lines.spoken("u1")
    assert lines.spoken("u0")
    assert lines.awaited() == ["u0"]
