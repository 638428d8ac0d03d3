"""The functions that a configuration names: at an HTTP endpoint, or on an MCP server."""

from typing import Annotated, Any

from msgspec import Meta, Struct, field

from turngate.core import limits
from turngate.core.manners import Manners, OnTurn
from turngate.units import Ms

Text = Annotated[str, Meta(min_length=1)]
Span = Annotated[int, Meta(ge=1, le=600_000)]

_NO_ARGUMENTS: dict[str, Any] = {"type": "object", "properties": {}}


class Mannered(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What can be said of any function's manners; see `core.manners`."""

    deadline_ms: Span = limits.CALL_MS
    on_turn: OnTurn = "wait"
    filler: str = ""
    filler_after_ms: Span = limits.FILLER_MS
    filler_interval_ms: Span = limits.FILLER_INTERVAL_MS
    filler_max_count: Annotated[int, Meta(ge=0, le=100)] = 1
    defer_until_eot: bool = False

    @property
    def manners(self) -> Manners:
        """The same, as the session wants it."""
        return Manners(
            deadline_ms=Ms(self.deadline_ms),
            on_turn=self.on_turn,
            filler=self.filler,
            filler_after_ms=Ms(self.filler_after_ms),
            filler_interval_ms=Ms(self.filler_interval_ms),
            filler_max_count=self.filler_max_count,
            defer_until_eot=self.defer_until_eot,
        )


class HttpFunction(Mannered, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A function behind a URL of the operator's: `POST {id, name, arguments}`.

    `parameters` is the JSON schema of the arguments. `headers` go with each request and may hold
    the key of that endpoint.
    """

    name: Text
    url: Text
    description: str = ""
    parameters: dict[str, Any] = field(default_factory=_NO_ARGUMENTS.copy)
    headers: dict[str, str] = {}

    def __repr__(self) -> str:
        """Show it without its headers."""
        return f"HttpFunction(name={self.name!r}, url={self.url!r})"


class McpServer(Mannered, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An MCP server: a `command` that is started, or the `url` of one that runs.

    `tools` are the ones to offer, all if empty; `prefix` is put before their names. `env` is added
    to the command's environment, `headers` to each request; both may hold keys. The manners are
    those of each tool.
    """

    name: Text
    command: tuple[Text, ...] = ()
    url: str = ""
    env: dict[str, str] = {}
    headers: dict[str, str] = {}
    tools: tuple[Text, ...] = ()
    prefix: str = ""

    def __post_init__(self) -> None:
        """Refuse a server that cannot be reached in exactly one way."""
        if bool(self.command) == bool(self.url):
            raise ValueError("an MCP server has either a command or a url")

    def __repr__(self) -> str:
        """Show it without its keys."""
        return f"McpServer(name={self.name!r}, command={self.command!r}, url={self.url!r})"
