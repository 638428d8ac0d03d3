"""Rude clients of the Realtime front, seeded: they race, and nobody sees what could be avoided."""
