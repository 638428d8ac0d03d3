"""What one side of a connection could know, by what had arrived there; and who spoke too early.

The upstream's own audit does not know what was still on its way to the gateway. Here both are
known: a request or an update is too early if it left although a response that had been announced to
the gateway had not been ended to it, or a request of its own had no answer yet. So is a request
beside a commit of the gateway's that has no answer, unless that has been awaited for long enough.
"""

from collections.abc import Callable
from typing import Protocol

import msgspec
from picows import WSMsgType
from proof.simulation.commits import Commits
from proof.simulation.network import End


class _Response(msgspec.Struct):
    id: str = ""
    conversation_id: str | None = None
    conversation: str | None = None
    status: str | None = None


class _Error(msgspec.Struct):
    code: str | None = None
    event_id: str | None = None


class _Event(msgspec.Struct):
    type: str = ""
    event_id: str | None = None
    response: _Response | None = None
    error: _Error | None = None


_event = msgspec.json.Decoder(_Event)

_DOWN = (
    b'{"type":"response.created"',
    b'{"type":"response.done"',
    b'{"type":"error"',
    b'{"type":"input_audio_buffer.committed"',
)
_OWN_COMMIT = b'"tg_commit_'
_SAY = b"Say exactly: "
"""Before a line that is to be spoken, each of which is another."""


_BEGAN, _ENDED = b'{"type":"AgentStartedSpeaking"', b'{"type":"AgentAudioDone"'
_WARNED, _OF_FAILURE = b'{"type":"Warning"', b'"THINK_REQUEST_FAILED"'
_USER_BEGAN, _CUTTING_IN = b'{"type":"UserStartedSpeaking"', b'"behavior":"interrupt"'


class Answers(Protocol):
    """Takes what the caller knows of the answer asked for last: that nothing more comes of it."""

    def failed(self) -> None:
        """Take that they were told of its failure."""
        ...

    def cut(self, *, is_under_way: bool) -> None:
        """Take that they cut in, and whether the agent was still speaking to them."""
        ...


class Known:
    """Watches the gateway's end of a caller's connection for what they know of their answer.

    What they cut while the upstream is being lost leaves no trace at the other end.
    """

    def __init__(self, answers: Answers) -> None:
        self._answers = answers
        self._agent_speaks = False

    def sent(self, _: End, kind: WSMsgType, payload: bytes) -> None:
        """See what the caller is told: who speaks, that the agent is done, or has failed."""
        if kind is not WSMsgType.TEXT:
            return
        if payload.startswith(_USER_BEGAN):
            self._answers.cut(is_under_way=self._agent_speaks)
        elif payload.startswith(_WARNED) and _OF_FAILURE in payload:
            self._answers.failed()
        self._agent_speaks |= payload.startswith(_BEGAN)
        self._agent_speaks &= not payload.startswith(_ENDED)

    def taken(self, _: End, kind: WSMsgType, payload: bytes) -> None:
        """See the caller have the agent interrupt itself."""
        if kind is WSMsgType.TEXT and _CUTTING_IN in payload[:200]:
            self._answers.cut(is_under_way=self._agent_speaks)


def _read(payload: bytes) -> _Event:
    try:
        return _event.decode(payload)
    except msgspec.MsgspecError:
        return _Event()  # whatever it is, it is no request


class Witness:
    """Watches the gateway's end of one upstream connection; `now_s` is the world's time."""

    def __init__(self, now_s: Callable[[], float]) -> None:
        self._now_s = now_s
        self.too_early: list[str] = []
        self.running: set[str] = set()
        self.unanswered: set[str] = set()
        self.requests = self.updates = self.cancels = self.refusals = 0
        self.questions = 0
        """How many requests were for an answer, and not for a line to be spoken."""
        self.is_settled = False
        """Whether the caller knows of the answer asked for last that nothing more comes of it.

        They cut it off, or were told that it failed.
        """
        self.is_whole = False
        """Whether an answer has come to its end since it was asked for last."""
        self.owes_word = False
        """Whether an answer has failed, and its author was not told and did not cut it off."""
        self._line = b""
        self.ended: set[str] = set()
        self.commits = Commits()
        self.beside_commits = 0
        """For how many commits a request left that could not wait for them any longer."""

    @property
    def has_answers(self) -> bool:
        """Whether anything was asked for here, or the server said something by itself."""
        return bool(self.requests or self.running or self.ended)

    def taken(self, _: End, kind: WSMsgType, payload: bytes) -> None:
        """See what has arrived at the gateway."""
        if kind is not WSMsgType.TEXT or not payload.startswith(_DOWN):
            return
        match _read(payload):
            case _Event("response.created", _, _Response(response_id, str())):
                if response_id not in self.ended:
                    self.running.add(response_id)
                    self.owes_word &= bool(self.unanswered)  # else the server asks again by itself
                    self.unanswered.clear()
            case _Event("response.done", _, _Response(response_id) as over):
                is_new = response_id not in self.ended and not self.is_settled
                self.owes_word |= is_new and over.status in ("failed", "incomplete")
                self.is_whole |= is_new and over.status == "completed"
                self.running.discard(response_id)
                self.ended.add(response_id)
                self.unanswered.clear()
            case _Event("input_audio_buffer.committed"):
                self.commits.taken(self._now_s())
            case _Event("error", error=_Error(code, event_id)):
                self.refusals += code == "conversation_already_has_active_response"
                if event_id is None:  # it may be any of them
                    self.unanswered.clear()
                    self.commits.clear()
                else:
                    self.unanswered.discard(event_id)
                    self.commits.refused(event_id, self._now_s())
            case _:
                pass

    def sent(self, end: End, kind: WSMsgType, payload: bytes) -> None:
        """See what leaves the gateway."""
        if kind is not WSMsgType.TEXT:
            return
        self.cancels += b'"response.cancel"' in payload[:200]
        if b'"conversation.item.truncate"' in payload[:200]:
            self.cut()
        if _OWN_COMMIT in payload[:200]:
            # One that waited for a full connection left before, as far as the session can know.
            left_s = 0.0 if end.is_catching_up else self._now_s()
            self.commits.left(_read(payload).event_id or "", left_s)
        is_request = b'"response.create"' in payload[:200]
        if not is_request and b'"session.update"' not in payload[:200]:
            return
        event = _read(payload)
        if not event.type:
            return
        if event.response is not None and event.response.conversation == "none":
            return
        # What waits for a full connection has left as far as the session can know.
        if self.running and not end.is_catching_up:
            self.too_early.append(f"{event.type} {event.event_id} during {sorted(self.running)}")
        if not is_request:
            self.updates += 1
        else:
            self.requests += 1
            before, self._line = self._line, payload.partition(_SAY)[2].partition(b'"')[0]
            if not self._line:
                self.questions += 1
                self.is_settled = self.owes_word = self.is_whole = False
            elif self._line == before:  # what came of it first does not count
                self.owes_word = False
            self._beside_commits(event, end)
            if self.unanswered:
                self.too_early.append(f"{event.event_id} beside {sorted(self.unanswered)}")
            self.unanswered.add(event.event_id or "")

    def failed(self) -> None:
        """Note that the caller was told of a failure, which may be that of a line."""
        self.is_settled |= not self._line
        self.owes_word = False

    def cut(self) -> None:
        """Note that the caller cut off what the agent said, or was about to say."""
        self.is_settled, self.owes_word = True, False

    def _beside_commits(self, request: _Event, end: End) -> None:
        self.beside_commits += len(self.commits)
        awaited = self.commits.awaited(self._now_s())
        if awaited and not end.is_catching_up:
            self.too_early.append(f"{request.event_id} beside {awaited}")
