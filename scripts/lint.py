"""Run every linter, in an environment made from tests/requirements.txt."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from nightly.actions import Runner
from nightly.cache import cache_dir
from nightly.errors import UserError
from nightly.venvs import ensure_venv

ROOT = Path(__file__).resolve().parent.parent


def main(argv: Sequence[str]) -> int:  # noqa: ARG001 - every command takes its arguments, this one has none
    """Run all linters, also after one that complained. Returns 1 if any did."""
    runner = Runner.from_environ(os.environ, sys.stdout)
    try:
        python = ensure_venv(ROOT / "tests" / "requirements.txt", cache=cache_dir(os.environ, sys.platform))
    except UserError as error:
        runner.fail(error)
        return error.exit_code
    complained = [call[:2] for call in linters(ROOT) if not _passes(runner, python, call)]
    runner.line(f"Complaints from: {', '.join(map(shlex.join, complained))}." if complained else "No complaints.")
    return 1 if complained else 0


def linters(root: Path) -> Iterator[list[str]]:
    """The calls of the linters, from the repository's root. One that has no files to look at is left out."""
    yield ["ruff", "check"]
    yield ["ruff", "format", "--check"]
    yield ["mypy"]
    yield ["zizmor", "--persona", "auditor", "--offline", "."]
    actions = _found(root, "action.yml", "*/action.yml", ".github/actions/*/action.yml")
    for schema, files in (
        ("vendor.github-actions", actions),
        ("vendor.github-workflows", _found(root, ".github/workflows/*.yml")),
        ("vendor.dependabot", _found(root, ".github/dependabot.yml")),
    ):
        if files:
            yield ["check-jsonschema", "--builtin-schema", schema, *files]
    if scripts := _found(root, ".ci/run"):
        yield ["shellcheck", *scripts]


def _found(root: Path, *patterns: str) -> list[str]:
    return sorted(path.relative_to(root).as_posix() for pattern in patterns for path in root.glob(pattern))


def _passes(runner: Runner, python: Path, call: Sequence[str]) -> bool:
    runner.line(f"$ {shlex.join(call)}")
    return subprocess.run([str(python.with_name(call[0])), *call[1:]], cwd=ROOT, check=False).returncode == 0
