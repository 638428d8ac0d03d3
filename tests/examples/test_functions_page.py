"""The page on functions: its Python, configurations and request as they stand there, and its codes."""

import re
import tomllib
from contextlib import chdir
from pathlib import Path

import pytest

from turngate.functions import Failure, Manners
from turngate.gateway.functions.catalogue import Catalogue
from turngate.gateway.functions.python import PythonFunction, Threads, load
from turngate.gateway.functions.route import Route
from turngate.gateway.loading import load as load_config

TEXT = (Path(__file__).parents[2] / "docs/howto/run-functions-in-the-gateway.md").read_text()


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", TEXT, re.DOTALL)


async def test_its_function_answers_its_request(tmp_path: Path) -> None:
    (module,) = blocks("python")
    (tmp_path / "shop_of_the_page.py").write_text(module)
    with chdir(tmp_path):
        registry = load("shop_of_the_page")
    functions = [PythonFunction(each, Threads()) for each in registry]
    (request,) = (block for block in blocks("sh") if "/function-call" in block)
    body, answer = re.findall(r"-d '(.*)'\n# (.*)", request)[0]
    status, told = await Route(Catalogue(functions)).answer(body.encode())
    assert (status, told.decode()) == (200, answer)


@pytest.mark.parametrize("block", blocks("toml"), ids=lambda block: block.splitlines()[0])
def test_its_configurations_are_taken(block: str, tmp_path: Path) -> None:
    path = tmp_path / "turngate.toml"
    path.write_text(block)
    config = load_config({"config": path}, {})
    taken = {key: len(getattr(config, key)) for key in tomllib.loads(block)}
    assert taken == {key: len(said) for key, said in tomllib.loads(block).items()}


def test_its_manners_are_manners() -> None:
    for arguments in re.findall(r"Manners\((.*?)\)[`)]", TEXT):
        assert isinstance(eval(f"Manners({arguments})", {"Manners": Manners}), Manners)  # noqa: S307 - our own page


def test_every_code_is_told() -> None:
    assert set(re.findall(r"^\| `(\w+)` \|", TEXT, re.MULTILINE)) == set(Failure)
