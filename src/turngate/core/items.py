"""Entries of the conversation that turngate writes."""

from typing import TypeAlias

from msgspec import Struct


class UserText(Struct, frozen=True):
    """What the user wrote, or said in an earlier conversation."""

    text: str


class AgentText(Struct, frozen=True):
    """What the agent said in an earlier conversation."""

    text: str


class PastCall(Struct, frozen=True):
    """A function call of an earlier conversation; `arguments` is JSON text."""

    call_id: str
    name: str
    arguments: str


class CallOutput(Struct, frozen=True):
    """The output of a call."""

    call_id: str
    output: str


class LateResult(Struct, frozen=True):
    """A function's result that came after its call had been given an output."""

    call_id: str
    name: str
    output: str


class StillRunning(Struct, frozen=True):
    """A function takes its time, and the user is to be told so in about these words."""

    call_id: str
    name: str
    say: str


Item: TypeAlias = UserText | AgentText | PastCall | CallOutput | LateResult | StillRunning
