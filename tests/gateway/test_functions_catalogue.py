"""From a configuration to the functions that every session is offered."""

import sys
from pathlib import Path

import pytest

from gateway.backend import serving
from turngate.errors import ConfigError
from turngate.functions.options import HttpFunction, McpServer
from turngate.gateway.config import Config
from turngate.gateway.functions.catalogue import opened
from turngate.gateway.loading import load

TOML = """
functions = "shop_functions"
function_hosts = ["shop.example", "127.0.0.1:8000"]

[[function]]
name = "order_status"
description = "Tell where an order is."
url = "http://127.0.0.1:8000/functions"
deadline_ms = 5000
on_turn = "keep"
headers = { Authorization = "Bearer hush" }

[function.parameters]
type = "object"
required = ["number"]
[function.parameters.properties.number]
type = "string"

[[mcp]]
name = "crm"
command = ["python", "crm.py"]
prefix = "crm_"
"""

PYTHON = """
from turngate.functions import Registry
functions = Registry()

@functions.register
def stock(item: str) -> int:
    return 2
"""


def test_functions_stand_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "turngate.toml"
    path.write_text(TOML)
    config = load({"config": path}, {})
    assert config.functions == "shop_functions"
    assert config.function_hosts == ("shop.example", "127.0.0.1:8000")
    (function,) = config.function
    assert (function.name, function.manners.on_turn) == ("order_status", "keep")
    assert config.mcp[0].command == ("python", "crm.py")
    assert "hush" not in repr(config)


def test_hosts_may_come_from_the_environment() -> None:
    config = load({}, {"TURNGATE_FUNCTION_HOSTS": "a.example, b.example:8443"})
    assert config.function_hosts == ("a.example", "b.example:8443")


def test_tables_may_not(tmp_path: Path) -> None:
    assert load({}, {"TURNGATE_MCP": "x", "TURNGATE_FUNCTION": "y"}).mcp == ()
    del tmp_path


@pytest.mark.parametrize(
    "toml, says",
    [
        ('[[function]]\nname = "a"', "function.url (entry 1) in "),
        ('[[function]]\nname = "a"\nurl = "x"\ndeadline = 5', "did you mean deadline_ms?"),
        ('[[mcp]]\nname = "a"', "either a command or a url"),
        ('function_hosts = "a"', "is not a list of texts of at least one character"),
    ],
)
def test_a_wrong_table_is_named(toml: str, says: str, tmp_path: Path) -> None:
    path = tmp_path / "turngate.toml"
    path.write_text(toml)
    with pytest.raises(ConfigError) as caught:
        load({"config": path}, {})
    assert says in str(caught.value)
    assert str(path) in str(caught.value)


async def test_all_kinds_are_one_list(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "shop_functions.py").write_text(PYTHON)
    monkeypatch.chdir(tmp_path)
    async with serving() as backend:
        config = Config(
            functions="shop_functions",
            function=(HttpFunction(name="time", url=backend.url("/text"), on_turn="cancel"),),
        )
        async with opened(config) as catalogue:
            assert [tool["name"] for tool in catalogue.tools()] == ["stock", "time"]
            assert catalogue.manners()["time"].on_turn == "cancel"
            assert catalogue.find("fly") is None
            time = catalogue.find("time")
            assert time is not None
            assert await time.run("c1", "{}") == "noon"
            assert catalogue.way is None
    sys.modules.pop("shop_functions")


async def test_nothing_configured_is_an_empty_catalogue() -> None:
    async with opened(Config()) as catalogue:
        assert catalogue.tools() == []
        assert catalogue.way is None


HTTP = "https://shop.example/"


@pytest.mark.parametrize(
    "config, says",
    [
        (Config(function_hosts=("https://a/",)), "function_hosts: 'https://a/' is neither a host"),
        (Config(function=(HttpFunction(name="a", url="ftp://a/"),)), "function a: the URL is not"),
        (Config(function=(HttpFunction(name="a b", url=HTTP),)), "function a b: the function name"),
        (
            Config(function=(HttpFunction(name="a", url=HTTP, parameters={"type": "x"}),)),
            "function a: type: 'x' is not valid",
        ),
        (
            Config(function=(HttpFunction(name="a", url=HTTP, headers={"Host": "b"}),)),
            "function a: a header is not well formed",
        ),
        (
            Config(function=(HttpFunction(name="a", url="http://b/", headers={"K": "v"}),)),
            "function a: its headers would go unencrypted; use https://",
        ),
        (
            Config(function=(HttpFunction(name="a", url=HTTP), HttpFunction(name="a", url=HTTP))),
            "functions: there are two functions named a",
        ),
        (Config(functions="no.such.module"), "functions: cannot import no.such.module"),
        (Config(mcp=(McpServer(name="crm", command=("no-such",)),)), "mcp: crm: its command"),
    ],
    ids=range(9),
)
async def test_what_cannot_be_offered_is_named(config: Config, says: str) -> None:
    with pytest.raises(ConfigError) as caught:
        async with opened(config):
            pass
    assert says in str(caught.value)


async def test_keys_may_go_to_this_machine_unencrypted() -> None:
    function = HttpFunction(name="a", url="http://127.0.0.1:1/", headers={"Authorization": "x"})
    async with opened(Config(function=(function,))) as catalogue:
        assert catalogue.find("a") is not None
