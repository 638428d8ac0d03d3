import textwrap

import pytest

from turngate.client import declare


def test_a_function_is_declared_by_its_signature_and_docstring() -> None:
    def roll(count: int, sides: int = 6) -> list[int]:
        """Roll dice."""
        return [sides] * count

    declared = declare(roll)
    assert (declared.name, declared.description) == ("roll", "Roll dice.")
    assert declared.parameters == {
        "type": "object",
        "properties": {
            "count": {"type": "integer"},
            "sides": {"type": "integer", "default": 6},
        },
        "required": ["count"],
    }


def test_an_argument_without_annotation_is_refused() -> None:
    with pytest.raises(TypeError, match="argument text of dedent has no annotation"):
        declare(textwrap.dedent)
