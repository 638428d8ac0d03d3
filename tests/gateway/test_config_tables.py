"""What is wrong in a table is told by its place, with the nearest known key."""

from pathlib import Path

import pytest

from turngate.errors import ConfigError
from turngate.gateway.loading import load

URL = 'url = "https://example.com"'


@pytest.mark.parametrize(
    "text, field, reason",
    [
        (f'[[function]]\nname = "a"\n{URL}\n[[function]]\nname = "b"\n{URL}\nurll = "x"',
         "function.urll (entry 2) in {}", "unknown key; did you mean url?"),
        ('[[mcp]]\nname = "a"\ncommand = ["x"]\ncomand = ["x"]',
         "mcp.comand (entry 1) in {}", "unknown key; did you mean command?"),
        (f'[[mcp]]\nname = "a"\n{URL}\nzzzz = 1', "mcp.zzzz (entry 1) in {}", "known are deadline_ms"),
        ('[[function]]\nname = "a"', "function.url (entry 1) in {}", "it is missing"),
        ("[[function]]\nname = 3\n" + URL, "function.name (entry 1) in {}",
         "the value is not a text of at least one character"),
        (f'[[function]]\nname = "a"\n{URL}\nheaders = {{ a = 1 }}', "function.headers.a (entry 1) in {}",
         "the value is not a text"),
        ('[mcp]\nname = "a"', "mcp in {}", "the value is not a list of tables"),
        ("[voices]\na = 3", "voices.a in {}", "3 is not one of alloy, "),
        ("[limits]\nconections = 3", "limits.conections in {}", "did you mean connections?"),
        ("[agents.a]\nthnk = 3", "agents.a.thnk in {}", "unknown key; did you mean think?"),
        ("[agents.a]\nthink = [{ provider = { model = 'm' }, promt = 'p' }]",
         "agents.a.think.promt (entry 1) in {}", "unknown key; did you mean prompt?"),
        ("agents = 3", "agents in {}", "the value is not a table"),
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


def test_all_that_is_wrong_is_told_at_once(tmp_path: Path) -> None:
    path = tmp_path / "turngate.toml"
    path.write_text("""
        prot = 8080
        host = "0.0.0.0"
        log_level = "loud"
        origins = ["example.com", "*"]
        [limits]
        connections = 0
        drain_s = "long"
        [[function]]
        nam = "a"
        deadline_ms = 0
        [agents.night]
        greeting = 1
        [agents.day.speak.provider]
        speed = 7
    """)
    with pytest.raises(ConfigError) as caught:
        load({"config": path, "upstream": "opneai"}, {"TURNGATE_LIMITS_STALLED_S": "0"})
    fields = [error.field.replace(f" in {path}", "") for error in caught.value.each()]
    assert sorted(fields) == sorted([
        "prot", "host", "log_level", "origins", "origins", "limits.connections", "limits.drain_s",
        "function.nam (entry 1)", "function.deadline_ms (entry 1)", "function.name (entry 1)",
        "function.url (entry 1)", "agents.night.greeting", "--upstream", "TURNGATE_LIMITS_STALLED_S",
    ])  # fmt: skip
