"""An update of a block replaces all of it."""

from dialects.configured import update_listen, update_speak, update_think
from turngate.dialects import settings


def test_new_think_block_clears_what_it_leaves_out() -> None:
    assert update_think() == {
        "instructions": "",
        "tools": [],
        "tool_choice": "auto",
        "output_modalities": ["audio"],
        "max_output_tokens": "inf",
    }


def test_no_functions_and_an_empty_list_of_them_are_the_same() -> None:
    assert update_think(functions=[]) == update_think()


def test_new_think_block_sets_what_it_holds() -> None:
    assert update_think(
        prompt="Be kind.", functions=[{"name": "f"}], toolChoice={"type": "function", "name": "f"}
    ) == {
        "instructions": "Be kind.",
        "tools": [
            {"type": "function", "name": "f", "parameters": {"type": "object", "properties": {}}}
        ],
        "tool_choice": {"type": "function", "name": "f"},
        "output_modalities": ["audio"],
        "max_output_tokens": "inf",
    }


def test_stored_prompt_is_not_overruled_by_an_empty_one() -> None:
    stored = update_think(managedPrompt={"id": "pmpt_1", "variables": {"name": "Ada"}})
    assert stored["prompt"] == {"id": "pmpt_1", "variables": {"name": "Ada"}}
    assert "instructions" not in stored
    assert update_think(managedPrompt={"id": ""})["instructions"] == ""
    assert update_think(managedPrompt={"id": "p"}, prompt="Hi")["instructions"] == "Hi"


def test_update_with_no_block_at_all_changes_nothing() -> None:
    assert (settings.from_think((), {}), settings.from_speak(())) == ({}, {})


def test_new_voice_comes_at_the_usual_speed() -> None:
    assert update_speak(voice="echo") == {"audio": {"output": {"voice": "echo", "speed": 1.0}}}
    assert update_speak(model="echo", speed=0.8) == {
        "audio": {"output": {"voice": "echo", "speed": 0.8}}
    }


def test_unknown_voice_leaves_the_old_one() -> None:
    assert update_speak(model="aura-2-thalia-en") == {"audio": {"output": {"speed": 1.0}}}


def test_new_listen_block_names_the_model_again_and_forgets_the_old_language() -> None:
    assert update_listen(language="es", keyterms=["hola"]) == {
        "model": "gpt-4o-transcribe",
        "language": "es",
        "prompt": "hola",
    }
    assert update_listen(language="multi") == {
        "model": "gpt-4o-transcribe",
        "language": None,
        "prompt": "",
    }
