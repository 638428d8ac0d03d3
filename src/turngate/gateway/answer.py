"""What a request over HTTP is answered with. Who sends it is not known here."""

from collections.abc import Mapping
from http import HTTPStatus

import msgspec

JSON = "application/json"

_ALWAYS = {"cache-control": "no-store", "x-content-type-options": "nosniff"}


class Answer(msgspec.Struct, frozen=True):
    """A status, a body of the type `kind`, and what more stands in the head, in small letters.

    `code` is why not, in one word, or empty.
    """

    status: HTTPStatus
    body: bytes
    kind: str = JSON
    more: Mapping[str, str] = {}
    code: str = ""

    def headers(self) -> dict[str, str]:
        """Return what stands in the head, but for what the connection adds.

        HSTS and its like are left to whoever knows the public name.
        """
        own = {"content-type": self.kind, "content-length": str(len(self.body))}
        return {**own, **_ALWAYS, **self.more}


def told(body: Mapping[str, object], status: HTTPStatus = HTTPStatus.OK) -> Answer:
    """Answer with a JSON object."""
    return Answer(status, msgspec.json.encode(body) + b"\n")


def refused(
    status: HTTPStatus, code: str, reason: str, more: Mapping[str, str] | None = None
) -> Answer:
    """Answer that it may not be: `code` is for programs, `reason` for people."""
    body = msgspec.json.encode({"error": reason, "code": code}) + b"\n"
    return Answer(status, body, JSON, more or {}, code)
