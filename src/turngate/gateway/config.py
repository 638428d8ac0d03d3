"""The gateway's configuration: one frozen value, made once at start-up.

It does not know how options are parsed or what is done with them. A value comes from the first of
these that has it: flag, environment, TOML file, default. Every complaint names that place.
"""

import difflib
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple, get_args
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta

from turngate.dialects.profiles import Dialect
from turngate.dialects.settings_rows import Voice
from turngate.errors import ConfigError
from turngate.functions.options import HttpFunction, McpServer
from turngate.gateway import allowed, origin, stored_agents
from turngate.gateway.allowed import USUAL, Allowed
from turngate.gateway.hosts import is_loopback
from turngate.gateway.kinds import plain
from turngate.gateway.mistakes import Mistakes, mistakes_in, unknown
from turngate.wire import agent

UPSTREAM_NAMES = ("local", "openai", "azure", "deepgram")
"""The upstreams known by name; any other value is a URL."""

PROVIDER_KEYS = {
    "openai": "OPENAI_API_KEY",
    "azure": "AZURE_OPENAI_API_KEY",
    "deepgram": "DEEPGRAM_API_KEY",
}
"""Where the key of each named upstream is looked for, unless `TURNGATE_UPSTREAM_KEY` is set."""

SECRETS = frozenset({"upstream_key", "deepgram_key", "client_keys", "function", "mcp", "agents"})
"""Fields whose values appear in no `repr`, message or log."""

TABLES = frozenset({"function", "mcp", "agents", "voices", "limits"})
"""Fields that only the file can hold."""

LISTS = frozenset({"client_keys", "origins", "function_hosts"})
"""Fields that are lists, whose environment variables separate by commas."""

Text = Annotated[str, Meta(min_length=1)]

Seconds = Annotated[int, Meta(ge=0, le=86_400)]

Address = Annotated[str, Meta(pattern=r"^wss?://[^/\s#@]+/[^\s#]*(?![\s\S])")]

Key = Annotated[str, Meta(pattern=r"^[!-~]+(?![\s\S])")]
"""What neither breaks an HTTP header nor breaks out of it: printable ASCII, no space."""


class Config(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All that `serve` and `check` can be told.

    `load` makes one from flags, environment and file and checks it; made by hand it is taken as it
    is. Field names are the keys of the TOML file; `TURNGATE_` and the name in capitals is the
    environment variable.
    """

    host: Annotated[Text, Meta(description="Address to listen on.")] = "127.0.0.1"
    port: Annotated[
        int, Meta(ge=0, le=65535, description="Port to listen on; 0 takes a free one.")
    ] = 8080
    upstream: Annotated[
        str,
        Meta(
            description="local, openai, azure, deepgram, or the ws:// or wss:// URL of a compatible"
            " server. Empty: openai when OPENAI_API_KEY is set, else local."
        ),
    ] = ""
    dialect: Annotated[
        Dialect | None,
        Meta(
            description="How the upstream differs from OpenAI's service; by default as its name says,"
            " and compatible for a URL."
        ),
    ] = None
    turns: Annotated[
        Literal["gateway", "server"],
        Meta(description="Who asks for the response to speech: turngate, or the upstream server."),
    ] = "gateway"
    native_functions: Annotated[
        bool,
        Meta(
            description="Offer the functions to Realtime clients too, and run them unseen by these."
        ),
    ] = False
    reconnect: Annotated[
        bool,
        Meta(
            description="Replace an upstream connection of an agent call that is lost, or that cannot"
            " take a new voice any more, and tell the conversation again on the new one."
        ),
    ] = True
    strict: Annotated[
        bool, Meta(description="Refuse what the agent protocol forbids instead of tolerating it.")
    ] = False
    hold_updates: Annotated[
        bool,
        Meta(
            description="Hold a Realtime client's session.update while a response is active; false"
            " lets it through at once."
        ),
    ] = True
    log_level: Annotated[
        Literal["debug", "info", "warning", "error"],
        Meta(description="The least severe log line that is written."),
    ] = "info"
    log_format: Annotated[
        Literal["console", "json"], Meta(description="How log lines are written.")
    ] = "console"
    model: Annotated[Text, Meta(description="Model asked for upstream.")] = "gpt-realtime"
    voice: Annotated[
        Text | None, Meta(description="Voice asked for upstream, unless the client's is known.")
    ] = None
    azure_resource: Annotated[
        Text | None, Meta(description="Azure OpenAI resource, the first part of its host name.")
    ] = None
    azure_deployment: Annotated[
        Text | None, Meta(description="Azure OpenAI deployment of a realtime model.")
    ] = None
    upstream_key: Annotated[
        Key | None,
        Meta(description="Key presented upstream; the provider's own variable if unset."),
    ] = None
    deepgram_key: Annotated[
        Key | None,
        Meta(
            description="Key that /deepgram-proxy presents to Deepgram; DEEPGRAM_API_KEY if unset."
        ),
    ] = None
    deepgram_url: Annotated[
        Address, Meta(description="Deepgram's own address of the agent protocol, or a region's.")
    ] = "wss://agent.deepgram.com/v1/agent/converse"
    settings_timeout_s: Annotated[
        Seconds,
        Meta(description="Seconds until an agent client has sent Settings; 0 is for ever."),
    ] = 30
    idle_timeout_s: Annotated[
        Seconds,
        Meta(
            description="Seconds that an agent client may send nothing, not even KeepAlive; 0 is for"
            " ever."
        ),
    ] = 60
    call_limit_s: Annotated[
        Seconds, Meta(description="Seconds that an agent client's call may last; 0 is for ever.")
    ] = 7200
    diagnostics: Annotated[
        bool,
        Meta(
            description="Let calls ask for a trace of themselves, which shows all that passes between"
            " client, turngate and upstream, and what waits for what; and let `check --watch` look on."
        ),
    ] = False
    client_keys: Annotated[
        tuple[Key, ...],
        Meta(description="Keys of which clients must present one; none lets every client in."),
    ] = ()
    origins: Annotated[
        tuple[Text, ...],
        Meta(
            description="Origins, such as https://example.com, whose pages may call; pages of the"
            " gateway's own host may anyhow."
        ),
    ] = ()
    tls_cert: Annotated[
        Text | None,
        Meta(description="PEM file of the certificate to serve TLS with, and its chain."),
    ] = None
    tls_key: Annotated[Text | None, Meta(description="PEM file of its private key.")] = None
    functions: Annotated[
        Text | None,
        Meta(description="Python functions to offer: a module, or module:name of its registry."),
    ] = None
    function_hosts: Annotated[
        tuple[Text, ...],
        Meta(
            description="Hosts, or host:port, at which clients may name a function's endpoint;"
            " none lets them name none."
        ),
    ] = ()
    limits: Annotated[Allowed, Meta(description="What clients may do: see the page of limits.")] = (
        USUAL
    )
    function: Annotated[
        tuple[HttpFunction, ...], Meta(description="Functions to offer that run behind a URL.")
    ] = ()
    mcp: Annotated[
        tuple[McpServer, ...], Meta(description="MCP servers whose tools are offered.")
    ] = ()
    agents: Annotated[
        dict[Text, agent.AgentSettings],
        Meta(description="Stored agents, as in Settings, by the name that clients send instead."),
    ] = {}
    voices: Annotated[
        dict[Text, Voice],
        Meta(description="Voices of the upstream, by the names that clients have for them."),
    ] = {}

    def __repr__(self) -> str:
        """Show every field but the keys, of which only the presence is shown."""
        shown = ", ".join(f"{name}={value!r}" for name, value in self.__rich_repr__())
        return f"Config({shown})"

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        """Return field names and values for rich, keys redacted."""
        fields = ((name, getattr(self, name)) for name in self.__struct_fields__)
        return [
            (name, "<redacted>" if name in SECRETS and value else value) for name, value in fields
        ]


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


def schema() -> bytes:
    """Return the JSON schema of the configuration file."""
    return msgspec.json.format(msgspec.json.encode(msgspec.json.schema(Config)), indent=2)


def environment_name(field: str) -> str:
    """Return the environment variable that sets `field`."""
    return f"TURNGATE_{field.upper()}"


def description(field: str) -> str:
    """Return what `field` is for, in a sentence."""
    notes = get_args(Config.__annotations__[field])
    return next(note.description for note in notes if isinstance(note, Meta) and note.description)


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
