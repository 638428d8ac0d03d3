"""The body of the real service's test, against the emulator, so that the body itself is tested."""

import pytest

from e2e.function_call import SLOT_TAKEN, ask_with_new_settings_beside_the_result, assert_answered
from e2e.record import PATIENCE_S, Record
from turngate.emulator import Knobs, serving


async def test_flow_is_answered() -> None:
    knobs = Knobs(key="secret", done_after_last_ms=50, output_ack="after_response_done")
    async with serving(knobs=knobs) as emulator:
        record = await ask_with_new_settings_beside_the_result(
            emulator.url, key="secret", patience_s=PATIENCE_S
        )
        assert_answered(record)
        assert emulator.audit.violations == 0


async def test_refusal_would_be_noticed() -> None:
    # Another's response is begun before ours, so there is a refusal, although no turn is lost.
    async with serving(knobs=Knobs(vad_race_ms=0)) as emulator:
        record = await ask_with_new_settings_beside_the_result(emulator.url, patience_s=PATIENCE_S)
        assert record.all("U>", SLOT_TAKEN)
        with pytest.raises(AssertionError):
            assert_answered(record)


def test_silence_would_be_noticed() -> None:
    with pytest.raises(AssertionError):
        assert_answered(Record())
