"""Frames become messages, over a real connection."""

import asyncio
import logging
from collections.abc import Iterator

import pytest
from picows import WSMsgType

from gateway.conftest import Bounds
from gateway.far import Far
from gateway.joined import LIMIT_BYTES, joined
from turngate.gateway.picows_log import PicowsLog

TEXT, BINARY = WSMsgType.TEXT, WSMsgType.BINARY


def frame(first_byte: int, content: bytes) -> bytes:
    """Return a frame that picows does not send: masked with zeros."""
    size = len(content)
    length = bytes([0x80 | size]) if size <= 125 else b"\xfe" + size.to_bytes(2, "big")
    return bytes([first_byte]) + length + bytes(4) + content


SECOND_CLOSE, NO_FRAME = frame(0x88, b"\x03\xe9second"), frame(0x8F, b"")


def write(far: Far, first_byte: int, content: bytes) -> None:
    far.transport.underlying_transport.write(frame(first_byte, content))


async def test_opcode_tells_text_from_audio() -> None:
    async with joined() as (far, heard):
        far.say("12")
        far.say(b"12")
        await far.barrier()
        assert heard.messages == ["12", b"12"]


@pytest.mark.parametrize("kind", [TEXT, BINARY])
async def test_fragments_are_joined_past_control_frames_between_them(kind: WSMsgType) -> None:
    async with joined() as (far, heard):
        far.say_in_pieces(kind, b"one ", b"", b"two ", b"three", between=True)
        far.say_in_pieces(TEXT, b"next ", b"message")
        await far.barrier()
        whole = "one two three" if kind is TEXT else b"one two three"
        assert heard.messages == [whole, "next message"]


async def test_message_at_its_limit_passes_whole_and_in_pieces() -> None:
    async with joined() as (far, heard):
        far.say(bytes(LIMIT_BYTES))
        far.say_in_pieces(BINARY, bytes(LIMIT_BYTES - 1), bytes(1))
        await far.barrier()
        assert [len(message) for message in heard.messages] == [LIMIT_BYTES, LIMIT_BYTES]


@pytest.mark.parametrize(
    "sizes",
    [(LIMIT_BYTES + 1,), (LIMIT_BYTES, 1), (1, LIMIT_BYTES), (600, 600, 600), (400, 300, 400)],
    ids=str,
)
async def test_message_beyond_its_limit_closes_with_1009(sizes: tuple[int, ...]) -> None:
    async with joined() as (far, heard):
        far.say_in_pieces(BINARY, *(bytes(size) for size in sizes))
        far.say("after it")
        assert await far.is_closed() == (1009, "message too big")
        assert heard.messages == []
        assert await heard.end == (1009, "message too big")


async def test_too_many_pieces_close_with_1009(bounds: Bounds) -> None:
    bounds(FRAGMENTS=3)
    async with joined() as (far, heard):
        far.say_in_pieces(TEXT, b"a", b"b", b"c")
        await far.barrier()
        assert heard.messages == ["abc"]
        far.say_in_pieces(TEXT, b"a", b"b", b"c", b"d")
        assert (await far.is_closed())[0] == 1009


async def test_piece_of_no_message_closes_with_1002() -> None:
    async with joined() as (far, heard):
        far.say_in_pieces(BINARY, b"a", b"b")
        far.transport.send(WSMsgType.CONTINUATION, b"c")
        assert await far.is_closed() == (1002, "fragments out of order")
        assert heard.messages == [b"ab"]


async def test_message_within_a_message_closes_with_1002() -> None:
    async with joined() as (far, heard):
        far.transport.send(BINARY, b"a", fin=False)
        far.transport.send(TEXT, b"b")
        assert (await far.is_closed())[0] == 1002
        assert heard.messages == []


@pytest.mark.parametrize("code", [1000, 1001, 4000])
async def test_the_peers_close_is_answered_and_told_once(code: int) -> None:
    async with joined() as (far, heard):
        far.answers_close = False
        far.transport.send_close(code, b"bye")  # pyright: ignore[reportArgumentType] - picows needs the number only
        await far.until(lambda: far.is_gone)
        assert far.closed == (code, "")
        assert await heard.end == (code, "bye")


@pytest.fixture
def written() -> Iterator[list[logging.LogRecord]]:
    """Return what picows logs, as it comes."""
    records = list[logging.LogRecord]()

    class Kept(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            records.append(record)

    handler, library = Kept(), logging.getLogger("picows")
    library.addHandler(handler)
    yield records
    library.removeHandler(handler)


@pytest.mark.parametrize(
    "bad", [NO_FRAME, SECOND_CLOSE * 2, b"\x82\xff" + b"\x7f" * 8], ids=["none", "two", "huge"]
)
async def test_bad_frames_are_no_lines_of_the_log(
    bad: bytes, written: list[logging.LogRecord]
) -> None:
    async with joined() as (far, _):
        far.transport.underlying_transport.write(bad)
        await far.is_closed()
        assert written == []


def refused_nothing(code: int, reason: str) -> None:
    raise AssertionError(code, reason)


async def test_other_lines_of_picows_are_written(written: list[logging.LogRecord]) -> None:
    library = PicowsLog(refused_nothing)
    library.error("%s went wrong", "something")
    library.error("two things: %s", ("a", "b"))
    assert [record.getMessage() for record in written] == [
        "something went wrong",
        "two things: ('a', 'b')",
    ]


@pytest.mark.parametrize("behind", [SECOND_CLOSE, NO_FRAME, SECOND_CLOSE + NO_FRAME])
@pytest.mark.parametrize(
    "first, answered, told",
    [
        (b"\x03\xe8bye", (1000, "bye"), (1000, "")),
        (b"\x0f\x9f", (3999, ""), (3999, "")),
        (b"", (1005, ""), (1000, "")),
        (b"\x03\xee", (1002, "close code is not allowed"), (1002, "close code is not allowed")),
    ],
    ids=["with a reason", "an application's", "empty", "never sent"],
)
async def test_nothing_behind_a_close_frame_counts(
    first: bytes, answered: tuple[int, str], told: tuple[int, str], behind: bytes
) -> None:
    async with joined() as (far, heard):
        far.transport.underlying_transport.write(frame(0x88, first) + behind)
        assert await far.is_closed() == told
        assert await heard.end == answered


async def test_close_without_a_code_is_told_as_1005() -> None:
    async with joined() as (far, heard):
        far.transport.send(WSMsgType.CLOSE, b"")
        assert await heard.end == (1005, "")


async def test_cut_connection_is_told_as_1006() -> None:
    async with joined() as (far, heard):
        far.drop()
        assert await heard.end == (1006, "")


async def test_peer_that_answers_no_ping_is_told_as_1006() -> None:
    async with joined(ping_s=0.02) as (far, heard):
        far.stop_reading()
        assert await heard.end == (1006, "")


async def test_peer_that_never_answers_a_close_is_dropped(bounds: Bounds) -> None:
    bounds(CLOSE_S=0.05)
    async with joined() as (far, heard):
        far.answers_close = False
        heard.peer.close(1013, "a reason that is longer than a close frame holds: " + "x" * 200)
        await far.until(lambda: far.is_gone)
        assert far.closed is not None
        assert far.closed[0] == 1013
        assert len(far.closed[1].encode()) <= 123
        assert (await heard.end)[0] == 1013


async def test_peer_that_says_goodbye_and_does_not_read_is_dropped(bounds: Bounds) -> None:
    bounds(CLOSE_S=0.05)
    async with joined() as (far, heard):
        heard.peer.stalled_s = 0.05
        far.stop_reading()
        heard.fill()
        far.close()
        assert await heard.end == (1000, "")


# -- what a frame may be


@pytest.mark.parametrize("bit", ["rsv1", "rsv2", "rsv3"])
@pytest.mark.parametrize("kind", [TEXT, BINARY, WSMsgType.PING, WSMsgType.PONG, WSMsgType.CLOSE])
async def test_reserved_bit_closes_with_1002(kind: WSMsgType, bit: str) -> None:
    async with joined() as (far, heard):
        content = b"\x03\xe8" if kind is WSMsgType.CLOSE else b"12"
        far.transport.send(kind, content, **{bit: True})
        assert await far.is_closed() == (1002, "reserved bits are set")
        assert heard.messages == far.heard == []


async def test_reserved_bit_on_a_later_piece_closes_with_1002() -> None:
    async with joined() as (far, heard):
        far.transport.send(TEXT, b"a", fin=False)
        far.transport.send(WSMsgType.CONTINUATION, b"b", rsv1=True)
        assert (await far.is_closed())[0] == 1002
        assert heard.messages == []


@pytest.mark.parametrize("opcode", [3, 4, 5, 6, 7, 11, 12, 13, 14, 15])
async def test_reserved_opcode_closes_with_1002(opcode: int) -> None:
    async with joined() as (far, heard):
        write(far, 0x80 | opcode, b"")
        assert (await far.is_closed())[0] == 1002
        code, reason = await heard.end
        assert (code, "opcode" in reason.lower()) == (1002, True), reason
        assert heard.messages == []


@pytest.mark.parametrize("opcode", [0x8, 0x9, 0xA])
async def test_control_frame_in_pieces_closes_with_1002(opcode: int) -> None:
    async with joined() as (far, _):
        write(far, opcode, b"")
        assert (await far.is_closed())[0] == 1002


@pytest.mark.parametrize("opcode", [0x8, 0x9, 0xA])
async def test_control_frame_beyond_125_bytes_closes_with_1002(opcode: int) -> None:
    async with joined() as (far, _):
        write(far, 0x80 | opcode, b"\x03\xe8" + b"x" * 124)
        assert (await far.is_closed())[0] == 1002


async def test_frame_beyond_what_is_read_at_all_closes_with_1009() -> None:
    async with joined() as (far, heard):
        far.say(bytes(10 * LIMIT_BYTES + 1))
        assert await far.is_closed() == (1009, "message too big")
        assert await heard.end == (1009, "message too big")
        assert heard.messages == []


async def test_who_is_still_writing_such_a_frame_can_read_why_it_is_closed(bounds: Bounds) -> None:
    bounds(LINGER_S=5.0)
    async with joined() as (far, heard):
        far.stop_reading()
        size = 8 * 1024 * 1024
        await far.writes(b"\x82\xff" + size.to_bytes(8, "big") + bytes(4))
        assert await heard.end == (1009, "message too big")
        await far.writes(bytes(size))
        assert not far.is_gone
        far.read_on()
        assert await far.is_closed() == (1009, "message too big")


async def test_nothing_is_heard_after_a_bad_frame() -> None:
    async with joined() as (far, heard):
        far.transport.send(TEXT, b"bad", rsv2=True)
        far.say("text")
        far.say(b"audio")
        far.transport.send_ping(b"ping")
        assert (await far.is_closed())[0] == 1002
        assert heard.messages == far.heard == []


# -- text is UTF-8

LONGEST = "\N{GRINNING FACE}".encode()  # four bytes
NOT_UTF8 = [
    pytest.param(b"\xff", id="no byte of any character"),
    pytest.param(b"fine \xce\xba then \x80", id="continuation without a start"),
    pytest.param(b"\xc0\xaf", id="overlong"),
    pytest.param(b"\xed\xa0\x80", id="surrogate"),
    pytest.param(b"\xf4\x90\x80\x80", id="beyond U+10FFFF"),
    pytest.param(LONGEST[:3], id="character left open"),
]


@pytest.mark.parametrize("text", NOT_UTF8)
async def test_text_that_is_not_utf8_closes_with_1007(text: bytes) -> None:
    async with joined() as (far, heard):
        far.transport.send(TEXT, text)
        far.say("after it")
        assert await far.is_closed() == (1007, "text is not UTF-8")
        assert heard.messages == []
        assert await heard.end == (1007, "text is not UTF-8")


@pytest.mark.parametrize("text", NOT_UTF8)
async def test_text_in_pieces_that_is_not_utf8_closes_with_1007(text: bytes) -> None:
    async with joined() as (far, heard):
        far.say_in_pieces(TEXT, *(bytes([byte]) for byte in text), b"")
        assert await far.is_closed() == (1007, "text is not UTF-8")
        assert heard.messages == []


async def test_bad_text_is_refused_before_its_message_ends() -> None:
    async with joined() as (far, _):
        far.transport.send(TEXT, b"fine", fin=False)
        far.transport.send(WSMsgType.CONTINUATION, b"\xff", fin=False)
        assert (await far.is_closed())[0] == 1007


async def test_character_may_be_cut_between_pieces() -> None:
    async with joined() as (far, heard):
        far.say_in_pieces(TEXT, *(bytes([byte]) for byte in LONGEST))
        far.transport.send(TEXT, LONGEST)
        await far.barrier()
        assert heard.messages == [LONGEST.decode()] * 2


@pytest.mark.parametrize("pieces", [(b"\xff\xfe",), (b"\xff", b"\xfe")], ids=["whole", "pieces"])
async def test_audio_may_be_any_bytes(pieces: tuple[bytes, ...]) -> None:
    async with joined() as (far, heard):
        far.say_in_pieces(BINARY, *pieces)
        await far.barrier()
        assert heard.messages == [b"\xff\xfe"]


# -- closing


@pytest.mark.parametrize("code", [0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2999, 5000, 65535])
async def test_close_code_that_is_never_sent_is_answered_with_1002(code: int) -> None:
    async with joined() as (far, heard):
        far.transport.send(WSMsgType.CLOSE, code.to_bytes(2, "big"))
        assert (await far.is_closed())[0] == 1002
        assert (await heard.end)[0] == 1002


@pytest.mark.parametrize("code", [1000, 1001, 1002, 1003, 1007, 1011, 1014, 3000, 4999])
async def test_close_code_of_the_protocol_is_answered_with_the_same(code: int) -> None:
    async with joined() as (far, heard):
        far.transport.send(WSMsgType.CLOSE, code.to_bytes(2, "big") + "grün".encode())
        assert (await far.is_closed())[0] == code
        assert await heard.end == (code, "grün")


async def test_close_with_half_a_code_is_answered_with_1002() -> None:
    async with joined() as (far, _):
        far.transport.send(WSMsgType.CLOSE, b"\x03")
        assert (await far.is_closed())[0] == 1002


async def test_close_reason_that_is_not_utf8_is_answered_with_1007() -> None:
    async with joined() as (far, heard):
        far.transport.send(WSMsgType.CLOSE, b"\x03\xe8\xff")
        assert (await far.is_closed())[0] == 1007
        assert (await heard.end)[0] == 1007


async def test_close_within_a_message_is_answered_as_any() -> None:
    async with joined() as (far, heard):
        far.transport.send(TEXT, b"a", fin=False)
        far.close()
        assert (await far.is_closed())[0] == 1000
        assert await heard.end == (1000, "")
        assert heard.messages == []


# -- pings


@pytest.mark.parametrize("content", [b"", b"\xff" * 125], ids=["empty", "longest"])
async def test_ping_is_answered_with_its_content(content: bytes) -> None:
    async with joined() as (far, _):
        far.transport.send_ping(content)
        await far.until(lambda: bool(far.heard))
        assert far.heard == [{"type": "pong", "mark": content}]


async def test_pings_of_a_peer_that_does_not_read_are_answered_by_one_pong() -> None:
    async with joined() as (far, heard):
        far.stop_reading()
        heard.fill()
        for place in range(100):
            far.transport.send_ping(b"%d" % place)
        far.say("read so far")
        async with asyncio.timeout(5):
            await heard.has_text.wait()
        far.read_on()
        await far.until(lambda: {"type": "pong", "mark": b"99"} in far.heard)
        assert len([said for said in far.heard if isinstance(said, dict)]) == 1


async def test_nothing_is_heard_after_the_peers_close_in_the_same_segment() -> None:
    async with joined() as (far, heard):
        far.transport.underlying_transport.write(
            frame(0x88, b"\x03\xe8") + frame(0x81, b"late") + frame(0x82, b"late")
        )
        assert await heard.end == (1000, "")
        assert heard.messages == []
