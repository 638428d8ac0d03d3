"""A configuration that is printed has everything in it but what is secret."""

from pathlib import Path

import msgspec
import pytest

from turngate.gateway.config import Config
from turngate.gateway.config_shown import REDACTED, shown
from turngate.gateway.loading import load

FILE = """
upstream = "wss://example.com/v1/realtime?key=canary"
upstream_key = "canary-upstream"
client_keys = ["canary-1", "canary-2"]

[limits]
connections = 7

[[function]]
name = "look_up"
url = "https://canary:canary@example.com/look_up?token=canary"
headers = { Authorization = "Bearer canary" }

[[mcp]]
name = "shop"
command = ["shop-server", "--key", "canary"]
env = { SHOP_KEY = "canary" }
"""


def test_everything_is_shown_but_what_is_secret(tmp_path: Path) -> None:
    path = tmp_path / "turngate.toml"
    path.write_text(FILE)
    text = shown(load({"config": path, "port": 9}, {"DEEPGRAM_API_KEY": "canary"}))
    assert b"canary" not in text
    told = msgspec.json.decode(text)
    assert set(told) == set(Config.__struct_fields__)
    assert (told["port"], told["limits"]["connections"]) == (9, 7)
    assert told["limits"]["drain_s"] == 20
    assert told["upstream"] == f"wss://example.com/v1/realtime?{REDACTED}"
    assert told["upstream_key"] == REDACTED
    assert told["client_keys"] == [REDACTED, REDACTED]
    assert told["function"][0]["url"] == f"https://{REDACTED}@example.com/look_up?{REDACTED}"
    assert told["function"][0]["headers"] == {"Authorization": REDACTED}
    assert told["mcp"][0]["command"] == ["shop-server", REDACTED, REDACTED]
    assert told["mcp"][0]["env"] == {"SHOP_KEY": REDACTED}


@pytest.mark.parametrize("upstream", ["local", "wss://example.com", "https://["])
def test_what_is_not_secret_stays_as_it_is(upstream: str) -> None:
    told = msgspec.json.decode(shown(Config(upstream=upstream)))
    assert told["upstream"] == (REDACTED if "[" in upstream else upstream)
    assert told["upstream_key"] is None
    assert told["client_keys"] == []
