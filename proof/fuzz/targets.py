"""What reads what others send, as functions of bytes.

Each lets pass what may be raised for bad input and nothing else, and asserts what must hold of an
input that is taken.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any, cast
from urllib.parse import urlsplit

from picows import WSMsgType, WSTransport
from proof.fuzz.legs import agent_call, native_call
from proof.simulation.network import Frame

from turngate import errors
from turngate.core import events
from turngate.core.native import NativeSession, TurnsKnown
from turngate.core.order import ClientSent, Kind
from turngate.core.session import Session
from turngate.dialects import agent as agent_front
from turngate.dialects import marks
from turngate.dialects import native as native_front
from turngate.dialects import realtime as back
from turngate.dialects.house import House
from turngate.functions.endpoint import Hosts, Refused, read
from turngate.gateway import origin
from turngate.gateway.config import Config
from turngate.gateway.guard import Guard
from turngate.gateway.head import head
from turngate.gateway.outbox import Outbox
from turngate.gateway.peer import Peer, Reader
from turngate.units import Ms
from turngate.wire.codec import (
    decode_client_message,
    decode_server_event,
    unknown_fields,
)

Target = Callable[[bytes], object]

KEY = "the-right-key"
_GUARD = Guard(Config(client_keys=(KEY,), origins=("https://app.example",)))
_HOSTS = Hosts(("api.example.com", "localhost:8080", "10.0.0.1", "[::1]:443"))
_HOUSE = House(session={"audio": {"input": {"turn_detection": {"type": "server_vad"}}}})


def _session() -> Session:
    session = Session()
    session.receive(events.ClientOpened("call"), Ms(0))
    session.receive(events.UpstreamOpened(), Ms(0))
    return session


def _texts(data: bytes) -> Iterator[bytes]:
    """Split into messages, one a line; what is not UTF-8 the frame layer lets nobody see."""
    for text in data.split(b"\n"):
        with suppress(UnicodeDecodeError):
            text.decode()
            yield text


def agent(data: bytes) -> None:
    """Read messages of the agent protocol, one a line, and let a session act on them."""
    session = _session()
    for at, text in enumerate(_texts(data)):
        try:
            message = decode_client_message(text)
            unknown_fields(text, message)
            message, _ = _HOUSE.settle(message)
        except errors.ProtocolError as error:
            session.receive(events.ClientFaulted(error), Ms(at))
            continue
        for event in agent_front.read(message, _HOUSE.session):
            session.receive(event, Ms(at))


def native(data: bytes) -> None:
    """Look at a Realtime client's events, one a line, and let them take their places."""
    session = NativeSession()
    session.receive(TurnsKnown(server_answers=True))
    for ticket, text in enumerate(_texts(data)):
        native_front.is_append(text)
        sent = native_front.look_at(text)
        session.receive(ClientSent(ticket, sent.kind, len(text), sent.makes, sent.about))
        if sent.kind in {Kind.REQUEST, Kind.UPDATE, Kind.UPDATE_INPUT}:
            marked = marks.marked(text, "tg_request_1")
            assert b"tg_request_1" in marked


def upstream(data: bytes) -> None:
    """Read what a Realtime server says, one event a line, for both fronts."""
    session, rude = _session(), NativeSession()
    for at, text in enumerate(_texts(data)):
        marks.unmarked(text, {})
        try:
            event = decode_server_event(text)
        except errors.ProtocolError:
            continue
        for neutral in back.read(event):
            session.receive(neutral, Ms(at))
            rude.receive(neutral)


class _Transport:
    """Takes whatever a peer says."""

    is_close_frame_sent = False

    def send(self, kind: WSMsgType, message: bytes) -> None:
        """Take a message."""

    def send_pong(self, payload: bytes) -> None:
        """Take a pong."""

    def send_close(self, code: object = None, reason: bytes = b"") -> None:
        """Take a close frame, which has a bound."""
        del code
        self.is_close_frame_sent = True
        assert len(reason) <= 123  # noqa: PLR2004 - RFC 6455 section 5.5

    def disconnect(self, graceful: bool = True) -> None:  # noqa: FBT001, FBT002 - picows' signature
        """Take the end."""


class _Unhurried(Peer):
    """A peer without a loop, so that it waits for nobody's close."""

    def _drop_after_deadline(self, transport: WSTransport) -> None:
        del transport


def _ended(code: int, reason: str) -> None:
    del code, reason


_OPCODES = tuple(WSMsgType)
_LIMIT_BYTES = 64


def frames(data: bytes) -> None:
    """Put frames together: an opcode, flags, a length, and the payload, again and again."""
    texts: list[bytes] = []
    binaries: list[bytes] = []
    failures: list[Exception] = []
    reader = Reader(lambda: None, texts.append, binaries.append, failures.append, _ended)
    peer, transport = _Unhurried(reader, Outbox(1 << 16), _LIMIT_BYTES), cast("Any", _Transport())
    peer.on_ws_connected(transport)
    while len(data) > 2:  # noqa: PLR2004 - the three bytes before a payload
        opcode, flags, size = data[0], data[1], data[2]
        payload, data = data[3 : 3 + size], data[3 + size :]
        kind = _OPCODES[opcode % len(_OPCODES)]
        code = None
        if kind is WSMsgType.CLOSE:  # picows lets no other reason pass
            payload, code = payload[:120].decode(errors="ignore").encode(), 900 + opcode * 17
        frame = Frame(kind, payload, fin=bool(flags & 1), code=code)
        frame.rsv1 = flags & 0xF0 == 0xF0  # noqa: PLR2004 - seldom
        peer.on_ws_frame(transport, cast("Any", frame))
    assert not failures, failures
    assert all(len(each) <= _LIMIT_BYTES for each in texts + binaries)
    for text in texts:
        text.decode()


def credentials(data: bytes) -> None:
    """Look for a key in a request: a target, then a header a line."""
    target, *lines = data.decode("latin-1").split("\n")
    fields = [line.partition(":")[::2] for line in lines]
    asked = head(
        "GET",
        target,
        [
            (name.strip().encode("latin-1"), value.strip().encode("latin-1"))
            for name, value in fields
        ],
        is_secure=bool(len(data) % 2),
    )
    if _GUARD.refusal(asked) is None:
        # A query may write any byte in three.
        assert KEY.encode() in data or b"%" in data
    _GUARD.page(asked)


def urls(data: bytes) -> None:
    """Read a URL that a client names, and an origin; what is taken reads the same elsewhere."""
    text = data.decode("utf-8", "replace")
    origin.parsed(text)
    try:
        endpoint = read(text)
    except Refused:
        return
    parts = urlsplit(text)
    written = endpoint.place.host.strip("[]")
    assert parts.hostname == written
    assert (parts.port or endpoint.place.port) == endpoint.place.port
    assert parts.username is None
    try:
        _HOSTS.admit(text)
    except Refused:
        return
    assert written in {"api.example.com", "localhost", "10.0.0.1", "::1"}


TARGETS: dict[str, Target] = {
    "agent_call": agent_call,
    "native_call": native_call,
    "agent": agent,
    "native": native,
    "upstream": upstream,
    "frames": frames,
    "credentials": credentials,
    "urls": urls,
}
