"""What the emulated model says about functions' outputs."""

import msgspec
import pytest

from turngate.emulator.facts import MOST_WORDS, told
from turngate.emulator.refusal import Json

HATS = [{"sku": "H1", "name": "red hat", "euros": 19.0}, {"sku": "H2", "name": "blue hat"}]
MANY = [*HATS, {"title": "wool scarf"}, {"name": "gloves"}, {"name": "socks"}]

EMPTY: Json = {}
NOTHING: list[Json] = []


def of(*outputs: object) -> str:
    """What is said about these outputs, as JSON."""
    return told([msgspec.json.encode(output).decode() for output in outputs])


@pytest.mark.parametrize(
    "output, said",
    [
        ({"error": "There is no product A.", "code": "failed"}, "That did not work: There is no product A."),
        ({"error": "LookupError: no zone is known for X"}, "That did not work: no zone is known for X."),
        ({"error": {"message": "Why?"}}, "That did not work: Why?"),
        ({"error": True, "code": "x"}, "That did not work."),
        ({"error": [EMPTY]}, "That did not work: one entry."),
        ({"error": {"at": EMPTY}}, "That did not work."),
    ],
)  # fmt: skip
def test_an_error_is_owned_up_to(output: object, said: str) -> None:
    assert of(output) == said


@pytest.mark.parametrize(
    "output, said",
    [
        ({"status": "It will follow."}, "It will follow."),
        ({"status": "The call was cancelled."}, "The call was cancelled."),
        ({"status": "The function is running.", "say": "One moment."}, "One moment."),
        ({"status": "shipped"}, "It is shipped."),
        ({"message": "Your order is on its way!"}, "Your order is on its way!"),
    ],
)
def test_a_sentence_is_said_as_it_is(output: object, said: str) -> None:
    assert of(output) == said


@pytest.mark.parametrize(
    "output, said",
    [
        (HATS[:1], "I found red hat."),
        (HATS, "I found red hat and blue hat."),
        (MANY[:3], "I found red hat, blue hat and wool scarf."),
        (MANY, "I found red hat, blue hat and 3 more."),
        ({"products": MANY}, "I found red hat, blue hat and 3 more."),
        (NOTHING, "I found nothing."),
        ([1, "two."], "I found 1 and two."),
        ([EMPTY, EMPTY], "I found 2 entries."),
        ([[1, 2], [3]], "I found 2 entries."),
        ([{"name": "hat"}, EMPTY], "I found hat and 1 more."),
    ],
)
def test_a_list_is_enumerated(output: object, said: str) -> None:
    assert of(output) == said


@pytest.mark.parametrize(
    "output, said",
    [
        ({"city": "Paris", "time": "12:00", "day": "Monday"}, "It is 12:00, Monday in Paris."),
        ({"city": "Paris"}, "It is Paris."),
        ({"order": 7, "for": {"id": 3, "name": "Ann"}, "of": HATS}, "It is 7, Ann, red hat and blue hat."),
        ({"name": "hat", "in_stock": True, "sold": False}, "It is hat, in stock, not sold."),
        ({"answer": {"rolled": 4}}, "It is 4."),
        ({}, "That is done."),
        (None, "That is done."),
        (5, "It is 5."),
    ],
)  # fmt: skip
def test_an_object_is_told_by_its_values(output: object, said: str) -> None:
    assert of(output) == said


def test_a_large_object_is_cut_short() -> None:
    long = {f"field{number}": f"some {number} words" for number in range(100)}
    named = [{"name": "word " * 50} for _ in range(3)]
    wordy = {"text": "word " * 100, "number": 5}
    for output in (long, named, wordy):
        assert len(of(output).split()) <= MOST_WORDS + 2


def test_every_output_is_told() -> None:
    error = '{"error": "The shop is closed."}'
    assert told(["sunny", error, "It is warm.", msgspec.json.encode(HATS).decode()]) == (
        "It is sunny and warm. That did not work: The shop is closed. I found red hat and blue hat."
    )


@pytest.mark.parametrize("depth", [500, 100_000])
def test_however_deep_it_is_something_is_told(depth: int) -> None:
    for opening, closing in (("[", "]"), ('{"a":', "}")):
        assert told([opening * depth + "1" + closing * depth])
