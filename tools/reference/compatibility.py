"""The page of compatibility: the agent protocol by message, field and code."""

from collections.abc import Iterable
from typing import get_args

import msgspec
from tools.reference.fields import becomes, field_rows
from tools.reference.markdown import code, first_paragraph, listed, page, table, wire_name
from tools.reference.messages import client_rows
from tools.reference.samples import CALLS, TOLD

from turngate import answers, errors, units
from turngate.core import effects, items
from turngate.core.latency import Latency
from turngate.dialects import agent as front
from turngate.dialects import component, unsaid
from turngate.wire import agent, agent_codes, realtime

LATENCY = Latency(*(units.Ms(1),) * len(Latency.__struct_fields__))
CALL = CALLS[0]


def told_messages() -> list[msgspec.Struct]:
    """Return a sample of each message that is ever told, as full as it gets."""
    present = component.Component()
    heard: realtime.ServerEvent = realtime.ConversationItemInputAudioTranscriptionDelta(
        event_id="e", item_id="item_1", content_index=0, delta="a"
    )
    stopped = realtime.InputAudioBufferSpeechStopped(event_id="e", item_id="item_1")
    refused = effects.Report(errors.UserHasFloor())
    return [
        *(message for effect in (*TOLD, refused) for message in front.write(effect)),
        front.running(CALLS),
        front.ran(CALL, "noon"),
        front.remembered(items.UserText("a")),
        front.remembered_call(CALL, "noon", client_side=True),
        front.timed(LATENCY),
        *(message for event in (heard, stopped) for message in present.told_of(event)),
        present.turn_ended(),
    ]


def told_rows() -> Iterable[tuple[str, str, str, str]]:
    """Yield every message of a server, the fields that turngate fills, and those it never does."""
    samples = told_messages()
    for kind in get_args(agent.ServerMessage):
        filled = {
            name
            for each in samples
            if type(each) is kind
            for name in msgspec.to_builtins(each)
            if name != "type"
        }
        never = [name for name in kind.__struct_encode_fields__ if name not in filled]
        reason = unsaid.MESSAGES.get(kind)
        shown = [name for name in kind.__struct_encode_fields__ if name in filled]
        yield (
            code(wire_name(kind)),
            first_paragraph(kind),
            f"never: {reason}" if reason else listed(shown) or "sent",
            "" if reason else listed(never),
        )


def code_rows() -> Iterable[tuple[str, str, str]]:
    """Yield the documented codes, and turngate's own, with the failures that they are sent for."""
    sent: dict[str, list[str]] = {}
    for kind, answer in answers.ANSWERS.items():
        sent.setdefault(answer.code, []).append(first_paragraph(kind))
    documented = dict.fromkeys(agent_codes.ERROR_CODES, "`Error`")
    documented |= dict.fromkeys(agent_codes.WARNING_CODES, "`Warning`")
    own = {
        answer.code: f"`{answer.severity.value}`, turngate's own"
        for answer in answers.ANSWERS.values()
        if answer.code not in documented
    }
    for each, where in (documented | own).items():
        when = " ".join(sent.get(each, ())) or f"never: {unsaid.CODES[each]}"
        yield code(each), where, when


def compatibility_page() -> str:
    """Return the agent protocol message by message and field by field, and what happens."""
    return page(
        "Compatibility with the Deepgram Voice Agent protocol",
        "Every message and every field of version 1 of the protocol, and what turngate makes of it. "
        "The messages as a conversation: [API](api.md); which upstream event becomes which of them: "
        "[message maps](messages.md).",
        "## What a client sends",
        table(("message", "what it is", "upstream is sent", "the client is told"), client_rows()),
        "Binary frames are audio, in the format of `audio.input`; text frames are JSON. A field that "
        "is not listed here is ignored, and named in the warning `SETTINGS_FIELDS_IGNORED`, once a "
        "call; with `--strict` it is refused.",
        "## Field by field",
        "Paths are those in `Settings`; an `Update...` message has the same block without `agent`. "
        f"`agent` may be a text: {becomes('agent as a text')}. `agent.think` and `agent.speak` may be "
        f"lists; of `think` another entry is {becomes('agent.think[1:]')}, of `speak` "
        f"{becomes('agent.speak[1:]')}.",
        table(("field", "in", "what it is", "what happens"), field_rows()),
        "## What a client is sent",
        "Required fields are always filled. The last three messages are only for a React voice "
        "component that showed itself by its own keys.",
        table(("message", "what it is", "fields that are sent", "never sent"), told_rows()),
        "## Codes",
        "After which of them the connection is closed, and how: [errors](errors.md).",
        table(("code", "in", "when"), code_rows()),
    )
