"""What the audit says of a cut: which words of the answer had been heard."""

from turngate.emulator import Knobs, Message, Script
from turngate.emulator.audit import Audit
from turngate.emulator.memory import MemoryClient

SCRIPT = Script(responses=((Message(text="one two three four five"),),))


def spoken() -> tuple[MemoryClient, str]:
    """A client that was told five words, 60 ms a letter, and the item they are in."""
    client = MemoryClient(Knobs(), SCRIPT)
    client.send("response.create")
    client.settle()
    return client, client.of("response.output_item.done")[0]["item"]["id"]


def cut(client: MemoryClient, item_id: str, end_ms: int) -> str | None:
    """Truncate, and return what the audit says was heard."""
    client.send("conversation.item.truncate", item_id=item_id, content_index=0, audio_end_ms=end_ms)
    return Audit([client.connection.ledger]).records[-1].heard_words


def test_words_that_were_over_at_the_cut_were_heard() -> None:
    client, item_id = spoken()
    assert cut(client, item_id, 840) == "one two three"
    assert cut(client, item_id, 839) == "one two"
    assert cut(client, item_id, 0) == ""


def test_at_the_end_all_was_heard() -> None:
    client, item_id = spoken()
    assert cut(client, item_id, 1380) == "one two three four five"


def test_a_refused_cut_and_other_events_say_nothing_of_words() -> None:
    client, item_id = spoken()
    assert cut(client, item_id, 99_999) is None
    assert cut(client, "nowhere", 0) is None
    assert client.connection.ledger.records[0].heard_words is None
