"""What a decision depends on: the files, the policy and the time that it's given, and nothing else."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from test_imports import IMPURE, IMPURE_CALLS

CLEANUP = Path(__file__).resolve().parent.parent / "cleanup"


def imports(name: str) -> set[str]:
    """The modules that a module of the cleanup imports, anywhere in it."""
    nodes = list(ast.walk(ast.parse((CLEANUP / f"{name}.py").read_bytes())))
    found = {each.name for node in nodes if isinstance(node, ast.Import) for each in node.names}
    return found | {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)}


def reached(name: str) -> set[str]:
    """The modules of the cleanup that a module leads to, with itself."""
    found, todo = set[str](), [name]
    while todo:
        if (module := todo.pop()) not in found:
            found.add(module)
            todo += (each for each in imports(module) if (CLEANUP / f"{each}.py").exists())
    return found


MODULES = sorted(reached("retention"))


def test_a_decision_is_made_of_several_modules() -> None:
    assert {"retention", "ranking", "forecast", "rules", "reasons"} <= set(MODULES)


@pytest.mark.parametrize("name", MODULES)
def test_a_decision_reaches_for_nothing(name: str) -> None:
    assert {each for each in imports(name) if {each, each.partition(".")[0]} & IMPURE} == set()
    calls = [
        node.func for node in ast.walk(ast.parse((CLEANUP / f"{name}.py").read_bytes())) if isinstance(node, ast.Call)
    ]
    called = {call.attr if isinstance(call, ast.Attribute) else getattr(call, "id", "") for call in calls}
    assert called & IMPURE_CALLS == set()


@pytest.mark.parametrize("name", MODULES)
def test_a_decision_knows_of_no_channel_but_its_files(name: str) -> None:
    assert {each for each in imports(name) if each.startswith("nightly")} <= {"nightly.channel"}
