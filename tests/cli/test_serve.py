"""What `turngate serve` says when it is ready, and how it names itself."""

import gc
from pathlib import Path

import pytest
from rich.text import Text

from turngate.cli.plain import typed
from turngate.cli.serve import keep_what_stands, welcome
from turngate.gateway.config import Config
from turngate.gateway.target import Target


def rows(text: Text) -> dict[str, str]:
    lines = text.plain.splitlines()[1:]
    return {line.split()[0]: line.split(maxsplit=1)[1] for line in lines}


@pytest.mark.parametrize(
    "started, here, search, says",
    [
        ("bin/turngate", "", "", "bin/turngate"),
        ("{}/bin/turngate", "", "", "bin/turngate"),
        ("{}/bin/turngate", "bin", "", "./turngate"),
        ("{}/bin/turngate", "bin", "{}", "./turngate"),
        ("{}/bin/turngate", "", "{}/bin", "turngate"),
        ("/lib/turngate/__main__.py", "", "{}/bin", "bin/python -m turngate"),
    ],
    ids=["relative", "absolute", "here", "other folders", "on the path", "module"],
)
def test_the_program_is_named_as_it_is_typed(
    started: str, here: str, search: str, says: str, tmp_path: Path
) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "turngate").touch(mode=0o755)
    python = str(tmp_path / "bin" / "python")
    told = typed(started.format(tmp_path), python, tmp_path / here, search.format(tmp_path))
    assert told == says


def test_a_far_program_is_named_whole(tmp_path: Path) -> None:
    assert typed("/opt/my own/turngate", "", tmp_path / "a" / "b" / "c", "") == (
        "'/opt/my own/turngate'"
    )


@pytest.mark.parametrize(
    "address, keys, more",
    [
        ("ws://127.0.0.1:8080", (), ""),
        ("ws://127.0.0.1:9000", (), " --url ws://127.0.0.1:9000"),
        ("ws://0.0.0.0:8080", ("k1",), " --key KEY"),
        ("ws://[::]:8080", ("k1",), " --url ws://[::1]:8080 --key KEY"),
        ("ws://10.0.0.1:80", ("k1",), " --url ws://10.0.0.1:80 --key KEY"),
    ],
)
def test_the_welcome(address: str, keys: tuple[str, ...], more: str) -> None:
    upstream = Target(url="ws://127.0.0.1:1", name="local")
    said = rows(welcome(Config(client_keys=keys), upstream, address, "bin/turngate"))
    assert said["agent"] == f"{address}/v1/agent/converse"
    assert said["realtime"] == f"{address}/v1/realtime (OpenAI clients)"
    assert said["talk"] == f'bin/turngate talk "what time is it in Paris?"{more}'
    assert "k1" not in said["talk"] + said["keys"]


@pytest.mark.parametrize(
    "config, fronts",
    [
        (Config(), {"realtime"}),
        (Config(deepgram_key="dg"), {"realtime", "deepgram"}),
        (Config(upstream="deepgram", upstream_key="dg"), set[str]()),
    ],
)
def test_the_welcome_names_what_can_be_had(config: Config, fronts: set[str]) -> None:
    upstream = Target(url="ws://127.0.0.1:1", name="local")
    said = rows(welcome(config, upstream, "ws://127.0.0.1:8080", "bin/turngate"))
    assert {"realtime", "deepgram"} & {*said} == fronts


def test_the_collector_leaves_alone_what_stands_at_the_start_and_nothing_else() -> None:
    class Cycle:
        itself: "Cycle"

    def cycles() -> int:
        return sum(isinstance(each, Cycle) for each in gc.get_objects())

    gone = Cycle()
    gone.itself = gone
    del gone
    try:
        keep_what_stands()
        assert gc.get_freeze_count() > len(gc.get_objects())
        late = Cycle()
        late.itself = late
        del late
        assert gc.collect() > 0
        assert cycles() == 0
    finally:
        gc.unfreeze()
    assert cycles() == 0, "what was garbage at the start was not kept"
