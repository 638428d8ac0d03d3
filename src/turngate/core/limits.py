"""Every bound and deadline of a session: value, unit, reason."""

from turngate.units import Ms

RESERVED_MS = Ms(1_000)
"""How long the server may hold the slot for speech without saying `created` (server turns)."""

UPDATE_MS = Ms(10_000)
"""A configuration that is not confirmed by then has failed, and the queue goes on without it."""

REQUEST_MS = Ms(10_000)
"""A request that is neither accepted nor refused by then: the upstream is deaf."""

RESPONSE_MS = Ms(120_000)
"""The longest response; then it is cancelled by id. Longer answers than two minutes are faults."""

SILENCE_MS = Ms(20_000)
"""A response of which nothing is heard for this long is asked after, by cancelling it."""

CANCEL_MS = Ms(5_000)
"""A cancel that nothing answers: the upstream is deaf."""

ENDING_MS = Ms(1_000)
"""The upstream says that nothing is active, and the end of the response is still on its way."""

INTERRUPT_MS = Ms(500)
"""With `interrupt_response` the server cancels by itself; after this we do it."""

COMMIT_MS = Ms(2_000)
"""Speech that ended and is not committed by then was noise; what waits may go. The same for a
commit of ours of which nothing is heard."""

PAUSE_MS = Ms(400)
"""Manual turns: without audio for this long, what there is is committed."""

BREATH_MS = Ms(600)
"""Manual turns: from when there is enough to its commit, however steadily audio comes."""

COMMITTED_MS = Ms(120)
"""The least that is committed. The upstream refuses less than 100 ms, and resampling holds some
of a frame back."""

FIRST_COMMITTED_MS = Ms(1_000)
"""Manual turns: what is enough for the first commit. Less is often a microphone's opening noise."""

SPEAKING_MS = Ms(60_000)
"""The longest utterance; after it, a lost end of speech is assumed."""

ITEM_MS = Ms(5_000)
"""A user's message whose item is not acknowledged is asked for all the same."""

OUTPUT_MS = Ms(1_000)
"""The same for a function result: some servers never acknowledge one."""

CALL_MS = Ms(15_000)
"""A function's deadline; then the model gets an error as its result."""

FILLER_MS = Ms(1_500)
"""A silence after which a caller wonders; a function with a filler is bridged then."""

FILLER_INTERVAL_MS = Ms(5_000)
"""The silence before each further filler: sooner, the agent sounds impatient with itself."""

PROMPT_FILLER_MS = Ms(500)
"""The first filler, where a client wants it without saying when: what answers within this needs
none, and would be kept waiting by it."""

PATIENCE_MS = Ms(2_000)
"""How long a user's turn waits for a running function before it is answered without the result."""

GREETING_MS = Ms(2_000)
"""A server that has not said by then that its session is there never will; it is spoken to."""

HOLD_MS = Ms(30_000)
"""How long a Realtime client's event may wait for the slot; then it fails and is never sent."""

TRANSCRIPT_MS = Ms(2_000)
"""How long the agent's words wait for those of the user, from the commit. Recordings show the
text of speech within a second; what comes later is shown late."""

CAPTION_MS = Ms(50)
"""The least time between two looks at the playhead, so that audio that stalls costs little."""

REDIALS = 3
"""How often an upstream connection that was lost is made anew before the client is told."""

REDIAL_MS = Ms(400)
"""The pause before the second try; the third waits twice as long. A server that restarts is there
again within a second or two, and nobody waits for longer without a word."""

TOLD_AGAIN = 400
"""Entries of a conversation that are told to a new connection, the last ones: some hours of talk."""

GRACE_MS = Ms(2_000)
"""An upstream complaint during an answer is held back until the answer's text, or this long."""

TRIES = 3
"""How often one request may be refused because the slot was taken, before its author is told."""

WAITING = 64
"""Requests, updates and what keeps its place behind them that may wait for the slot."""

AUDIO_WAITING = 1_500
"""Audio events of a Realtime client that may wait in their place: 30 s of the usual 20 ms."""

WAITING_BYTES = 4 * 1024 * 1024
"""What a Realtime client's events that wait may weigh: twice 30 s of audio in base64."""

HELD = 64
"""Client messages that may wait for the first configuration."""

REMEMBERED = 32
"""Ended responses whose late events are recognised."""

ENDING_SOON_MS = Ms(300_000)
"""How long before its end a call is warned, as in the protocol; a short one at half of its time."""

SILENCE_LOOKS = 4
"""How often in the time that a client may be silent it is looked whether it is."""
