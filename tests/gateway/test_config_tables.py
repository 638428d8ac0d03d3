"""What is wrong in a table is told by its place, with the nearest known key."""

from pathlib import Path

import pytest

from turngate.errors import ConfigError
from turngate.gateway.config import load

URL = 'url = "https://example.com"'


@pytest.mark.parametrize(
    "text, field, reason",
    [
        (f'[[function]]\nname = "a"\n{URL}\n[[function]]\nname = "b"\nurll = "x"',
         "urll in function in {}, entry 2", "unknown key; did you mean url?"),
        ('[[mcp]]\nname = "a"\ncomand = ["x"]',
         "comand in mcp in {}, entry 1", "unknown key; did you mean command?"),
        ('[[mcp]]\nname = "a"\nzzzz = 1', "zzzz in mcp in {}, entry 1", "unknown key; known are "),
        ('[[function]]\nname = "a"', "function in {}", "missing required field `url` (entry 1)"),
        (f"[[function]]\nname = 3\n{URL}", "function in {}", "got `int` (entry 1, name)"),
        ("[voices]\na = 3", "voices in {}", "got `int` (an entry)"),
        ("[limits]\nconections = 3", "conections in limits in {}", "did you mean connections?"),
        ("[agents.a]\nthnk = 3", "agents.a in agents in {}", "no field thnk"),
    ],
)  # fmt: skip
def test_a_wrong_table_is_told_by_its_place(
    text: str, field: str, reason: str, tmp_path: Path
) -> None:
    path = tmp_path / "turngate.toml"
    path.write_text(text)
    with pytest.raises(ConfigError) as caught:
        load({"config": path}, {})
    assert caught.value.field == field.format(path)
    assert reason in caught.value.reason
