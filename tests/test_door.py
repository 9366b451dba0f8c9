"""The line that action.yml runs, in bash as a runner calls it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from launching import Laptop, Ran
from nightly.launcher import commands

ROOT = Path(__file__).resolve().parent.parent
ACTIONS = sorted(path for pattern in ("", "*/", ".github/actions/*/") for path in ROOT.glob(f"{pattern}action.yml"))
DOORS = [path for path in ACTIONS if path.parent.name != "prepare"]
"""All but the one that has no command of ours."""

REAL = f'exec "{sys.executable}" "$@"'
STORE = "echo Python was not found, run without arguments to install from the Microsoft Store >&2; exit 49"
OLD = "echo Unknown option: -I >&2; exit 2"


def bash() -> str:
    """The bash of a runner; on Windows Git's, since the first on PATH may be that of a Linux."""
    git = shutil.which("git")
    beside_git = Path(git).parents[1] / "bin" / "bash.exe" if git and sys.platform == "win32" else None
    found = str(beside_git) if beside_git and beside_git.is_file() else shutil.which("bash")
    assert found
    return found


def lines_of(door: Path) -> list[str]:
    """What its steps run; the first is what it is for."""
    return [step["run"] for step in yaml.safe_load(door.read_text(encoding="utf-8"))["runs"]["steps"]]


def run_door(laptop: Laptop, pythons: dict[str, str]) -> Ran:
    """Run the line with nothing on PATH but the programs given, each the text of a shell script."""
    programs = laptop.root / "programs"
    programs.mkdir()
    for name, text in pythons.items():
        (programs / name).write_text(f"#!{bash()}\n{text}\n")
        (programs / name).chmod(0o755)
    line = laptop.root / "line.sh"
    line.write_text(lines_of(ROOT / "action.yml")[0], encoding="utf-8")
    shutil.copyfile(laptop.scripts / "probe.py", laptop.scripts / "upload.py")
    environ = laptop.environ(PATH=str(programs), GITHUB_ACTION_PATH=str(laptop.scripts.parent))
    call = [bash(), "--noprofile", "--norc", "-e", "-o", "pipefail", str(line)]
    done = subprocess.run(call, cwd=laptop.cwd, env=environ, check=False, capture_output=True, text=True)
    return Ran(done.returncode, done.stdout + done.stderr)


MACHINES = {
    "python3 alone": {"python3": REAL},
    "python alone": {"python": REAL},
    "both": {"python3": REAL, "python": "echo IMPOSTOR"},
    "the store's stub as python3": {"python3": STORE, "python": REAL},
    "an old python": {"python": OLD, "python3": REAL},
}


@pytest.mark.parametrize("pythons", MACHINES.values(), ids=MACHINES)
def test_the_line_finds_python(laptop: Laptop, pythons: dict[str, str]) -> None:
    ran = run_door(laptop, pythons)
    assert ran.code == 0, ran.output
    assert ran.seen["argv"] == []
    assert "Python was not found" not in ran.output
    assert "IMPOSTOR" not in ran.output


@pytest.mark.parametrize(
    "pythons", [{}, {"python": OLD}, {"python": STORE, "python3": STORE}], ids=["none", "2", "stub"]
)
def test_where_there_is_no_python_the_line_says_what_to_add(laptop: Laptop, pythons: dict[str, str]) -> None:
    ran = run_door(laptop, pythons)
    assert ran.code == 1
    assert ran.output.splitlines()[-1].startswith("::error title=")
    assert "actions/setup-python" in ran.output


def test_the_exit_code_comes_through(laptop: Laptop) -> None:
    failing = Laptop(laptop.root, laptop.scripts, {**laptop.settings, "EXIT_CODE": "2"})
    assert run_door(failing, {"python3": REAL}).code == 2


@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.parent.relative_to(ROOT).as_posix())
def test_every_door_runs_that_line_but_for_the_way_to_scripts_and_the_command(door: Path) -> None:
    way = os.path.relpath(ROOT / "scripts", door.parent).replace(os.sep, "/")
    for line in lines_of(door):
        assert "${{" not in line
        command = line.partition('/scripts" ')[2].partition(";")[0]
        assert command in commands(ROOT / "scripts")
        assert line.replace(f'/{way}" {command};', '/scripts" upload;') == lines_of(ROOT / "action.yml")[0]
