"""Every bound of the I/O shell: value, unit, reason."""

from turngate.units import RATE_HZ, pcm_bytes

CONNECT_S = 10.0
"""From the dial to an open upstream connection; a caller waits no longer for a first word."""

REDIAL_CONNECT_S = 3.0
"""The same for a connection that replaces a lost one: somebody is on the line, and there are three tries."""

HANDSHAKE_S = 5.0
"""From an accepted client connection to the end of its request's head; a slow one holds a place."""

WAITING = 1_000
"""Connections that have not asked for anything yet; beyond it the one that has waited longest is
cut, since who means well asks at once.
"""

HTTP_AT_ONCE = 256
"""Plain requests that are being answered; beyond it more are told to try again."""

HEAD_BYTES = 16 * 1024
"""The head of a request; browsers with many cookies stay below."""

HEADERS = 100
"""The fields of a head; proxies add a dozen to a browser's dozen."""

BODY_BYTES = 256 * 1024
"""The body of a request; what a model writes as arguments stays far below."""

BODY_S = 10.0
"""From the head of a request to the end of its body."""

HTTP_S = 120.0
"""From the head of a plain request to the last byte of its answer; then the connection is cut."""

PING_S = 10.0
"""A connection that is quiet for this long is asked whether it lives."""

PONG_S = 10.0
"""No answer to that by then: it is gone."""

STALLED_S = 30.0
"""How long an upstream may take nothing while something waits for it; of clients see below."""

LEAVE_S = 0.05
"""How often a call that may end looks whether its client has read what was said."""

PASSING_QUIET_S = 3.0
"""How long Deepgram has said nothing in a call that is passed through to it before that call may end
for the gateway's sake: its model thinks for less.
"""

LAST_WORD_S = 1.0
"""From the last word to callers who have not finished their turn in time until they are cut off."""

CLOSE_S = 2.0
"""From our close frame to the peer's; then the connection is dropped."""

LINGER_S = 0.2
"""How long who sent a message that is far too big, and was told so, is quiet before the connection
is closed: more than one packet takes.
"""

LINGER_BYTES = 16 * 1024 * 1024
"""What is read and dropped of a message that is far too big, so that its sender hears why; who sends
more than that is cut off.
"""

UPSTREAM_MESSAGE_BYTES = 16 * 1024 * 1024
"""The largest upstream event; the service takes 15 MiB of audio in one and may send as much."""

CLIENTS = 4096
"""Clients of whom it is remembered how fast their calls came."""

FLOOD_CALLS = 100
"""What a call that was ended for flooding counts for among its client's new calls."""

AT_ONCE = 2
"""Of a crowd's requests, dials and ends of calls, how many are seen to in one step of the loop: up
to a millisecond each, which everybody else waits for."""

RECEIVE_BYTES = 64 * 1024
"""The kernel's buffer for what a client sends, which Linux doubles: what one flood can put before
the loop in one step, and still 0.3 MB/s over a round trip of 200 ms.
"""

FRAGMENTS = 64
"""The pieces that one message may come in."""

AUDIO_FRAME_MS = 200
"""See `AUDIO_FRAME_BYTES`."""

AUDIO_FRAME_BYTES = pcm_bytes(AUDIO_FRAME_MS, RATE_HZ)
"""The longest audio frame to a client; players expect 20 to 100 ms and take twice that."""

ASGI_BYTES = 16 * 1024
"""What has left the outbox towards somebody else's server and is not taken yet; it cannot be
taken back when the user talks over it.
"""

AHEAD_BYTES = 16 * 1024 * 1024
"""Audio that waits to be played by a client that speaks: more than any one answer is long. What
comes beyond it leaves early.
"""

MICROPHONE_BYTES = pcm_bytes(5_000, RATE_HZ)
"""Microphone audio that waits for the session or the upstream; the oldest goes first, because a
late question is worse than a cut one.
"""

WATCH_QUEUE_BYTES = 256 * 1024
"""What may wait for an onlooker of `/watch`: a thousand moments; beyond it the onlooker is dropped."""

WATCH_MESSAGE_BYTES = 1024
"""The largest message of an onlooker, who has nothing to say."""

UPSTREAM_QUEUE_BYTES = 4 * 1024 * 1024
"""Events that may wait for an upstream that does not read; beyond it the upstream counts as deaf."""

TRACE_QUEUE_BYTES = 1024 * 1024
"""What may wait for a client that asked for its trace; beyond it the trace has gaps, and counts them,
so that looking at a call never ends it."""

FUNCTION_RESULT_BYTES = 64 * 1024
"""The longest result of a function that runs here; the rest is cut off, and the model told so."""

FUNCTIONS_AT_ONCE = 32
"""Functions that may run at once for one call, and at once for hosts that ask over HTTP."""

FUNCTION_ROUNDS = 16
"""Responses of only our functions in a row, for a Realtime client; the next may call none."""

FUNCTION_THREADS = 64
"""Functions that may block, each in a thread; beyond it the model is told to try again."""

ENDPOINT_CONNECT_S = 5.0
"""From the wish to call an endpoint to its open connection."""

ENDPOINT_ANSWER_BYTES = 64 * 1024
"""The largest answer of an endpoint; one that is larger is not read to its end."""

MCP_START_S = 10.0
"""From the start of an MCP server to the list of its tools; then the gateway does not start."""

ROUTE_IDS = 4096
"""Calls of hosts whose ids are remembered, so that a repeated one does not run twice."""
