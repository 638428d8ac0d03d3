"""The grammar: what it takes from tools, what it leaves out, and how the words are written."""

import pytest

pytest.importorskip("pocketsphinx", reason="the extra `local` is not installed")

from turngate.emulator.ears.grammar import grammar_for, spoken
from turngate.emulator.ears.lexicon import pronunciations
from turngate.emulator.ears.recogniser import Recogniser
from turngate.emulator.refusal import Json

PIZZA: Json = {
    "type": "function",
    "name": "order_pizza",
    "description": "Bring me something hot. It is made of dough.",
    "parameters": {
        "type": "object",
        "properties": {
            "size": {"type": "string", "enum": ["small", "large", "qwrtzly"]},
            "count": {"type": "integer"},
        },
    },
}


@pytest.mark.parametrize(
    "sentence",
    [
        "hello",
        "what is the weather in hong kong",
        "my order number is four two seven",
        "roll a die with twelve sides",
        "can i speak to a person",
    ],
)
def test_the_demo_is_always_in_it(sentence: str) -> None:
    assert grammar_for([]).accepts(sentence)


@pytest.mark.parametrize("sentence", ["", "what is the weather in", "hello hello", "weather"])
def test_only_whole_sentences_are_accepted(sentence: str) -> None:
    assert not grammar_for([]).accepts(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "please order a small pizza",
        "order pizza",
        "order the pizza small",
        "order pizza with small with two",
        "bring me something hot",
    ],
)
def test_a_tool_brings_sentences(sentence: str) -> None:
    assert grammar_for([PIZZA]).accepts(sentence)
    assert not grammar_for([]).accepts(sentence)


def test_what_has_no_sound_is_left_out_and_listed() -> None:
    grammar = grammar_for([PIZZA, {"name": "xqzt_blrg"}])
    assert grammar.left_out == ("qwrtzly", "[please] xqzt [the | a | my] blrg")
    assert not grammar.accepts("order a qwrtzly pizza")


def test_enumerated_values_come_back_as_they_are_given() -> None:
    tool: Json = {
        "name": "set_mode",
        "parameters": {"properties": {"m": {"enum": ["eco_2", "Max"]}}},
    }
    grammar = grammar_for([tool])
    assert grammar.accepts("set mode to eco two") is bool(pronunciations("eco"))
    assert grammar.written("set mode to max") == "set mode to Max"


@pytest.mark.parametrize(
    "words, text",
    [
        ("what is the time in new york", "what is the time in New York"),
        ("my order number is four two seven", "my order number is 427"),
        ("roll a die with twenty sides", "roll a die with 20 sides"),
        ("roll two dice", "roll 2 dice"),
        ("order pizza with twenty five", "order pizza with 25"),
    ],
)
def test_words_are_written_as_people_write_them(words: str, text: str) -> None:
    assert grammar_for([]).written(words) == text


@pytest.mark.parametrize(
    "written, said",
    [("getTime", "get time"), ("set_room_21", "set room twenty one"), ("B-52", "b fifty two"),
     ("€ 100", "one zero zero"), ("don't", "don't"), ("'", "")],
)  # fmt: skip
def test_names_as_they_are_said(written: str, said: str) -> None:
    assert spoken(written) == said


@pytest.mark.parametrize(
    "tool",
    [
        {"name": None},
        {"name": "a", "parameters": 3},
        {"name": "move", "parameters": {"properties": [1]}},
        {"name": "move", "parameters": {"properties": {"x": {"enum": "abc"}}}},
        {
            "name": "move",
            "parameters": {"properties": {"x": {"enum": [None, 7, {"a": 1}, "<>;|"]}}},
        },
        {"name": "move<NULL>; = |", "description": "Say [this] (now) <that> | and = ;"},
        {"type": "mcp", "server_label": "x"},
    ],
)
def test_a_decoder_takes_the_grammar_whatever_the_tools_are(tool: Json) -> None:
    recogniser = Recogniser(grammar_for([tool]))
    recogniser.begin()
    assert recogniser.finish().words == ""


def test_every_variant_of_a_word_is_found() -> None:
    assert pronunciations("read") == ("read R EH D", "read(2) R IY D")
    assert pronunciations("xqzt") == ()
    assert pronunciations("zyuganov's") != ()
