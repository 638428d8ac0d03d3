"""How many bytes have crossed a connection, as the kernel counts them: the path of audio need not."""

import socket
import struct
from typing import NamedTuple

from picows import WSTransport

# Of Linux' struct tcp_info: tcpi_bytes_acked and tcpi_bytes_received, each 64 bits.
_COUNTERS = struct.Struct("=120xQQ")
_TCP_INFO: int | None = getattr(socket, "TCP_INFO", None)


class Crossed(NamedTuple):
    """Bytes of one connection, with headers and TLS: what came, and what the peer has received."""

    received: int = 0
    sent: int = 0


def crossed(transport: WSTransport) -> Crossed:
    """Return the counts of an open connection; none where the system does not count."""
    channel = transport.underlying_transport.get_extra_info("socket")
    if channel is None or _TCP_INFO is None:
        return Crossed()
    try:
        told = channel.getsockopt(socket.IPPROTO_TCP, _TCP_INFO, _COUNTERS.size)
    except OSError:
        return Crossed()  # it was closed this moment
    if len(told) < _COUNTERS.size:
        return Crossed()
    sent, received = _COUNTERS.unpack(told)
    return Crossed(received, sent)
