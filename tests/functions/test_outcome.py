"""What the model is told of a function's end."""

import msgspec
import pytest

from turngate.functions import Failure, FunctionError
from turngate.functions.outcome import capped, failure_of, text_of


def test_a_string_is_told_as_it_is_and_anything_else_as_json() -> None:
    assert text_of("noon") == "noon"
    assert text_of({"time": "noon", "zone": None}) == '{"time":"noon","zone":null}'
    assert text_of(None) == "null"


def circle() -> list[object]:
    found: list[object] = []
    found.append(found)
    return found


@pytest.mark.parametrize("value", [object(), {("a", "b"): 1}, circle()], ids=type)
def test_what_json_cannot_carry_is_a_failure(value: object) -> None:
    with pytest.raises(FunctionError) as caught:
        text_of(value)
    assert caught.value.code is Failure.FAILED


def test_an_error_has_a_sentence_and_a_code() -> None:
    told = failure_of(FunctionError("There is no order 7.", Failure.FAILED), 100)
    assert msgspec.json.decode(told) == {"error": "There is no order 7.", "code": "failed"}


def test_an_error_is_capped_too() -> None:
    assert len(failure_of(FunctionError("x" * 1_000_000), 100)) < 200


@pytest.mark.parametrize("text", ["", "a" * 100, "a" * 24, "é" * 50, "😀" * 25])
def test_what_is_not_too_long_stays(text: str) -> None:
    assert capped(text, 100) == text


@pytest.mark.parametrize("letter", ["a", "é", "€", "😀"])
def test_what_is_too_long_is_cut_between_letters_and_says_so(letter: str) -> None:
    kept, _, note = capped(letter * 1000, 101).partition("\n")
    assert set(kept) == {letter}
    assert 101 - 4 < len(kept.encode()) <= 101
    assert note == f"[cut: the first 101 of {len(letter.encode()) * 1000} bytes]"


def test_ten_mebibytes_are_cut() -> None:
    assert len(capped("x" * (10 * 1024 * 1024), 65_536)) < 65_536 + 100


def test_half_a_character_does_not_stop_it() -> None:
    assert capped("\ud800" * 100, 10).startswith("?" * 10)
