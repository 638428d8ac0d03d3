"""The table [limits] of the configuration, and its variables."""

from pathlib import Path

import msgspec
import pytest

from turngate.errors import ConfigError
from turngate.gateway.allowed import USUAL, Allowed, notes, variable
from turngate.gateway.config import schema
from turngate.gateway.loading import load


@pytest.fixture
def toml(tmp_path: Path) -> Path:
    return tmp_path / "turngate.toml"


def refused(toml: Path, text: str, environ: dict[str, str] | None = None) -> ConfigError:
    toml.write_text(text)
    with pytest.raises(ConfigError) as caught:
        load({"config": toml}, environ or {})
    return caught.value


def test_nothing_said_is_what_is_usual() -> None:
    assert load({}, {}).limits == USUAL


def test_a_limit_comes_from_its_variable_else_from_the_file(toml: Path) -> None:
    toml.write_text("[limits]\nconnections = 7\naudio_speed = 3\ndrain_s = 1.5\n")
    limits = load({"config": toml}, {"TURNGATE_LIMITS_CONNECTIONS": "9"}).limits
    assert limits == Allowed(connections=9, audio_speed=3, drain_s=1.5)


@pytest.mark.parametrize(
    "text, field, says",
    [
        ("conections = 1", "limits.conections in", "did you mean connections?"),
        ("zzz = 1", "limits.zzz in", "known are connections, connections_per_client"),
        ("connections = 0", "limits.connections in", "0 is not a whole number from 1 to 100000"),
        ("connections = 1.5", "limits.connections in", "1.5 is not a whole number"),
        ("drain_s = 'long'", "limits.drain_s in", "'long' is not a number from 0 to 3600"),
    ],
)
def test_a_bad_limit_is_refused_by_its_place(toml: Path, text: str, field: str, says: str) -> None:
    error = refused(toml, f"[limits]\n{text}\n")
    assert error.field == f"{field} {toml}"
    assert says in error.reason


def test_a_bad_variable_is_refused_by_its_name(toml: Path) -> None:
    error = refused(toml, "", {"TURNGATE_LIMITS_AUDIO_SPEED": "0"})
    assert error.field == "TURNGATE_LIMITS_AUDIO_SPEED"
    assert "'0' is not a number from 1 to 1000" in error.reason


def test_limits_that_are_no_table_are_refused(toml: Path) -> None:
    assert "table" in refused(toml, "limits = 3").reason


@pytest.mark.parametrize("field", Allowed.__struct_fields__)
def test_every_limit_has_its_reason_its_end_and_a_default_within_its_bounds(field: str) -> None:
    said = notes(field)
    assert said.description
    assert (said.extra or {})["then"]
    assert load({}, {variable(field): str(getattr(USUAL, field))}).limits == USUAL


def test_the_schema_has_the_limits() -> None:
    described = msgspec.json.decode(schema())["$defs"]["Allowed"]
    assert set(described["properties"]) == set(Allowed.__struct_fields__)
    assert described["additionalProperties"] is False
