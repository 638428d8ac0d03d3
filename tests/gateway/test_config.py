import tomllib
from pathlib import Path

import msgspec
import pytest
from rich.console import Console

from turngate.errors import ConfigError
from turngate.gateway.config import Config, schema
from turngate.gateway.hosts import is_loopback
from turngate.gateway.loading import load
from turngate.wire import agent


@pytest.fixture
def toml(tmp_path: Path) -> Path:
    return tmp_path / "turngate.toml"


def refused(flags: dict[str, object], environ: dict[str, str]) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        load(flags, environ)
    return caught.value


def test_nothing_given_is_a_local_gateway_on_loopback() -> None:
    assert load({}, {}) == Config(upstream="local")


def test_each_source_wins_over_the_ones_below(toml: Path) -> None:
    toml.write_text('port = 1\nmodel = "from-file"\nvoice = "from-file"\nlog_level = "debug"\n')
    environ = {"TURNGATE_PORT": "2", "TURNGATE_MODEL": "from-env", "TURNGATE_CONFIG": str(toml)}
    config = load({"port": 3, "model": None}, environ)
    assert (config.port, config.model, config.voice) == (3, "from-env", "from-file")
    assert (config.log_level, config.turns) == ("debug", "gateway")


def test_the_file_flag_wins_over_its_variable(toml: Path) -> None:
    toml.write_text("port = 9")
    assert load({"config": toml}, {"TURNGATE_CONFIG": "/nowhere"}).port == 9


def test_every_field_has_its_variable() -> None:
    config = load(
        {},
        {
            "TURNGATE_HOST": "0.0.0.0",  # noqa: S104 - listening widely is what keys are for
            "TURNGATE_UPSTREAM": "wss://example.com",
            "TURNGATE_TURNS": "server",
            "TURNGATE_STRICT": "true",
            "TURNGATE_LOG_LEVEL": "WARNING",
            "TURNGATE_LOG_FORMAT": "json",
            "TURNGATE_VOICE": "marin",
            "TURNGATE_UPSTREAM_KEY": "k",
            "TURNGATE_CLIENT_KEYS": "a, b,",
            "TURNGATE_AZURE_RESOURCE": "r",
            "TURNGATE_AZURE_DEPLOYMENT": "d",
        },
    )
    assert config == Config(
        host="0.0.0.0",  # noqa: S104 - as above
        upstream="wss://example.com",
        turns="server",
        strict=True,
        log_level="warning",
        log_format="json",
        voice="marin",
        upstream_key="k",
        client_keys=("a", "b"),
        azure_resource="r",
        azure_deployment="d",
    )


def test_an_empty_variable_counts_as_unset() -> None:
    assert load({}, {"TURNGATE_PORT": "", "TURNGATE_CLIENT_KEYS": " "}) == Config(upstream="local")


@pytest.mark.parametrize(
    "variable, value, says",
    [
        ("TURNGATE_PORT", "eighty", "'eighty' is not a whole number from 0 to 65535"),
        ("TURNGATE_PORT", "70000", "'70000' is not a whole number from 0 to 65535"),
        ("TURNGATE_TURNS", "client", "'client' is not one of gateway, server"),
        ("TURNGATE_STRICT", "maybe", "'maybe' is not true or false"),
        ("TURNGATE_LOG_LEVEL", "loud", "one of debug, error, info, warning"),
        ("TURNGATE_UPSTREAM", "opneai", "did you mean openai?"),
        ("TURNGATE_UPSTREAM", "somewhere", "none of local, openai, azure, deepgram"),
        ("TURNGATE_UPSTREAM", "https://x", "ws:// or wss://, not https://"),
        ("TURNGATE_UPSTREAM", "ws://", "names no host"),
        ("TURNGATE_UPSTREAM", "ws://x:99999", "not a URL"),
        ("TURNGATE_UPSTREAM", "wss://me:pass@x", "belongs in TURNGATE_UPSTREAM_KEY"),
        ("TURNGATE_UPSTREAM", "wss://x/#part", "behind #"),
    ],
)
def test_a_bad_value_is_refused_by_the_name_of_its_variable(
    variable: str, value: str, says: str
) -> None:
    error = refused({}, {variable: value})
    assert error.field == variable
    assert says in error.reason


def test_a_bad_flag_is_refused_by_its_name() -> None:
    assert refused({"log_level": "loud"}, {}).field == "--log-level"


def test_a_bad_value_in_the_file_is_refused_by_key_and_file(toml: Path) -> None:
    toml.write_text('port = "8080x"')
    assert refused({"config": toml}, {}).field == f"port in {toml}"


def test_the_file_may_say_a_number_as_a_number_only_where_one_belongs(toml: Path) -> None:
    toml.write_text("model = 4")
    assert "is not a text" in refused({"config": toml}, {}).reason


@pytest.mark.parametrize(
    "text, says",
    [("prot = 1", "did you mean port?"), ("zzzz = 1", "known are host, port")],
)
def test_an_unknown_key_in_the_file_is_named_with_the_nearest_known(
    toml: Path, text: str, says: str
) -> None:
    toml.write_text(text)
    error = refused({"config": toml}, {})
    assert error.field == f"{text[:4]} in {toml}"
    assert says in error.reason


def test_a_file_that_cannot_be_read_is_told_by_who_named_it() -> None:
    assert refused({}, {"TURNGATE_CONFIG": "/nowhere"}).field == "TURNGATE_CONFIG"
    error = refused({"config": "/nowhere"}, {})
    assert str(error) == "--config: cannot read /nowhere: No such file or directory"


@pytest.mark.parametrize("content", [b"port = ", b"\xff\xfe"])
def test_a_file_that_is_not_toml_is_refused_by_its_path(toml: Path, content: bytes) -> None:
    toml.write_bytes(content)
    assert refused({"config": toml}, {}).field == str(toml)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.9", "example.com"])  # noqa: S104 - refused
def test_listening_beyond_loopback_needs_client_keys(host: str) -> None:
    error = refused({"host": host}, {})
    assert error.field == "--host"
    assert "TURNGATE_CLIENT_KEYS" in error.reason
    assert load({"host": host}, {"TURNGATE_CLIENT_KEYS": "k"}).host == host


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.9.9", "::1", "localhost"])
def test_loopback_needs_none(host: str) -> None:
    assert is_loopback(host)
    assert load({"host": host}, {}).client_keys == ()


@pytest.mark.parametrize(
    "upstream, environ, key",
    [
        (None, {"OPENAI_API_KEY": "o"}, ("openai", "o")),
        (None, {"OPENAI_API_KEY": "o\n"}, ("openai", "o")),
        ("local", {"OPENAI_API_KEY": "o"}, ("local", None)),
        ("azure", {"AZURE_OPENAI_API_KEY": "a", "OPENAI_API_KEY": "o"}, ("azure", "a")),
        ("deepgram", {"DEEPGRAM_API_KEY": "d"}, ("deepgram", "d")),
        ("openai", {"OPENAI_API_KEY": "o", "TURNGATE_UPSTREAM_KEY": "t"}, ("openai", "t")),
        ("wss://x", {"OPENAI_API_KEY": "o"}, ("wss://x", None)),
        ("wss://x", {"TURNGATE_UPSTREAM_KEY": "t"}, ("wss://x", "t")),
    ],
)
def test_a_key_belongs_to_one_provider(
    upstream: str | None, environ: dict[str, str], key: tuple[str, str | None]
) -> None:
    config = load({"upstream": upstream}, environ)
    assert (config.upstream, config.upstream_key) == key


@pytest.mark.parametrize("variable", ["TURNGATE_UPSTREAM_KEY", "OPENAI_API_KEY"])
@pytest.mark.parametrize("key", ["sk\r\nX: 1", "sk secret", "schlüssel"])
def test_a_key_that_would_break_a_header_is_refused_and_not_shown(variable: str, key: str) -> None:
    error = refused({"upstream": "openai"}, {variable: key})
    assert error.field == variable
    assert key not in str(error)


def test_client_keys_of_commas_alone_do_not_open_the_gateway() -> None:
    assert refused({}, {"TURNGATE_CLIENT_KEYS": " , "}).field == "TURNGATE_CLIENT_KEYS"


def test_keys_are_in_no_representation() -> None:
    config = Config(upstream_key="sk-secret", client_keys=("ck-secret",))
    console = Console(width=400)
    with console.capture() as shown:
        console.print(config)
    assert "secret" not in repr(config) + shown.get()
    assert "upstream_key='<redacted>'" in repr(config)
    assert "client_keys=()" in repr(Config())


def test_the_schema_describes_every_key_of_the_file() -> None:
    described = msgspec.json.decode(schema())["$defs"]["Config"]
    assert set(described["properties"]) == set(Config.__struct_fields__)
    assert all("description" in each for each in described["properties"].values())
    assert described["additionalProperties"] is False


def test_a_file_with_every_kind_of_value_is_taken(toml: Path) -> None:
    toml.write_text('port = 0\nstrict = true\nclient_keys = ["a", "b"]\nturns = "server"\n')
    assert set(tomllib.loads(toml.read_text())) < set(Config.__struct_fields__)
    config = load({"config": toml}, {})
    assert (config.port, config.strict, config.client_keys) == (0, True, ("a", "b"))


AGENTS = """
[agents.reception]
greeting = "Good evening."
[agents.reception.think]
prompt = "You are the night porter."
provider = { type = "open_ai", model = "gpt-realtime" }
[voices]
aura-2-thalia-en = "marin"
"""


def test_stored_agents_and_voices_are_tables_of_the_file(toml: Path) -> None:
    toml.write_text(AGENTS)
    config = load({"config": toml}, {})
    think = config.agents["reception"].think
    assert isinstance(think, agent.ThinkSettings)
    assert think.prompt == "You are the night porter."
    assert config.voices == {"aura-2-thalia-en": "marin"}
    assert "porter" not in repr(config)


@pytest.mark.parametrize(
    "text, told",
    [
        ("[agents.a]\ngreetings = 'Hi'", "did you mean greeting?"),
        ("[agents.a]\ngreeting = 1", "the value is not a text"),
        ("[agents.a.speak.provider]\nspeed = 7", "agent.speak.provider.speed"),
        ("agents = 3", "the value is not a table"),
        ("[voices]\na = 'b'", "'b' is not one of alloy, ash"),
    ],
)
def test_agent_that_cannot_be_had_is_refused_at_the_start(toml: Path, text: str, told: str) -> None:
    toml.write_text(text)
    error = refused({"config": toml}, {})
    assert told in str(error)
    assert str(toml) in str(error)
