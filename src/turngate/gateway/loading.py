"""How the configuration is made: from flags, the environment and a file, in this order.

A value comes from the first of these that has it, else it is the default. Every complaint names the
place where the value stands, and all of them come at once.
"""

import difflib
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import msgspec

from turngate.errors import ConfigError
from turngate.gateway import allowed, origin, stored_agents
from turngate.gateway.allowed import USUAL
from turngate.gateway.config import (
    LISTS,
    PROVIDER_KEYS,
    SECRETS,
    TABLES,
    UPSTREAM_NAMES,
    Config,
    environment_name,
)
from turngate.gateway.hosts import is_loopback
from turngate.gateway.kinds import plain
from turngate.gateway.mistakes import Mistakes, mistakes_in, unknown


class _Given(NamedTuple):
    """A value and the place it came from, as a person would name it; `file` if it stands in one."""

    value: object
    name: str
    file: str = ""

    def at(self, *steps: str | int) -> str:
        """Name what these keys and places (from 0) lead to inside the value."""
        if not self.file:
            return self.name
        keys = ".".join((self.name, *(step for step in steps if isinstance(step, str))))
        entries = ", ".join(f"entry {step + 1}" for step in steps if isinstance(step, int))
        return f"{keys} ({entries}) in {self.file}" if entries else f"{keys} in {self.file}"


def load(flags: Mapping[str, object], environ: Mapping[str, str]) -> Config:
    """Make the configuration from `flags`, `environ` and the TOML file that either names.

    `flags` has field names as keys, and `config` for the path of the file; None means not given. An
    empty environment variable counts as unset. The result's `upstream` is never empty, and its
    `upstream_key` is the one that belongs to that upstream.

    Raises:
        ConfigError: values are not acceptable, two of them do not go together, or the file cannot
            be read; it names the flags, variables or file keys to change, all of them.

    """
    mistakes = Mistakes()
    given = _from_file(flags, environ) | _from_environ(environ) | _from_flags(flags)
    values: dict[str, Any] = {}
    for name, item in given.items():
        _take(name, item, values, mistakes)
    values["limits"] = allowed.overridden(values.get("limits", USUAL), environ, mistakes)
    upstream = values.get("upstream") or ("openai" if environ.get("OPENAI_API_KEY") else "local")
    with mistakes.noted():
        _check_upstream(upstream, given)
    values["upstream"] = upstream
    for field, owner in (("upstream_key", upstream), ("deepgram_key", "deepgram")):
        _take_key(field, owner, values, environ, mistakes)
    _check_origins(values.get("origins", ()), given, mistakes)
    if "agents" in values:
        stored_agents.check(values["agents"], given["agents"].file, mistakes)
    if "host" in values and "client_keys" not in given.keys() - values.keys():
        _check_reach(values["host"], values.get("client_keys", ()), given["host"].at(), mistakes)
    mistakes.tell()
    return Config(**values)


def _from_flags(flags: Mapping[str, object]) -> dict[str, _Given]:
    return {
        name: _Given(value, f"--{name.replace('_', '-')}")
        for name, value in flags.items()
        if value is not None and name != "config"
    }


def _from_environ(environ: Mapping[str, str]) -> dict[str, _Given]:
    found: dict[str, _Given] = {}
    for name in Config.__struct_fields__:
        variable = environment_name(name)
        text = environ.get(variable, "").strip()
        if text and name not in TABLES:
            found[name] = _Given(_split(text) if name in LISTS else text, variable)
    return found


def _from_file(flags: Mapping[str, object], environ: Mapping[str, str]) -> dict[str, _Given]:
    flag = flags.get("config")
    source = "TURNGATE_CONFIG" if flag is None else "--config"
    path = str(environ.get("TURNGATE_CONFIG", "") if flag is None else flag)
    if not path:
        return {}
    try:
        table = tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(source, f"cannot read {path}: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(path, f"not a TOML file: {error}") from error
    return {key: _Given(value, key, path) for key, value in table.items()}


def _split(text: str) -> tuple[str, ...]:
    """Split a comma separated list; nothing but commas stays one empty, hence refused, entry."""
    return tuple(key for part in text.split(",") if (key := part.strip())) or ("",)


def _take(name: str, given: _Given, values: dict[str, Any], mistakes: Mistakes) -> None:
    """Add the value to `values` if it is right."""
    if name not in Config.__struct_fields__:
        mistakes.note(given.at(), unknown(name, Config.__struct_fields__))
        return
    kind = Config.__annotations__[name]
    value = given.value
    if isinstance(value, str) and isinstance(plain(kind), msgspec.inspect.LiteralType):
        value = value.lower()
    strict = not isinstance(value, str)
    wrong = list(mistakes_in(value, kind, shows=name not in SECRETS, strict=strict))
    for each in wrong:
        mistakes.note(given.at(*each.steps), each.reason)
    if not wrong:
        values[name] = msgspec.convert(value, kind, strict=strict)


def _check_upstream(upstream: str, given: Mapping[str, _Given]) -> None:
    if upstream in UPSTREAM_NAMES:
        return
    source = given["upstream"].at()
    names = ", ".join(UPSTREAM_NAMES)
    if "://" not in upstream:
        near = difflib.get_close_matches(upstream.lower(), UPSTREAM_NAMES, n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        raise ConfigError(
            source, f"{upstream!r} is none of {names}, nor a ws:// or wss:// URL{hint}"
        )
    try:
        url = urlsplit(upstream)
        host, _port = url.hostname, url.port
    except ValueError as error:
        raise ConfigError(source, f"not a URL: {error}") from error
    if url.scheme not in {"ws", "wss"}:
        raise ConfigError(source, f"a URL here starts with ws:// or wss://, not {url.scheme}://")
    if not host:
        raise ConfigError(source, "the URL names no host")
    if url.username is not None or url.password is not None:
        raise ConfigError(source, "a key belongs in TURNGATE_UPSTREAM_KEY, not in the URL")
    if url.fragment:
        raise ConfigError(source, "the URL has a part behind #, which a server never sees")


def _check_origins(
    origins: tuple[str, ...], given: Mapping[str, _Given], mistakes: Mistakes
) -> None:
    for each in origins:
        if origin.parsed(each) is None:
            mistakes.note(
                given["origins"].at(),
                f"{each!r} is not an origin; one is a scheme, a host and at most a port, such as"
                " https://example.com",
            )


def _check_reach(host: str, keys: tuple[str, ...], source: str, mistakes: Mistakes) -> None:
    if not is_loopback(host) and not keys:
        mistakes.note(
            source,
            f"{host} can be reached from other machines, so clients need a key: set"
            " TURNGATE_CLIENT_KEYS, or listen on 127.0.0.1",
        )


def _take_key(
    field: str,
    owner: str,
    values: dict[str, Any],
    environ: Mapping[str, str],
    mistakes: Mistakes,
) -> None:
    """Where turngate has no key of its own, take the named provider's, which goes to nobody else."""
    variable = PROVIDER_KEYS.get(owner, "")
    if values.get(field) is None and (key := environ.get(variable, "").strip()):
        _take(field, _Given(key, variable), values, mistakes)
