"""What the ways to run a function have in common."""

from typing import Protocol

from turngate.functions.declared import Function


class Runnable(Protocol):
    """A function that can be run. Cancelling `run` reaches the code as far as it can be reached."""

    @property
    def function(self) -> Function:
        """What the model knows of it."""
        ...

    async def run(self, call_id: str, arguments: str) -> str:
        """Run it with a call's arguments, JSON text, and return its result as text.

        Raises:
            FunctionError: There is no result; the error is written for the model.

        """
        ...
