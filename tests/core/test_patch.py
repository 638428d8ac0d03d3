"""Patches: present keys change, mappings merge, None clears, everything else replaces."""

import pytest

from turngate.core.patch import Append, Patch, merge, resolved, value_at, without


@pytest.mark.parametrize(
    "base, change, merged",
    [
        ({"a": 1}, {"b": 2}, {"a": 1, "b": 2}),
        ({"a": {"b": 1, "c": 2}}, {"a": {"c": 3}}, {"a": {"b": 1, "c": 3}}),
        ({"a": [1, 2]}, {"a": [3]}, {"a": [3]}),
        ({"a": {"b": 1}}, {"a": None}, {"a": None}),
        ({"a": 1}, {"a": {"b": 1}}, {"a": {"b": 1}}),
        ({"a": "x"}, {"a": Append("y")}, {"a": "x\ny"}),
        ({"a": Append("x")}, {"a": Append("y")}, {"a": Append("x\ny")}),
        ({}, {"a": Append("y")}, {"a": Append("y")}),
    ],
)
def test_merge(base: Patch, change: Patch, merged: Patch) -> None:
    assert merge(base, change) == merged


@pytest.mark.parametrize(
    "effective, change, whole",
    [
        ({"a": "x"}, {"a": Append("y")}, {"a": "x\ny"}),
        ({}, {"a": Append("y")}, {"a": "y"}),
        ({"a": {"b": "x"}}, {"a": {"b": Append("y"), "c": 1}}, {"a": {"b": "x\ny", "c": 1}}),
        ({"a": 1}, {"a": {"b": Append("y")}}, {"a": {"b": "y"}}),
    ],
)
def test_resolved(effective: Patch, change: Patch, whole: Patch) -> None:
    assert resolved(effective, change) == whole


def test_value_at() -> None:
    assert value_at({"a": {"b": 1}}, ("a", "b")) == 1
    assert value_at({"a": 1}, ("a", "b")) is None


@pytest.mark.parametrize(
    "patch, path, left",
    [
        ({"a": {"b": 1, "c": 2}}, ("a", "b"), {"a": {"c": 2}}),
        ({"a": {"b": 1}, "d": 3}, ("a", "b"), {"d": 3}),
        ({"a": {"c": 1}}, ("a", "b"), {"a": {"c": 1}}),
        ({"a": 1, "d": 3}, ("a",), {"d": 3}),
        ({"a": 1}, ("a", "b"), {"a": 1}),
        ({"a": 1}, ("b",), {"a": 1}),
    ],
)
def test_without(patch: Patch, path: tuple[str, ...], left: Patch) -> None:
    assert without(patch, path) == left
