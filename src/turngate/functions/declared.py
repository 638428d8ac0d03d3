"""A function as the model and the conversation see it: its schema, and its manners."""

import re
from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from turngate.core.manners import USUAL, Manners

NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")
"""What a model may call. Source: OpenAI API reference, tools."""


class Function(Struct, frozen=True, kw_only=True):
    """A function that the model may call; `parameters` is the JSON schema of its arguments."""

    name: str
    description: str
    parameters: Mapping[str, Any]
    manners: Manners = USUAL

    def __post_init__(self) -> None:
        """Refuse a name that no model could call."""
        if not NAME.fullmatch(self.name):
            raise ValueError(
                f"the function name {self.name!r} is not 1 to 64 letters, digits, _ or -"
            )

    def tool(self) -> dict[str, Any]:
        """Return it as a tool of the session."""
        return {
            "type": "function",
            "name": self.name,
            "description": self.description,
            "parameters": dict(self.parameters),
        }
