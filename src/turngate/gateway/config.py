"""The gateway's configuration: one frozen value, made once at start-up.

It does not know how options are parsed or what is done with them; `loading` makes it from what is
given.
"""

from typing import Annotated, Any, Literal, get_args

import msgspec
from msgspec import Meta

from turngate.dialects.profiles import Dialect
from turngate.dialects.settings_rows import Voice
from turngate.functions.options import HttpFunction, McpServer
from turngate.gateway.allowed import USUAL, Allowed
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

    `loading.load` makes one from flags, environment and file and checks it; made by hand it is
    taken as it is. Field names are the keys of the TOML file; `TURNGATE_` and the name in capitals
    is the environment variable.
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
