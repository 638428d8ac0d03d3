"""The flow in which the problem was met, against the real service. Needs OPENAI_API_KEY.

It costs two short spoken answers. The checks run it only where the key is set, and say so where
it is not; tests/e2e/test_function_call.py plays the same body against the emulator.
"""

import os

import pytest

from e2e.function_call import ask_with_new_settings_beside_the_result, assert_answered
from turngate.gateway.target import OPENAI_URL

PATIENCE_S = 30.0
"""A real model thinks and speaks, twice."""


@pytest.mark.skipif("OPENAI_API_KEY" not in os.environ, reason="no OPENAI_API_KEY")
@pytest.mark.timeout(150)
async def test_result_and_settings_in_the_same_moment() -> None:
    key = os.environ["OPENAI_API_KEY"]
    record = await ask_with_new_settings_beside_the_result(
        OPENAI_URL, key=key, patience_s=PATIENCE_S
    )
    assert_answered(record)
