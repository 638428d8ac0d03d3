"""What is changed in one place at a time, and what is said of what no test notices."""

from proof.mutation.trees import ROOT, TREES, explained


def test_every_explained_survivor_has_a_reason() -> None:
    reasons = explained()
    assert reasons
    assert [each for each, why in reasons.items() if len(why.split()) < 4] == []


def test_no_function_of_the_core_is_left_out() -> None:
    core = (ROOT / "src" / "turngate" / "core").glob("*.py")
    with_functions = {path.stem for path in core if "def " in path.read_text()}
    assert with_functions - {module for tree in TREES for module in tree.modules} == set()


def test_every_module_is_there_and_in_one_tree_only() -> None:
    modules = [module for tree in TREES for module in tree.modules]
    paths = [f"{each if '/' in each else f'core/{each}'}.py" for each in modules]
    assert [path for path in paths if not (ROOT / "src" / "turngate" / path).exists()] == []
    assert sorted(modules) == sorted(set(modules))
