"""What was said in a conversation, in the form in which another one can begin with it."""

from turngate.wire import agent
from turngate.wire.codec import Unknown


class Memory:
    """The conversation so far: what it began with, and what came since.

    The server's `History` is the truth of what was heard. A server that was asked not to send any
    still shows its lines as `ConversationText`.
    """

    def __init__(self, settings: agent.Settings) -> None:
        flags = settings.flags
        self._has_history = flags is None or flags.history is not False
        context = None if isinstance(settings.agent, str) else settings.agent.context
        self._entries = list(context.messages or ()) if context is not None else []

    @property
    def entries(self) -> tuple[agent.History, ...]:
        """What was said and called, in order."""
        return tuple(self._entries)

    def take(self, event: agent.ServerMessage | Unknown) -> None:
        """Take a message of the server."""
        match event:
            case agent.History() if self._has_history:
                self._entries.append(event)
            case agent.ConversationText(role=role, content=content) if not self._has_history:
                self._entries.append(agent.History(role=role, content=content))
            case _:
                pass
