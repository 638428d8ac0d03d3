"""Sentences are cut while they are said, and joined they are the text."""

from random import Random

import pytest

from turngate.core.sentences import LONGEST, Sentences

TEXTS: dict[str, tuple[str, ...]] = {
    "plain": ("Hello there. ", "How are you? ", "Fine!"),
    "one": ("Hello there",),
    "titles": ("Dr. Smith met Mrs. Jones vs. Mr. Brown. ", "They talked."),
    "initials": ("J. R. R. Tolkien wrote it. ", "Did you know?"),
    "first person": ("So do I. ", "And you?"),
    "letters": ("The U.S. Army came at 9 a.m. sharp. ", "It left at 5 p.m. ", "Then it slept."),
    "for example": ("Fruit, e.g. apples. ", "Or i.e. pears."),
    "numbers": ("Pi is 3.14 or so. ", "It costs $5. ", "See fig. 2 and no. 7. ", "No. ", "Why?"),
    "list": ("1. Bread\n", "2. Butter\n", "3. Milk"),
    "addresses": ("Go to example.com. ", "Or write to a.b@example.com!"),
    "small letter": ('"Stop!" she said. ', "Yahoo! is a name. ", "It costs approx. five."),
    "quotes": ('He said "Go." ', "(She did.) ", "Then… ", "Nothing?! ", "Yes."),
    "ellipsis": ("Well... maybe. ", "Or... ", "No."),
    "chinese": ("你好。", "今天天气怎么样？", "很好！"),  # noqa: RUF001 - of another script
    "japanese": ("「はい。」", "そうです。", "では"),
    "hindi": ("नमस्ते। ", "आप कैसे हैं? ", "ठीक।"),
    "arabic": ("مرحبا. ", "كيف حالك؟ ", "بخير."),
    "armenian": ("Բարև։ ", "Լավ եմ։"),  # noqa: RUF001 - of another script
    "greek": ("Καλημέρα. ", "Τι κάνεις;"),  # noqa: RUF001 - of another script
    "german": ("Das ist z.B. gut. ", "Am Ende bzw. Anfang. ", "Ja."),
    "paragraphs": ("A title\n\n", "A text. ", "Its end\n"),
    "empty lines": ("\n\nFirst.\n", "Second."),
}


def cut(*pieces: str) -> list[str]:
    sentences = Sentences()
    ended = [each for piece in pieces for each in sentences.add(piece)]
    return [*ended, *sentences.finish()]


@pytest.mark.parametrize("name", TEXTS)
def test_text_is_cut_at_its_sentences_however_it_comes(name: str) -> None:
    whole = "".join(TEXTS[name])
    assert cut(whole) == list(TEXTS[name])
    assert cut(*whole) == list(TEXTS[name])
    chance = Random(name)
    for _ in range(20):
        at = sorted(chance.choices(range(len(whole)), k=4))
        pieces = [whole[a:b] for a, b in zip([0, *at], [*at, len(whole)], strict=True)]
        assert cut(*pieces) == list(TEXTS[name])


def test_sentence_is_given_out_when_the_next_begins() -> None:
    sentences = Sentences()
    assert sentences.add("Hello there.") == []
    assert sentences.add(" ") == []
    assert sentences.add("How") == ["Hello there. "]
    assert sentences.finish() == ["How"]
    assert sentences.finish() == []


def test_text_without_an_end_is_cut_at_a_pause() -> None:
    whole = "and so it goes on, " * 40
    pieces = cut(whole)
    assert "".join(pieces) == whole
    assert all(LONGEST // 2 <= len(piece) <= LONGEST for piece in pieces[:-1])
    assert all(piece.endswith(", ") for piece in pieces)


def test_text_without_a_comma_is_cut_between_words() -> None:
    assert all(piece.endswith("word ") for piece in cut("word " * 200))


def test_text_without_a_pause_is_cut_all_the_same() -> None:
    assert list(map(len, cut("字" * (2 * LONGEST + 5)))) == [LONGEST, LONGEST, 5]


def test_text_is_cut_at_the_last_pause_of_its_second_half() -> None:
    start = "x" * (LONGEST // 2)
    early = "x" * (LONGEST // 2 - 1) + ",y" + "x" * LONGEST
    assert cut(f"{start}, a, b, {'z' * LONGEST}, ")[0] == f"{start}, a, b, "
    assert cut(early)[0] == early[:LONGEST]


@pytest.mark.parametrize("length", [LONGEST - 1, LONGEST])
def test_text_that_is_not_too_long_is_not_cut(length: int) -> None:
    assert Sentences().add("a, " * (length // 3)) == []


def test_mark_without_a_word_before_it_ends_a_sentence() -> None:
    assert cut("( . Then") == ["( . ", "Then"]
