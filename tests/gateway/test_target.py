from urllib.parse import parse_qs, urlsplit

import pytest
from rich.console import Console

from turngate.dialects.profiles import PROFILES, Dialect
from turngate.emulator.knobs import Knobs, overridden
from turngate.errors import ConfigError, UpstreamUnreachable
from turngate.gateway.config import Config
from turngate.gateway.outbox import Outbox
from turngate.gateway.peer import Peer, Reader
from turngate.gateway.target import Target, for_model, rehearsing, target
from turngate.gateway.upstream import connect

BEARER = {"Authorization": "Bearer k"}
COMPATIBLE = PROFILES["compatible"]


@pytest.mark.parametrize(
    "config, expected",
    [
        (
            Config(upstream="openai", upstream_key="k", model="gpt-realtime-2"),
            Target(
                url="wss://api.openai.com/v1/realtime?model=gpt-realtime-2",
                name="openai",
                headers=BEARER,
            ),
        ),
        (
            Config(
                upstream="azure", upstream_key="k", azure_resource="res", azure_deployment="voice"
            ),
            Target(
                url="wss://res.openai.azure.com/openai/v1/realtime?model=voice",
                name="res.openai.azure.com",
                headers={"api-key": "k"},
                profile=PROFILES["azure"],
            ),
        ),
        (
            Config(upstream="wss://res.example.com", dialect="azure", upstream_key="k"),
            Target(
                url="wss://res.example.com/openai/v1/realtime?model=gpt-realtime",
                name="res.example.com",
                headers={"api-key": "k"},
                profile=PROFILES["azure"],
            ),
        ),
        (
            Config(
                upstream="wss://res.example.com?api-version=2024-10-01-preview",
                dialect="azure-preview",
                model="voice",
            ),
            Target(
                url="wss://res.example.com/openai/realtime"
                "?api-version=2024-10-01-preview&deployment=voice",
                name="res.example.com",
                profile=PROFILES["azure-preview"],
            ),
        ),
        (
            Config(upstream="ws://10.0.0.5:9000"),
            Target(
                url="ws://10.0.0.5:9000/v1/realtime?model=gpt-realtime",
                name="10.0.0.5:9000",
                profile=COMPATIBLE,
            ),
        ),
        (
            Config(upstream="ws://[::1]:9000/", upstream_key="k"),
            Target(
                url="ws://[::1]:9000/v1/realtime?model=gpt-realtime",
                name="[::1]:9000",
                headers=BEARER,
                profile=COMPATIBLE,
            ),
        ),
        (
            Config(upstream="wss://example.com/own/path?region=eu&model=theirs", upstream_key="k"),
            Target(
                url="wss://example.com/own/path?region=eu&model=theirs",
                name="example.com",
                headers=BEARER,
                profile=COMPATIBLE,
            ),
        ),
        (
            Config(upstream="wss://example.com/rt?region=eu", model="a b&c"),
            Target(
                url="wss://example.com/rt?region=eu&model=a+b%26c",
                name="example.com",
                profile=COMPATIBLE,
            ),
        ),
    ],
    ids=[
        "openai",
        "azure",
        "azure by URL",
        "azure preview",
        "plain URL",
        "key over loopback",
        "own model",
        "other query",
    ],
)
def test_rules(config: Config, expected: Target) -> None:
    assert target(config) == expected


@pytest.mark.parametrize(
    "config, echoes",
    [
        (Config(upstream="openai", upstream_key="k"), True),
        (Config(upstream="local"), True),
        (Config(upstream="ws://10.0.0.5:9000"), False),
        (Config(upstream="ws://10.0.0.5:9000", dialect="openai"), True),
        (Config(upstream="ws://10.0.0.5:9000", dialect="older"), False),
    ],
)
def test_only_a_server_that_is_known_to_is_expected_to_echo(config: Config, echoes: bool) -> None:
    assert target(config, "ws://127.0.0.1:41234/v1/realtime").profile.echoes is echoes


@pytest.mark.parametrize(
    "config, place",
    [
        (Config(upstream="openai", upstream_key="k"), "openai (api.openai.com)"),
        (Config(upstream="local"), "local (127.0.0.1:41234)"),
        (Config(upstream="wss://example.com:444/rt"), "example.com:444"),
    ],
)
def test_failure_is_blamed_on_the_host_that_was_tried(config: Config, place: str) -> None:
    assert target(config, "ws://127.0.0.1:41234/v1/realtime").place == place


def test_local_is_where_the_emulator_says_it_is_and_gets_no_key() -> None:
    found = target(Config(upstream="local", upstream_key="k"), "ws://127.0.0.1:41234/v1/realtime")
    assert found.url == "ws://127.0.0.1:41234/v1/realtime?model=gpt-realtime"
    assert (found.name, found.headers) == ("local", {})


@pytest.mark.parametrize(
    "config, says",
    [
        (Config(upstream="openai"), "OPENAI_API_KEY is not set"),
        (Config(upstream="azure"), "TURNGATE_AZURE_RESOURCE is not set"),
        (Config(upstream="azure", azure_resource="r"), "TURNGATE_AZURE_DEPLOYMENT is not set"),
        (
            Config(upstream="azure", azure_resource="r", azure_deployment="d"),
            "AZURE_OPENAI_API_KEY is not set",
        ),
        (Config(upstream="deepgram"), "DEEPGRAM_API_KEY"),
        (Config(upstream="local"), "needs the emulator"),
        (Config(), "not decided"),
        (Config(upstream="ws://10.0.0.5:9000", upstream_key="k"), "to 10.0.0.5 unencrypted"),
    ],
)
def test_what_cannot_be_connected_to_is_told(config: Config, says: str) -> None:
    with pytest.raises(ConfigError, match=says) as caught:
        target(config)
    assert caught.value.field == "upstream"


def test_the_key_is_in_no_representation() -> None:
    found = target(Config(upstream="wss://example.com?sig=secret", upstream_key="secret"))
    console = Console(width=400)
    with console.capture() as shown:
        console.print(found)
    assert "secret" not in repr(found) + shown.get()
    assert "example.com" in repr(found)


def test_only_the_local_upstream_rehearses() -> None:
    local = target(Config(upstream="local"), "ws://127.0.0.1:1/v1/realtime")
    query = parse_qs(urlsplit(rehearsing(local).url).query)
    assert query["model"] == ["gpt-realtime"]
    assert overridden(Knobs(), query["emu"][0]) != Knobs(), "the emulator takes these knobs"
    other = target(Config(upstream="ws://127.0.0.1:1"))
    assert rehearsing(other) == other


@pytest.mark.parametrize("dialect, kept", [("openai", "theirs"), ("azure", "voice")])
def test_a_client_names_the_model_but_not_a_deployment(dialect: Dialect, kept: str) -> None:
    config = Config(upstream="wss://res.example.com/x?a=1", dialect=dialect, model="voice")
    asked = for_model(target(config), "theirs")
    assert asked.url == f"wss://res.example.com/x?a=1&model={kept}"
    assert for_model(target(config), "").url.endswith("model=voice")


def nobody() -> Peer:
    """Return a peer whose reader does not mind what it hears."""

    def ignored(*_: object) -> None:
        pass

    return Peer(Reader(ignored, ignored, ignored, ignored, ignored), Outbox(0), 0)


async def test_connection_that_cannot_be_made_names_the_host() -> None:
    nowhere = Target(url="ws://127.0.0.1:1/v1/realtime", name="openai")
    with pytest.raises(UpstreamUnreachable, match=r"openai \(127\.0\.0\.1:1\): .* nothing listens"):
        await connect(nowhere, nobody())
