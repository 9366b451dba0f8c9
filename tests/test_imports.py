"""Who may import whom: doors, commands, what they share, and what is pure."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from nightly.launcher import UNLOCKED

ROOT = Path(__file__).resolve().parent.parent
SCRIPTS, CLEANUP = ROOT / "scripts", ROOT / "cleanup"

DECISIONS = [
    *(
        f"nightly.downstream.records.{name}"
        for name in ("experiment", "history", "plan", "proof", "result", "snapshot")
    ),
    *("nightly.errors", "nightly.channel", "nightly.options", "nightly.plan", "nightly.report", "nightly.summary"),
    *("nightly.markdown", "nightly.metadata", "nightly.ordering", "nightly.versions", "nightly.simple_page"),
    *("nightly.anaconda.access", "nightly.anaconda.explain", "nightly.anaconda.payloads", "nightly.anaconda.records"),
    *("nightly.directory.page", "nightly.directory.render"),
    *("nightly.github.access", "nightly.github.explain", "nightly.github.records", "nightly.github.refusals"),
    *("nightly.github.job", "nightly.failures", "nightly.issue_text", "nightly.issues", "nightly.marker"),
    *("retention", "competing", "file_names", "forecast", "moments", "quantities", "ranking", "reasons", "rules"),
    *("ruling", "document", "policy_values", "admission", "explain", "fresh", "limits", "modes", "plan", "planfile"),
    *("plan_summary", "result", "result_summary", "cadence", "staleness", "staleness_text", "upkeep"),
    *(f"nightly.downstream.planning.{name}" for name in ("choosing", "blaming", "constraints", "matrix")),
    *(f"nightly.downstream.proving.{name}" for name in ("origin", "reasons", "caps")),
    *(f"nightly.downstream.running.{name}" for name in ("crashes", "judging")),
    *(f"nightly.downstream.isolating.{name}" for name in ("suspects", "rounds", "verdict", "finding")),
    *(f"nightly.downstream.telling.{name}" for name in ("deciding", "lifecycle", "issue_body", "upstream")),
]
"""Decisions, which the same data always lead to."""

_NAMES = {"yaml": "PyYAML"}

IMPURE = frozenset(
    {"requests", "requests_toolbelt", "urllib.request", "http", "socket", "ssl", "subprocess", "signal"}
    | {"os", "io", "glob", "shutil", "tempfile", "time", "threading", "concurrent", "random", "secrets", "uuid"}
)
"""What reaches out of a process, or is another each time."""

IMPURE_CALLS = frozenset(
    {"open", "print", "input", "now", "utcnow", "today"}
    | {"read_text", "read_bytes", "write_text", "write_bytes", "iterdir", "glob", "rglob", "mkdir", "unlink", "stat"}
)
"""The same, of what is imported for its types: datetime and pathlib."""


def modules(folder: Path) -> dict[str, Path]:
    """The modules of a place on sys.path, by their names."""
    found = {}
    for path in sorted(folder.rglob("*.py")):
        parts = path.relative_to(folder).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


OURS = modules(SCRIPTS) | modules(CLEANUP)


def says_pure(name: str) -> bool:
    """Whether the first line of its docstring does."""
    return "Pure" in (ast.get_docstring(ast.parse(OURS[name].read_bytes())) or "").partition("\n")[0]


RETENTION = [*modules(CLEANUP)]
PURE = sorted({*DECISIONS, *(name for name in OURS if says_pure(name))})
PLUGIN = "nightly.downstream.running.plugin."
"""What is put into the environment that is tested, and runs there."""

COMMANDS = [name for name in modules(SCRIPTS) if "." not in name and name not in {"nightly", "__main__"}]
COMMANDS += ["cleanup", "freshness"]
SHARED = [name for name in OURS if name.partition(".")[0] == "nightly"]


def imports(name: str) -> Iterator[str]:
    """The modules that a module imports, anywhere in it: ours by their full names."""
    for node in ast.walk(ast.parse(OURS[name].read_bytes())):
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.module, f"{name} imports relatively"
            assert not node.level, f"{name} imports relatively"
            inner = {f"{node.module}.{each.name}" for each in node.names}
            yield from inner & OURS.keys() or {node.module}


def top(module: str) -> str:
    return module.partition(".")[0]


def reached(name: str) -> set[str]:
    """The modules of ours that a module leads to, with itself."""
    found, todo = set[str](), [name]
    while todo:
        if (module := todo.pop()) not in found:
            found.add(module)
            todo += (each for each in imports(module) if each in OURS)
    return found


def test_there_are_commands_and_shared_modules() -> None:
    assert {"upload", "test", "lint", "demo"} <= set(COMMANDS)
    assert len(SHARED) > 20


@pytest.mark.parametrize("module", ["__main__", *(name.replace("-", "_") for name in sorted(UNLOCKED))])
def test_what_runs_before_any_installation_needs_nothing_but_the_standard_library(module: str) -> None:
    foreign = {(name, each) for name in reached(module) for each in imports(name) if each not in OURS}
    assert {(name, each) for name, each in foreign if top(each) not in sys.stdlib_module_names} == set()


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_imports_no_other_command(command: str) -> None:
    assert set(imports(command)) & {*COMMANDS, "__main__"} == set()


@pytest.mark.parametrize("name", SHARED)
def test_what_is_shared_knows_of_no_command(name: str) -> None:
    assert set(imports(name)) & {*COMMANDS, "__main__"} == set()


@pytest.mark.parametrize("name", modules(SCRIPTS))
def test_only_retention_knows_of_retention(name: str) -> None:
    assert set(imports(name)) & set(RETENTION) == set()


@pytest.mark.parametrize("folder", [SCRIPTS, CLEANUP], ids=lambda folder: folder.name)
def test_only_what_is_locked_is_imported(folder: Path) -> None:
    lines = (folder / "requirements.in").read_text(encoding="utf-8").splitlines()
    installed = {line.partition("=")[0].strip() for line in lines}
    needed = {module for name in modules(folder) if not name.startswith(PLUGIN) for module in reached(name)}
    foreign = {top(each) for name in needed for each in imports(name) if each not in OURS} - sys.stdlib_module_names
    assert {_NAMES.get(name, name.replace("_", "-")) for name in foreign} == installed


@pytest.mark.parametrize("name", [name for name in OURS if name.startswith(PLUGIN)])
def test_what_runs_in_the_tested_environment_needs_nothing_but_pytest(name: str) -> None:
    assert {top(each) for each in imports(name)} - sys.stdlib_module_names <= {"pytest", "_pytest"}


def test_who_decides_of_files_asks_only_what_is_pure() -> None:
    assert reached("retention") & set(RETENTION) <= set(PURE)


@pytest.mark.parametrize("name", PURE)
def test_what_is_pure_reaches_for_nothing(name: str) -> None:
    assert {each for each in imports(name) if {each, top(each)} & IMPURE} == set()
    calls = [node.func for node in ast.walk(ast.parse(OURS[name].read_bytes())) if isinstance(node, ast.Call)]
    called = {call.attr if isinstance(call, ast.Attribute) else getattr(call, "id", "") for call in calls}
    assert called & IMPURE_CALLS == set()


def test_no_module_needs_itself() -> None:
    graph = {name: [each for each in imports(name) if each in OURS] for name in OURS}
    TopologicalSorter(graph).prepare()
