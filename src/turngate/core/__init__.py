"""What happens next: pure state machines, no I/O, no clock, no protocol.

Five words carry this package:

    event    something that happened: a peer said something, a deadline passed
    phase    where a machine stands; a frozen type that holds exactly what is valid there
    effect   something to do, as a value; the gateway performs effects in order and decides nothing
    session  one client with its one upstream connection, and everything that is owed between them
    slot     the upstream's single response: who owns it, and what waits for it

                 events                                   effects
    client  ───────────────►  ┌───────────────────────┐  ───────────►  client
                              │        session        │
    upstream ──────────────►  │ setup   floor   tools │  ───────────►  upstream
                              │ asks    slot          │
    timers  ───────────────►  │ reservation  playback │  ───────────►  timers, gates
                              └───────────────────────┘

Each machine is one file with one function `advance(phase, event) -> (phase, effects)`. What needs
two of them is in a class that says so: `admission` (setup and what it holds back), `sequencer`
(slot, reservation and the queue), `owed` (asks and tools), `agent` (playback and the agent's
words). `session` couples these, and nothing else does.
"""
