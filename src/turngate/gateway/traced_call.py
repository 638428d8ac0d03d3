"""A call of the agent protocol that tells its client what happens in it.

What the client and the upstream say passes through here; audio does not, and a call that nobody
traces is none of these.
"""

from typing import Any, Literal

from msgspec import UNSET, UnsetType

from turngate.core import events
from turngate.core.standing import Standing
from turngate.dialects.native import is_delta
from turngate.dialects.trace import shown, stands
from turngate.gateway import limits
from turngate.gateway.agent_call import AgentCall
from turngate.gateway.call import contained
from turngate.wire import trace
from turngate.wire.codec import encode


class TracedCall(AgentCall):
    """An `AgentCall` whose every text message is followed by its trace on the client's leg."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._stood: Standing | None = None
        self._left_out = 0

    @contained
    def _client_said(self, text: bytes) -> None:
        self._passed("client", "in", text)
        super()._client_said(text)

    @contained
    def _upstream_told(self, text: bytes) -> None:
        if not is_delta(text):
            self._passed("upstream", "in", text)
        super()._upstream_told(text)

    def _tell_client(self, text: bytes) -> None:
        super()._tell_client(text)
        self._passed("client", "out", text)

    def _tell_upstream(self, text: bytes) -> None:
        super()._tell_upstream(text)
        self._passed("upstream", "out", text)

    def _receive(self, event: events.Event) -> None:
        super()._receive(event)
        standing = self._session.standing()
        if standing != self._stood and not self._is_over:
            self._stood = standing
            self._trace(standing=stands(standing))

    def _passed(
        self, leg: Literal["client", "upstream"], way: Literal["in", "out"], text: bytes
    ) -> None:
        if not self._is_over:
            self._trace(trace.Passed(leg, way, shown(text)))

    def _trace(
        self,
        passed: trace.Passed | UnsetType = UNSET,
        standing: trace.Standing | UnsetType = UNSET,
    ) -> None:
        """Tell, unless so much waits for the client that telling more could end the call."""
        if self._to_client.waiting_bytes > limits.TRACE_QUEUE_BYTES:
            self._left_out += 1
            return
        told = trace.TurngateTrace(
            at_ms=self._now_ms() - self._started_ms,
            passed=passed,
            standing=standing,
            left_out=self._left_out,
        )
        self._left_out = 0
        self._to_client.send_text(encode(told))
