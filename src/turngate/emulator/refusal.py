"""The errors of the service, as catalogued: code, message, param and whose event they answer."""

from typing import Any

Json = dict[str, Any]


class Refusal(Exception):
    """A client event was refused; nothing changed.

    code, param: as in the `error` event, null where the service sends null.
    echo: whether the event_id of the refused event is named.
    """

    def __init__(
        self,
        code: str | None,
        message: str,
        param: str | None = None,
        *,
        kind: str = "invalid_request_error",
        echo: bool = True,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.param = param
        self.kind = kind
        self.echo = echo

    def body(self, event_id: str | None) -> Json:
        """Return the `error` object of the event, naming `event_id` where the service would."""
        return {
            "type": self.kind,
            "code": self.code,
            "message": self.message,
            "param": self.param,
            "event_id": event_id if self.echo else None,
        }


def missing(path: str) -> Refusal:
    """Refuse: a required field is absent."""
    return Refusal("missing_required_parameter", f"Missing required parameter: '{path}'.", path)


def unknown(path: str) -> Refusal:
    """Refuse the whole event for a field the service does not know."""
    return Refusal("unknown_parameter", f"Unknown parameter: '{path}'.", path)


def wrong_type(path: str, wanted: str, got: str) -> Refusal:
    """Refuse a field of the wrong JSON type."""
    text = f"Invalid type for '{path}': expected {wanted}, but got {got} instead."
    return Refusal("invalid_type", text, path)


def unsupported(path: str, value: object, supported: tuple[str, ...]) -> Refusal:
    """Refuse a value outside an enumeration."""
    listed = ", ".join(f"'{name}'" for name in supported)
    text = f"Invalid value: '{value}'. Supported values are: {listed}."
    return Refusal("invalid_value", text, path)


def invalid(path: str, message: str) -> Refusal:
    """Refuse a value of the right type that cannot be."""
    return Refusal("invalid_value", message, path)


def active_response(response_id: str) -> Refusal:
    """Refuse a second response of the default conversation."""
    text = (
        f"Conversation already has an active response in progress: {response_id}. "
        "Wait until the response is finished before creating a new one."
    )
    return Refusal("conversation_already_has_active_response", text)


def outputs_pending(call_ids: list[str]) -> Refusal:
    """Refuse a response while outputs are missing, as only some servers do."""
    text = f"Function call outputs are pending for: {', '.join(sorted(call_ids))}."
    return Refusal("function_call_output_pending", text)


def not_active() -> Refusal:
    """Refuse a cancel of nothing."""
    return Refusal("response_cancel_not_active", "Cancellation failed: no active response found")


def commit_empty(buffered_ms: float, least_ms: int) -> Refusal:
    """Refuse to commit too little audio."""
    text = (
        "Error committing input audio buffer: buffer too small. Expected at least "
        f"{least_ms}ms of audio, but buffer only has {buffered_ms:.2f}ms of audio."
    )
    return Refusal("input_audio_buffer_commit_empty", text)


def duplicate_item(item_id: str) -> Refusal:
    """Refuse an item id that is in use. Observed: event_id null although the client sent one."""
    text = f"Error adding item: an item with id '{item_id}' already exists."
    return Refusal("item_create_duplicate_item_id", text, echo=False)


def no_such_item(verb: str, item_id: str) -> Refusal:
    """Refuse to delete, retrieve or truncate (`verb`) an item that is not there."""
    doing = {"delete": "deleting", "retrieve": "retrieving", "truncate": "truncating"}[verb]
    text = f"Error {doing} item: the item with id '{item_id}' does not exist."
    return Refusal(f"item_{verb}_invalid_item_id", text)
