"""The functions that a configuration names: at an HTTP endpoint, or on an MCP server."""

from typing import Annotated, Any

from msgspec import Meta, Struct, field

from turngate.functions.declared import DEADLINE_MS

Text = Annotated[str, Meta(min_length=1)]
Deadline = Annotated[int, Meta(ge=1, le=600_000)]

_NO_ARGUMENTS: dict[str, Any] = {"type": "object", "properties": {}}


class HttpFunction(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A function behind a URL of the operator's: `POST {id, name, arguments}`.

    `parameters` is the JSON schema of the arguments. `headers` go with each request and may hold
    the key of that endpoint. `deadline_ms` is how long the conversation waits.
    """

    name: Text
    url: Text
    description: str = ""
    parameters: dict[str, Any] = field(default_factory=_NO_ARGUMENTS.copy)
    headers: dict[str, str] = {}
    deadline_ms: Deadline = DEADLINE_MS

    def __repr__(self) -> str:
        """Show it without its headers."""
        return f"HttpFunction(name={self.name!r}, url={self.url!r})"


class McpServer(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An MCP server: a `command` that is started, or the `url` of one that runs.

    `tools` are the ones to offer, all if empty; `prefix` is put before their names. `env` is added
    to the command's environment, `headers` to each request; both may hold keys. `deadline_ms` is
    how long the conversation waits for a tool.
    """

    name: Text
    command: tuple[Text, ...] = ()
    url: str = ""
    env: dict[str, str] = {}
    headers: dict[str, str] = {}
    tools: tuple[Text, ...] = ()
    prefix: str = ""
    deadline_ms: Deadline = DEADLINE_MS

    def __post_init__(self) -> None:
        """Refuse a server that cannot be reached in exactly one way."""
        if bool(self.command) == bool(self.url):
            raise ValueError("an MCP server has either a command or a url")

    def __repr__(self) -> str:
        """Show it without its keys."""
        return f"McpServer(name={self.name!r}, command={self.command!r}, url={self.url!r})"
