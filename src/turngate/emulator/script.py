"""What the emulated model is told to say: fixtures by text, or a plan response by response.

A file, YAML or JSON, has the fields of `Script`: when the user says X, answer Y, call Z.
"""

import base64
import binascii
from pathlib import Path
from typing import Literal, TypeAlias

import msgspec


class Message(msgspec.Struct, frozen=True, kw_only=True, tag="message"):
    """A message item. modality: None takes what the session or response asks for."""

    text: str = ""
    modality: Literal["text", "audio"] | None = None


class FunctionCall(msgspec.Struct, frozen=True, kw_only=True, tag="function_call"):
    """A function_call item. `arguments` is sent as it is, as JSON text."""

    name: str
    arguments: str = "{}"


class McpCall(msgspec.Struct, frozen=True, kw_only=True, tag="mcp_call"):
    """An mcp_call item: the service itself calls the tool `name` of an MCP server.

    output: what the tool gave back; None lets the call fail.
    """

    server_label: str
    name: str
    arguments: str = "{}"
    output: str | None = ""


class McpApprovalRequest(msgspec.Struct, frozen=True, kw_only=True, tag="mcp_approval_request"):
    """An mcp_approval_request item: the client is asked whether the tool may be called."""

    server_label: str
    name: str
    arguments: str = "{}"


Output: TypeAlias = Message | FunctionCall | McpCall | McpApprovalRequest


class Call(msgspec.Struct, frozen=True):
    """A function the model calls, with its arguments as an object."""

    name: str
    arguments: dict[str, object] = {}


class Reply(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the model answers to a user text.

    match: part of the text that this reply is for, in any case of letters; empty matches all;
    `when` in a file.
    text: what it says; with `calls` it is said before them, and may be empty; `answer` in a file.
    calls: the functions it calls, all in one response.
    then: the reply once all outputs of these calls are in; None uses the outputs in an answer.
    per_delta_ms: pace of this reply; None is the knob's.
    """

    match: str = msgspec.field(default="", name="when")
    text: str = msgspec.field(default="", name="answer")
    calls: tuple[Call, ...] = ()
    then: "Reply | None" = None
    per_delta_ms: float | None = None

    def outputs(self) -> tuple[Output, ...]:
        """Return the items of this reply in order."""
        spoken = (Message(text=self.text),) if self.text or not self.calls else ()
        called = tuple(
            FunctionCall(name=call.name, arguments=msgspec.json.encode(call.arguments).decode())
            for call in self.calls
        )
        return (*spoken, *called)


class Script(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Fixtures come before the rules of the model; a plan comes before the fixtures.

    replies: the first whose `match` is in the user's text is used, each time it matches.
    responses: the outputs of the first, second ... response, whatever was asked.
    transcripts: of the first, second ... spoken turn; None lets the transcription fail.
    mcp_tools: by the label of an MCP server, the tools that it lists; others cannot be reached.
    """

    replies: tuple[Reply, ...] = ()
    responses: tuple[tuple[Output, ...], ...] = ()
    transcripts: tuple[str | None, ...] = ()
    mcp_tools: dict[str, tuple[dict[str, object], ...]] = {}


def decode(plan: bytes | str) -> Script:
    """Return the script of a JSON text.

    Raises:
        msgspec.DecodeError: It is none; the field is named.

    """
    return msgspec.json.decode(plan, type=Script)


def decode_header(header: str) -> Script:
    """Return the script of a base64 header.

    Raises:
        ValueError: It is none.

    """
    try:
        return decode(base64.b64decode(header, validate=True))
    except (binascii.Error, msgspec.DecodeError) as error:
        raise ValueError(f"X-Emulator-Script is not base64 JSON of a script: {error}") from error


def load(path: Path) -> Script:
    """Return the script of a YAML file, or of a JSON file by its suffix.

    Raises:
        OSError: The file cannot be read.
        ImportError: It is YAML, and the library for that is not installed.
        msgspec.DecodeError: It holds no script; the field is named.

    """
    plan = path.read_bytes()
    if path.suffix == ".json":
        return decode(plan)
    return msgspec.yaml.decode(plan, type=Script)
