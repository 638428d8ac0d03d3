"""Where in an item's audio its words are, from nothing but the order and the lengths of deltas."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from turngate.core.sentences import LONGEST
from turngate.core.speech import USUAL_MS, Pace, Speech, letters

ONE, TWO = "Once upon a time. ", "There was a king."
LETTER_MS = 100


def whole(text: str = ONE + TWO, length_ms: int | None = None, pace: Pace | None = None) -> Speech:
    """Return an item of which all is there, the text first."""
    speech = Speech(pace or Pace())
    speech.add(text)
    speech.finish()
    speech.generated(len(text) * LETTER_MS if length_ms is None else length_ms)
    speech.end_audio()
    return speech


def test_length_of_an_item_gives_its_pace() -> None:
    speech = whole()
    assert [each.text for each in speech.sentences] == [ONE, TWO]
    assert speech.begins_ms(0) == 0
    assert speech.begins_ms(1) == speech.ends_ms(0) == len(ONE) * LETTER_MS
    assert speech.ends_ms(1) == len(ONE + TWO) * LETTER_MS


@pytest.mark.parametrize(
    "heard_ms, words",
    [(-1, ""), (0, ""), (499, ""), (500, "Once "), (1_200, "Once upon a "), (1_800, ONE)],
)
def test_words_that_are_over_were_heard(heard_ms: int, words: str) -> None:
    assert whole().heard(0, heard_ms) == words


def test_pace_is_learned_and_serves_the_next_item() -> None:
    pace = Pace()
    whole(pace=pace)
    speech = Speech(pace)
    speech.add(ONE + "T")
    assert speech.ends_ms(0) == len(ONE) * LETTER_MS


def test_short_item_teaches_nothing() -> None:
    pace = Pace()
    whole("Yes.", 900, pace)
    assert pace.letter_ms == USUAL_MS


def test_audio_that_is_there_shows_that_the_voice_is_slow() -> None:
    speech = Speech(Pace())
    speech.add(ONE + "T")
    assert speech.begins_ms(0) == 0
    assert speech.ends_ms(0) == len(ONE) * USUAL_MS
    speech.generated(len(ONE + "T") * LETTER_MS)
    assert speech.ends_ms(0) == len(ONE) * LETTER_MS


def test_sentence_begins_no_earlier_than_its_text_came() -> None:
    speech = Speech(Pace())
    speech.add(ONE)
    speech.generated(3_000)
    speech.add(TWO)
    speech.finish()
    assert speech.begins_ms(1) == 3_000
    assert speech.heard(0, 2_999) == ONE
    speech.generated(3_000 + len(TWO) * LETTER_MS)
    speech.end_audio()
    assert speech.begins_ms(1) == 3_000


def test_text_that_comes_after_its_audio_has_no_place_in_it() -> None:
    speech = Speech(Pace())
    speech.generated(len(ONE + TWO) * LETTER_MS)
    speech.add(ONE)
    speech.add(TWO)
    speech.finish(ONE + TWO)
    speech.end_audio()
    assert speech.begins_ms(0) == 0
    assert speech.begins_ms(1) == len(ONE) * LETTER_MS


def test_whole_text_counts_where_the_pieces_were_others() -> None:
    speech = Speech(Pace())
    speech.add("Onc")
    speech.finish(TWO)
    assert [each.text for each in speech.sentences] == [TWO]


def test_sentence_that_was_given_out_stays_as_it_was() -> None:
    speech = Speech(Pace())
    speech.add(ONE + "The")
    speech.finish("Something else.")
    assert [each.text for each in speech.sentences] == [ONE, "The"]


def test_white_space_is_no_sentence() -> None:
    speech = Speech(Pace())
    speech.finish("\n\n")
    speech.generated(500)
    speech.end_audio()
    assert speech.sentences == []
    assert whole("", 500).sentences == []


def test_other_scripts_take_their_time() -> None:
    assert letters("7") > letters("a") == 1
    assert letters("你") > letters("a")
    assert letters("e\N{COMBINING ACUTE ACCENT}") == 1
    speech = whole("你好世界。", 5_000)
    assert speech.heard(0, 2_000) == "你好"


@given(
    st.lists(st.text(st.characters(codec="utf-8"), max_size=20), max_size=10),
    st.lists(st.integers(0, 2_000), min_size=10, max_size=10),
    st.floats(0, 20_000),
)
def test_more_is_heard_later_and_never_more_than_was_said(
    deltas: list[str], lengths: list[int], heard_ms: float
) -> None:
    speech, generated_ms = Speech(Pace()), 0
    for delta, length_ms in zip(deltas, lengths, strict=False):
        speech.add(delta)
        generated_ms += length_ms
        speech.generated(generated_ms)
    speech.finish("".join(deltas))
    speech.end_audio()
    begins = [speech.begins_ms(index) for index in range(len(speech.sentences))]
    assert begins == sorted(begins)
    assert all(begin <= generated_ms for begin in begins)
    for index, sentence in enumerate(speech.sentences):
        early, late = speech.heard(index, heard_ms), speech.heard(index, heard_ms + 500)
        assert sentence.text.startswith(late)
        assert late.startswith(early)
        assert speech.heard(index, generated_ms) == sentence.text


@pytest.mark.parametrize(
    "length_ms, spoken, letter_ms",
    [(2_000, 20, 100), (2_000, 19.9, USUAL_MS), (0, 20, USUAL_MS), (1, 20, 0.05)],
)
def test_what_an_item_teaches(length_ms: float, spoken: float, letter_ms: float) -> None:
    pace = Pace()
    pace.learn(length_ms, spoken)
    assert pace.letter_ms == letter_ms


def test_sentence_begins_no_later_than_its_item_ends() -> None:
    speech = Speech(Pace())
    speech.generated(100)
    speech.add("x" * 88 + ". ")
    speech.add("Yes. ")
    speech.finish("x" * 88 + ". Yes. Well.")
    speech.generated(1_000)
    speech.end_audio()
    assert [speech.begins_ms(index) for index in range(3)] == [100, 1_000, 1_000]


def test_sentence_that_has_not_ended_counts_however_its_pieces_came() -> None:
    speech = Speech(Pace())
    for piece in (ONE + "There", " was a", " king"):
        speech.add(piece)
    speech.generated(len(ONE + "There was a king") * LETTER_MS)
    assert speech.ends_ms(0) == len(ONE) * LETTER_MS


def test_other_text_than_was_cut_already_adds_nothing() -> None:
    speech = Speech(Pace())
    speech.add(ONE + "There")
    speech.finish("Twice upon a time. There was a queen.")
    assert [each.text for each in speech.sentences] == [ONE, "There"]


def test_part_of_a_text_without_an_end_is_as_old_as_its_first_piece() -> None:
    speech = Speech(Pace())
    for place in range(LONGEST // 10 + 1):
        speech.generated(place)
        speech.add("and so on,")
    assert [each.after_ms for each in speech.sentences] == [0]
    speech.generated(1_000)
    speech.finish()
    assert [each.after_ms for each in speech.sentences] == [0, LONGEST // 10]


def test_text_without_a_letter_takes_no_time() -> None:
    speech = whole("\N{COMBINING ACUTE ACCENT}", 0)
    assert speech.ends_ms(0) == 0
    unfinished = Speech(Pace())
    unfinished.add("\N{COMBINING ACUTE ACCENT}")
    unfinished.stop()
    assert unfinished.ends_ms(0) == 0


@pytest.mark.parametrize("after_ms, begins_ms", [(150, 150), (151, 0)])
def test_pauses_are_no_more_than_a_part_of_an_item(after_ms: int, begins_ms: int) -> None:
    speech = Speech(Pace())
    speech.generated(after_ms)
    speech.add("x" * 100)
    speech.finish()
    speech.generated(1_000)
    speech.end_audio()
    assert speech.begins_ms(0) == begins_ms
