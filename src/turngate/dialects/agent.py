"""The agent protocol to and from the core's words.

Source: Deepgram Voice Agent API.
"""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias, assert_never

from turngate.answers import Severity, answer_to
from turngate.core import effects, events, items
from turngate.core.latency import Latency
from turngate.core.patch import Append
from turngate.core.tools import Call
from turngate.dialects import settings
from turngate.dialects.manners import manners_of
from turngate.errors import (
    AgentHasFloor,
    SettingsRefused,
    TurngateError,
    Unsupported,
    UserHasFloor,
    VoiceKept,
)
from turngate.wire import agent

Base: TypeAlias = Mapping[str, Any]
"""What turngate itself puts into every session, see `settings.own`."""

_ACKNOWLEDGEMENTS: dict[str, agent.ServerMessage] = {
    "Settings": agent.SettingsApplied(),
    "UpdatePrompt": agent.PromptUpdated(),
    "UpdateThink": agent.ThinkUpdated(),
    "UpdateSpeak": agent.SpeakUpdated(),
    "UpdateListen": agent.ListenUpdated(),
}

_PLAIN: dict[type[effects.ToClient], agent.ServerMessage] = {
    effects.AgentThinks: agent.AgentThinking(""),
    effects.AgentFinished: agent.AgentAudioDone(),
    effects.UserStarted: agent.UserStartedSpeaking(),
}

_CALL_ID_CHARACTERS = 32
"""The longest call id that the upstream takes."""

# -- what the client says


def read(message: agent.ClientMessage, base: Base) -> tuple[events.ClientEvent, ...]:
    """Return what a message means. A setting that cannot be had becomes a fault that names it."""
    reading = READS.get(type(message))
    if reading is None:
        return ()
    try:
        return (reading(message, base),)
    except SettingsRefused as refused:
        return (events.ClientFaulted(refused),)


def wants_history(message: agent.Settings) -> bool:
    """Tell whether `History` is to follow each line of the conversation."""
    return message.flags is None or message.flags.history is not False


def functions(message: agent.ClientMessage) -> tuple[agent.Function, ...] | None:
    """Return the functions that a message declares in place of all before; None if it does not."""
    match message:
        case agent.Settings(agent=agent.AgentSettings(think=think)):
            return settings.functions(think)
        case agent.UpdateThink(think):
            return settings.functions(think)
        case _:
            return None


def _settings(message: agent.Settings, base: Base) -> events.ClientEvent:
    patch = settings.from_settings(message, base)
    block = message.agent if isinstance(message.agent, agent.AgentSettings) else None
    context = block.context.messages if block and block.context else None
    past = tuple(item for line in context or () for item in _past(line))
    return events.Configure(
        "Settings",
        patch,
        past,
        (block.greeting if block else None) or "",
        manual_turns=bool(block and block.manual_audio_commit),
        manners=manners_of(settings.functions(block.think) if block else ()),
    )


def _past(line: agent.History) -> tuple[items.Item, ...]:
    if line.function_calls is not None:
        return tuple(item for call in line.function_calls for item in _past_call(call))
    if line.role == "user":
        return (items.UserText(line.content or ""),)
    return (items.AgentText(line.content or ""),)


def _past_call(call: agent.HistoryCall) -> tuple[items.Item, ...]:
    # The call may have been made by another service, whose ids are longer; their ends differ.
    call_id = call.id[-_CALL_ID_CHARACTERS:]
    asked = items.PastCall(call_id, call.name, call.arguments)
    return asked, items.CallOutput(call_id, call.response)


def _update_prompt(message: agent.UpdatePrompt, _: Base) -> events.ClientEvent:
    return events.Reconfigure("UpdatePrompt", {"instructions": Append(message.prompt)})


def _update_think(message: agent.UpdateThink, base: Base) -> events.ClientEvent:
    manners = manners_of(settings.functions(message.think))
    return events.Reconfigure("UpdateThink", settings.from_think(message.think, base), manners)


def _update_speak(message: agent.UpdateSpeak, _: Base) -> events.ClientEvent:
    return events.Reconfigure("UpdateSpeak", settings.from_speak(message.speak))


def _update_listen(message: agent.UpdateListen, base: Base) -> events.ClientEvent:
    return events.Reconfigure("UpdateListen", settings.from_listen(message.listen, base))


def _inject_user(message: agent.InjectUserMessage, _: Base) -> events.ClientEvent:
    return events.UserTyped(message.content)


def _function_result(message: agent.FunctionCallResponse, _: Base) -> events.ClientEvent:
    return events.CallResult(message.id or "", message.name, message.output)


def _inject_agent(message: agent.InjectAgentMessage, base: Base) -> events.ClientEvent:
    if message.text is None:
        return _not_yet(message, base)
    return events.AgentLine(message.text, events.Manner(message.behavior or "default"))


def _force_end_turn(_message: agent.ForceEndTurn, _base: Base) -> events.ClientEvent:
    return events.TurnEnded()


def _not_yet(message: agent.ClientMessage, _: Base) -> events.ClientEvent:
    reason = "turngate does not act on it yet"
    return events.ClientFaulted(Unsupported(str(message.__struct_config__.tag), reason))


READS: dict[type, Callable[[Any, Base], events.ClientEvent]] = {
    agent.Settings: _settings,
    agent.UpdatePrompt: _update_prompt,
    agent.UpdateThink: _update_think,
    agent.UpdateSpeak: _update_speak,
    agent.UpdateListen: _update_listen,
    agent.InjectUserMessage: _inject_user,
    agent.FunctionCallResponse: _function_result,
    agent.InjectAgentMessage: _inject_agent,
    agent.ForceEndTurn: _force_end_turn,
    agent.UpdateThinkLive: _not_yet,
    agent.CustomToThinkProvider: _not_yet,
}

IGNORED: dict[type, str] = {
    agent.KeepAlive: "it shows that the client is there, which any frame does",
}

# -- what the client is told


def write(effect: effects.ToClient) -> tuple[agent.ServerMessage, ...]:
    """Return the messages that tell a client, in order."""
    match effect:
        case effects.Welcome(request_id):
            return (agent.Welcome(request_id),)
        case effects.Acknowledge(change_id):
            return (_ACKNOWLEDGEMENTS[change_id],)
        case effects.ShowUserText(text):
            return (_line("user", text),)
        case effects.ShowAgentText(text):
            return (_line("assistant", text),)
        case effects.AgentStarted(waited_ms, text_ms, tts_ms):
            started = agent.AgentStartedSpeaking(
                total_latency=waited_ms / 1000,
                tts_latency=tts_ms / 1000,
                ttt_latency=text_ms / 1000,
            )
            return (started,)
        case effects.AgentThinks() | effects.AgentFinished() | effects.UserStarted():
            return (_PLAIN[type(effect)],)
        case effects.AskFunctions(calls):
            return (_asked(calls, client_side=True),)
        case effects.CancelFunctions(calls):
            cancelled = tuple(
                agent.CancelledCall(id=each.call_id, name=each.name) for each in calls
            )
            return (agent.FunctionCallCancelled(cancelled),)
        case effects.Report((UserHasFloor() | AgentHasFloor()) as error):
            return (agent.InjectionRefused(str(error)), failure(error))
        case effects.Report(error):
            return (failure(error),)
        case _:
            assert_never(effect)


def _asked(calls: tuple[Call, ...], *, client_side: bool) -> agent.ServerMessage:
    asked = tuple(
        agent.FunctionCall(
            id=call.call_id, name=call.name, arguments=call.arguments, client_side=client_side
        )
        for call in calls
    )
    return agent.FunctionCallRequest(asked)


def running(calls: tuple[Call, ...]) -> agent.ServerMessage:
    """Return what tells a client of functions that the gateway runs."""
    return _asked(calls, client_side=False)


def ran(call: Call, output: str) -> agent.ServerMessage:
    """Return what tells a client of the end of one."""
    return agent.FunctionCallResponse(name=call.name, content=output, id=call.call_id)


def remembered(entry: items.UserText | items.AgentText) -> agent.ServerMessage:
    """Return an entry of the conversation as the client is to remember it."""
    role: agent.Role = "user" if isinstance(entry, items.UserText) else "assistant"
    return agent.History(role, entry.text)


def remembered_call(call: Call, output: str, *, client_side: bool) -> agent.ServerMessage:
    """Return a call that is answered as the client is to remember it."""
    past = agent.HistoryCall(
        id=call.call_id,
        name=call.name,
        client_side=client_side,
        arguments=call.arguments,
        response=output,
    )
    return agent.History(function_calls=(past,))


def timed(latency: Latency) -> agent.ServerMessage:
    """Return what tells a client how long the parts of a turn took."""
    return agent.LatencyReport(
        stt_latency=_seconds(latency.stt_ms),
        ttt_token_latency=_seconds(latency.token_ms),
        ttt_text_latency=_seconds(latency.text_ms),
        ttt_tool_latency=_seconds(latency.tool_ms),
        tts_latency=_seconds(latency.tts_ms),
        total_latency=_seconds(latency.total_ms),
    )


def _seconds(ms: int | None) -> float | None:
    return None if ms is None else ms / 1000


def failure(error: TurngateError) -> agent.ServerMessage:
    """Return a failure as the protocol tells it, in the client's own names."""
    answer = answer_to(error)
    match error:
        case SettingsRefused(field, reason):
            error = SettingsRefused(settings.client_field(field), reason)
        case VoiceKept(field):
            error = VoiceKept(settings.client_field(field))
        case _:
            pass
    told = agent.AgentWarning if answer.severity is Severity.WARNING else agent.Error
    return told(answer.code, str(error))


def _line(role: agent.Role, text: str) -> agent.ServerMessage:
    return agent.ConversationText(role, text, conversational_behavior="default")
