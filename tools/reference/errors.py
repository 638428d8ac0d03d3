"""The page of errors: every failure with its answer."""

from tools.reference.markdown import code, first_paragraph, listed, page, table

from turngate import answers, errors

FAULT: dict[type, str] = {
    errors.ProtocolError: "the peer that spoke",
    errors.UpstreamError: "the upstream",
    errors.LimitReached: "a bound of turngate's",
    errors.ServerFault: "turngate",
    errors.TurngateError: "the operator",
}


def errors_page() -> str:
    """Return every failure with its answer."""
    rows = (
        (
            code(kind.__name__),
            first_paragraph(kind),
            next(FAULT[base] for base in kind.__mro__[1:] if base in FAULT),
            code(answer.code),
            answer.severity.value,
            str(answer.close or "goes on"),
            str(answer.http),
            answer.log,
        )
        for kind, answer in answers.ANSWERS.items()
    )
    head = ("failure", "when", "whose", "code", "message", "close code", "HTTP", "log")
    return page(
        "Errors",
        "A failure reaches the client as `Error` or `Warning` with a `code` and a `description`. "
        "Where a close code stands, the connection is closed with it right behind the message; "
        "else the session goes on. After 1000 stock clients stay away, so only those failures close "
        "with it after which coming back by itself would be of no use. The HTTP status is what the failure means to an HTTP request.",
        table(head, rows),
        "These upstream codes make a failure `UpstreamExhausted`: "
        + listed(sorted(errors.EXHAUSTED_CODES))
        + ".",
    )
