"""What was heard, on a playout clock."""

from hypothesis import given
from hypothesis import strategies as st

from turngate.audio.playhead import Heard, Playhead


def test_a_burst_plays_one_after_the_other() -> None:
    playhead = Playhead()
    for _ in range(30):
        playhead.note("a", 100, 1000)
    playhead.note("b", 1000, 1000)
    assert playhead.heard(1500) == (Heard("a", 500, 3000), Heard("b", 0, 1000))
    assert playhead.heard(4200) == (Heard("a", 3000, 3000), Heard("b", 200, 1000))
    assert playhead.heard(5000) == (Heard("a", 3000, 3000), Heard("b", 1000, 1000))


def test_a_late_chunk_starts_when_it_comes() -> None:
    playhead = Playhead()
    playhead.note("a", 100, 0)
    assert playhead.heard(450) == (Heard("a", 100, 100),)
    playhead.note("a", 100, 500)
    assert playhead.heard(550) == (Heard("a", 150, 200),)


def test_an_item_that_has_played_is_forgotten_when_another_begins() -> None:
    playhead = Playhead()
    playhead.note("a", 100, 0)
    assert playhead.heard(100) == (Heard("a", 100, 100),)
    playhead.note("b", 100, 200)
    playhead.note("a", 100, 200)
    assert playhead.heard(200) == (Heard("b", 0, 100), Heard("a", 0, 100))


def test_lengths_are_whole_ms_at_the_edge() -> None:
    playhead = Playhead()
    for _ in range(3):
        playhead.note("a", 33.4, 0)
    assert playhead.heard(50.9) == (Heard("a", 50, 100),)


def test_clear_forgets_what_was_to_come() -> None:
    playhead = Playhead()
    playhead.note("a", 5000, 0)
    assert playhead.ends_in_ms(1000) == 4000
    playhead.clear()
    assert playhead.heard(1000) == ()
    assert playhead.ends_in_ms(1000) == 0
    playhead.note("b", 100, 1000)
    assert playhead.heard(1050) == (Heard("b", 50, 100),)


@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(1, 500), st.integers(0, 300)), min_size=1),
    st.integers(0, 5000),
)
def test_nobody_hears_more_than_was_sent_or_than_time_allows(
    chunks: list[tuple[int, int, int]], later_ms: int
) -> None:
    playhead, now_ms = Playhead(), 0
    for item, length_ms, pause_ms in sorted(chunks, key=lambda chunk: chunk[0]):
        now_ms += pause_ms
        playhead.note(f"i{item}", length_ms, now_ms)
    heard = playhead.heard(now_ms + later_ms)
    assert all(0 <= entry.heard_ms <= entry.sent_ms for entry in heard)
    assert sum(entry.heard_ms for entry in heard) <= now_ms + later_ms
    playing = [entry for entry in heard if entry.heard_ms < entry.sent_ms]
    assert all(entry.heard_ms == 0 for entry in playing[1:])
    left_ms = sum(entry.sent_ms - entry.heard_ms for entry in heard)
    assert left_ms == playhead.ends_in_ms(now_ms + later_ms)
