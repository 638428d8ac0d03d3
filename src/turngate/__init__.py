"""turngate: a realtime voice gateway that keeps the turn."""

__version__ = "0.1.0"
