"""The port: one listener before WebSocket and HTTP. What is said there is not known here."""
