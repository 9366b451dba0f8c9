"""The commands of those who work on this repository, and what they rest on."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import lint
from launching import SCRIPTS

ROOT = SCRIPTS.parent


def test_the_real_lock_installs_from_the_registry_of_this_machine(tmp_path: Path) -> None:
    for name in ("requests.py", "packaging.py", "json.py"):
        (tmp_path / name).write_text("raise SystemExit('IMPOSTOR')\n")
    environ = {**os.environ, "NIGHTLY_CACHE": str(tmp_path / "cache")}
    environ.pop("RUNNER_TEMP", None)
    call = [sys.executable, "-I", "-X", "utf8", str(SCRIPTS), "upload", "--help"]
    done = subprocess.run(call, cwd=tmp_path, env=environ, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "--artifacts-path" in done.stdout


@pytest.mark.parametrize(
    "lock",
    sorted([*ROOT.glob("*/requirements.txt"), *ROOT.glob("tests/*client.txt")]),
    ids=lambda lock: f"{lock.parent.name}/{lock.name}",
)
def test_a_lock_names_no_registry_and_has_a_hash_for_everything(lock: Path) -> None:
    text = lock.read_text(encoding="utf-8")
    assert "://" not in text
    requirements = [part for part in text.replace("\\\n", " ").splitlines() if part and part.lstrip()[0] != "#"]
    assert requirements
    for requirement in requirements:
        assert "==" in requirement
        assert "--hash=sha256:" in requirement


def test_the_tests_have_the_versions_that_the_commands_have() -> None:
    locks = [(ROOT / folder / "requirements.txt").read_text(encoding="utf-8") for folder in ("scripts", "tests")]
    ours, tests = ({line.split()[0] for line in lock.splitlines() if line[:1].isalpha()} for lock in locks)
    assert ours <= tests


def test_every_linter_is_called_with_the_files_there_are(tmp_path: Path) -> None:
    for name in ("action.yml", "cleanup/action.yml", ".github/actions/upload/action.yml", ".github/workflows/ci.yml"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    calls = [" ".join(call) for call in lint.linters(tmp_path)]
    actions = ".github/actions/upload/action.yml action.yml cleanup/action.yml"
    assert f"check-jsonschema --builtin-schema vendor.github-actions {actions}" in calls
    assert "check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/ci.yml" in calls
    assert not [call for call in calls if "dependabot" in call or "shellcheck" in call]


def test_the_linters_look_at_this_repository() -> None:
    programs = {call[0] for call in lint.linters(ROOT)}
    assert programs == {"ruff", "mypy", "zizmor", "check-jsonschema", "shellcheck"}
