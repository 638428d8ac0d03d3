"""What becomes of the fields of the agent's configuration that no field of the session is for.

The reference page is printed from these rows. Where a caller would miss the effect of a field, the
row `is_missed`, and one warning names all such fields of a message, with what is so instead.

Source: Deepgram Voice Agent API, Settings.
"""

from collections.abc import Iterator
from typing import Any, cast

import msgspec
from msgspec import Struct

from turngate.core import limits
from turngate.dialects.settings_rows import TRANSCRIBER
from turngate.wire import agent


class Kept(Struct, frozen=True):
    """Fields without a counterpart, as dotted paths, and what happens to them."""

    source: str
    note: str
    is_missed: bool = False


MODEL = "agent.think.provider.model"

KEPT: tuple[Kept, ...] = (
    Kept("agent as a text", "the agent of the configuration that has this name"),
    Kept("agent.greeting", "spoken word for word once the session is configured"),
    Kept(
        "agent.context.messages",
        "replayed as items of the conversation, without those that are refused; no greeting then",
    ),
    Kept(
        "flags.history",
        "unless it is false, History tells the user's words as they are shown and the agent's when they have been heard",
    ),
    Kept("audio.output.bitrate", "ignored; no encoding here has one to choose", is_missed=True),
    Kept("agent.language", "the language of agent.listen where that names none; it is deprecated"),
    Kept("agent.listen.provider.type, agent.listen.provider.version", "ignored"),
    Kept("agent.listen.provider.model", f"ignored; {TRANSCRIBER} transcribes", is_missed=True),
    Kept("agent.listen.provider.smart_format", "ignored; the transcript is formatted anyway"),
    Kept(
        "agent.listen.provider.language_hints, agent.listen.provider.language_hint",
        "one is the language, as above; several leave it open",
    ),
    Kept("agent.listen.provider.eot_timeout_ms", "kept in any case; silence ends a turn sooner"),
    Kept(
        "agent.listen.provider.eager_eot_threshold",
        "ignored; no answer is begun before the turn is over",
        is_missed=True,
    ),
    Kept(
        "agent.think.provider.type, agent.think.provider.version, "
        "agent.think.provider.voice_prompt_opt_out",
        "ignored",
    ),
    Kept(MODEL, "ignored; the operator chooses the model", is_missed=True),
    Kept(
        "agent.think.provider.temperature, agent.think.provider.reasoning_mode",
        "ignored; the upstream's session has none",
        is_missed=True,
    ),
    Kept(
        "agent.think.provider.credentials, agent.speak.provider.credentials",
        "ignored; the operator's key is used",
        is_missed=True,
    ),
    Kept(
        "agent.think.endpoint, agent.speak.endpoint",
        "ignored; a URL of a client's is never called",
        is_missed=True,
    ),
    Kept("agent.think.context_length", "ignored; the upstream truncates by itself", is_missed=True),
    Kept(
        "agent.think.functions[].endpoint",
        "called where the operator's function_hosts has its host; else the client runs the function",
    ),
    Kept(
        "agent.think.functions[].defer_until_eot",
        "the call is told and run when the response that makes it is over and the user is silent;"
        " if the user goes on before, it is dropped",
    ),
    Kept(
        "agent.think.functions[].initial_agent_filler",
        f"a filler {limits.PROMPT_FILLER_MS} ms after the call, unless the model has announced it;"
        " without agent.think_live too",
    ),
    Kept(
        "agent.think.functions[].agent_filler_max_count",
        "so many more fillers while the function runs; 0 where left out",
    ),
    Kept(
        "agent.think.functions[].agent_filler_interval_ms",
        "the silence before each of these, 1000 to 60000;"
        f" {limits.FILLER_INTERVAL_MS} where left out",
    ),
    Kept("agent.think[1:]", "used where a value of the first entry cannot be had"),
    Kept("agent.speak[1:]", "the first entry is used whose voice the upstream has"),
    Kept(
        "agent.speak.provider.expressivity, agent.speak.provider.volume",
        "ignored; the upstream's voices have none",
        is_missed=True,
    ),
    Kept(
        "agent.speak.provider.model, agent.speak.provider.model_id",
        "a voice of the upstream's under another name, where there is no agent.speak.provider.voice",
    ),
    Kept("agent.speak.provider", "ignored otherwise; the upstream speaks by itself"),
    Kept("agent.think_live", "ignored; there is no companion model", is_missed=True),
    Kept(
        "agent.sessionAudioOutput", "its format in the place of audio.output's, its rest as above"
    ),
    Kept("tags, experimental, mip_opt_out", "ignored"),
)


def missed(message: agent.ClientMessage) -> dict[str, str]:
    """Return the fields present in a message whose effect a caller would miss, and why there is none."""
    whole = msgspec.to_builtins(message)
    root = whole if isinstance(message, agent.Settings) else {"agent": whole}
    return {
        path: row.note
        for row in KEPT
        if row.is_missed
        for path in row.source.split(", ")
        if any(True for _ in values_at(root, path))
    }


def values_at(value: Any, path: str) -> Iterator[Any]:
    """Yield what stands at a dotted path; `[]` behind a name stands for each entry of its list."""
    if not path:
        yield value
        return
    name, _, rest = path.partition(".")
    is_each = name.endswith("[]")
    fields = cast("dict[str, Any]", value) if isinstance(value, dict) else {}
    inner = fields.get(name.removesuffix("[]"))
    for each in inner or () if is_each else (inner,):
        if each is not None:
            yield from values_at(each, rest)
