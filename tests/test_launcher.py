"""The launcher, run from jobs that put things in its way."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from launching import SCRIPTS, Laptop, make_checkout
from nightly.launcher import Command, commands

ISOLATED = (sys.executable, "-I", "-X", "utf8")
IMPOSTORS = [
    *("pip/__init__.py", "pip/__main__.py", "scripts/__init__.py", "scripts/__main__.py", "demo_pkg.py", "json.py"),
    *("nightly.py", "probe.py", "queue.py", "requests.py", "sitecustomize.py", "usercustomize.py"),
]


def fill_with_impostors(directory: Path) -> None:
    for name in IMPOSTORS:
        (directory / name).parent.mkdir(exist_ok=True)
        (directory / name).write_text(f"print('IMPOSTOR {name}')\n", encoding="utf-8")


def snapshot(root: Path) -> dict[str, bytes | None]:
    return {str(path): path.read_bytes() if path.is_file() else None for path in root.rglob("*")}


def test_a_command_gets_its_arguments_its_libraries_and_its_inputs(laptop: Laptop) -> None:
    ran = laptop.run("probe", "--flag", "a b", INPUT_TOKEN="for the command alone")
    assert ran.code == 0, ran.output
    assert ran.seen["argv"] == ["--flag", "a b"]
    assert Path(ran.seen["cwd"]).samefile(laptop.cwd)
    assert ran.seen["python"] == sys.executable
    assert ran.seen["token"] == "for the command alone"
    assert Path(ran.seen["libraries"]).parent == laptop.cache


def test_the_exit_code_is_the_commands(laptop: Laptop) -> None:
    assert laptop.run("probe", EXIT_CODE="3").code == 3


def test_a_working_directory_full_of_impostors_runs_none_of_them(laptop: Laptop) -> None:
    fill_with_impostors(laptop.cwd)
    ran = laptop.run("probe")
    assert ran.code == 0, ran.output
    assert ran.seen
    assert "IMPOSTOR" not in ran.output


JOBS = {
    "PYTHONPATH": "{impostors}",
    "PYTHONHOME": "{impostors}",
    "PYTHONSTARTUP": "{impostors}/json.py",
    "PYTHONSAFEPATH": "1",
    "PYTHONWARNINGS": "error",
    "PYTHONNOUSERSITE": "",
    "PIP_USER": "1",
    "PIP_REQUIRE_VIRTUALENV": "1",
    "PIP_CONSTRAINT": "{impostors}/no-such-file.txt",
    "PIP_REQUIREMENT": "{impostors}/no-such-file.txt",
    "PIP_TARGET": "{impostors}/elsewhere",
    "PIP_PREFIX": "{impostors}/elsewhere",
    "PIP_PYTHON": "{impostors}/no-such-python",
    "PIP_NO_BINARY": ":all:",
    "PIP_DRY_RUN": "1",
    "PIP_ISOLATED": "1",
    "PIP_QUIET": "3",
    "PIP_VERBOSE": "3",
    "PIP_TIMEOUT": "30",
    "FORCE_COLOR": "1",
}


@pytest.mark.parametrize("name", JOBS)
def test_a_jobs_own_settings_are_not_in_the_way(laptop: Laptop, name: str) -> None:
    fill_with_impostors(laptop.home)
    ran = laptop.run("probe", **{name: JOBS[name].format(impostors=laptop.home)})
    assert ran.code == 0, ran.output
    assert ran.seen
    assert "IMPOSTOR" not in ran.output
    assert not (laptop.home / "elsewhere").exists()


@pytest.mark.parametrize("name", ["PYTHONSAFEPATH", "PYTHONWARNINGS", "PIP_USER"])
def test_a_person_needs_no_flags_of_python(laptop: Laptop, name: str) -> None:
    ran = replace(laptop, python=(sys.executable,)).run("probe", **{name: "error" if "WARN" in name else "1"})
    assert ran.code == 0, ran.output
    assert ran.seen


def test_a_path_with_spaces_and_an_umlaut_is_a_path(tmp_path: Path, wheels: Path, laptop: Laptop) -> None:
    root = tmp_path / "Müllers zweite Aktion"
    moved = replace(laptop, root=root, scripts=make_checkout(root / "das Repo", wheels))
    assert moved.run("probe").seen["libraries"].startswith(str(root))


def test_on_a_runner_the_libraries_are_in_a_new_directory_of_its_temp(laptop: Laptop) -> None:
    temp = laptop.root / "runner temp"
    temp.mkdir()
    runner = {"RUNNER_TEMP": str(temp), "NIGHTLY_CACHE": ""}
    first, second = (laptop.run("probe", **runner).seen["libraries"] for _ in range(2))
    assert first != second
    assert {Path(first).parent, Path(second).parent} == {temp}
    assert not laptop.cache.exists()


def test_a_runner_with_a_cache_keeps_the_libraries_there(laptop: Laptop) -> None:
    first, second = (laptop.run("probe", RUNNER_TEMP=str(laptop.root)).seen["libraries"] for _ in range(2))
    assert first == second
    assert Path(first).parent == laptop.cache


def test_nothing_is_written_where_the_user_works(laptop: Laptop) -> None:
    fill_with_impostors(laptop.cwd)
    before = snapshot(laptop.cwd)
    assert laptop.run("probe").code == 0
    assert snapshot(laptop.cwd) == before


@pytest.fixture
def read_only_python(laptop: Laptop) -> Iterator[tuple[str, ...]]:
    """A call of Python that can't write into the checkout. Root may write anywhere, unless it gives that up."""
    folders = [path for path in laptop.scripts.rglob("*") if path.is_dir()] + [laptop.scripts]
    drop = "-dac_override,-dac_read_search"
    plain: tuple[str, ...] = ()
    as_root = ("setpriv", f"--bounding-set={drop}", f"--inh-caps={drop}") if shutil.which("setpriv") else plain
    for folder in folders:
        folder.chmod(0o555)
    write = f"import tempfile; tempfile.mkdtemp(dir={str(laptop.scripts)!r})"
    tried = {
        call: subprocess.run([*call, sys.executable, "-c", write], check=False, capture_output=True)
        for call in (plain, as_root)
    }
    refused = [call for call, tries in tried.items() if b"PermissionError" in tries.stderr]
    if refused:
        yield (*refused[0], *ISOLATED)
    for folder in folders:
        folder.chmod(0o755)
    if not refused:
        pytest.skip("this system lets this user write into a read-only directory")


def test_a_read_only_checkout_will_do(laptop: Laptop, read_only_python: tuple[str, ...]) -> None:
    ran = replace(laptop, python=read_only_python).run("probe")
    assert ran.code == 0, ran.output
    assert ran.seen


def test_without_a_command_they_are_listed_with_what_each_does(laptop: Laptop) -> None:
    for arguments in ((), ("--help",), ("-h",)):
        ran = laptop.run(*arguments)
        assert ran.code == 0
        assert "probe  Say what a command sees." in ran.output
    assert not laptop.cache.exists()


@pytest.mark.parametrize("name", ["prob", "nightly", "--main--", "../probe", "__main__", ""])
def test_an_unknown_command_is_refused_with_the_list(laptop: Laptop, name: str) -> None:
    ran = laptop.run(name)
    assert ran.code == 2
    assert repr(name) in ran.output
    assert "Say what a command sees." in ran.output


@pytest.mark.parametrize("command", ["cleanup", "freshness"])
def test_a_command_outside_scripts_brings_its_own_lock_and_neighbours(laptop: Laptop, command: str) -> None:
    cleanup = laptop.scripts.parent / "cleanup"
    cleanup.mkdir()
    shutil.copyfile(laptop.scripts / "requirements.txt", cleanup / "requirements.txt")
    (laptop.scripts / "requirements.txt").unlink()
    (cleanup / f"{command}.py").write_text(
        "import retention\nfrom nightly import errors\nimport probe\nmain = probe.main\n"
    )
    (cleanup / "retention.py").write_text("'''No command.'''\n")
    assert set(commands(laptop.scripts)) == {command, "probe"}
    ran = laptop.run(command, "plan")
    assert ran.code == 0, ran.output
    assert ran.seen["argv"] == ["plan"]


def test_dashes_in_a_commands_name_are_underscores_in_its_files() -> None:
    with tempfile.TemporaryDirectory() as scripts:
        Path(scripts, "plan_nightlies.py").touch()
        assert list(commands(Path(scripts))) == ["plan-nightlies"]


@pytest.mark.parametrize("command", commands(SCRIPTS).values(), ids=lambda command: command.name)
def test_every_command_says_what_it_does_and_has_a_main_and_a_lock(command: Command) -> None:
    assert command.summary.endswith(".")
    assert any(getattr(node, "name", "") == "main" for node in ast.parse(command.module.read_bytes()).body)
    assert command.lock is None or command.lock.is_file()


def test_the_launcher_needs_the_standard_library_alone() -> None:
    code = f"import sys; sys.path[:0] = [{str(SCRIPTS)!r}]; import nightly.launcher"
    subprocess.run([sys.executable, "-I", "-S", "-c", code], check=True)


OLD_SYNTAX = {"Module", "Expr", "Constant", "Import", "ImportFrom", "alias", "If", "IfExp", "Compare", "Lt", "Eq"}
OLD_SYNTAX |= {"Assign", "Name", "Attribute", "Call", "Starred", "Subscript", "Slice", "Tuple", "BinOp", "Add"}
OLD_SYNTAX |= {"Load", "Store", "Tuple"}


def test_the_first_file_has_no_syntax_that_an_old_python_can_not_read() -> None:
    tree = ast.parse((SCRIPTS / "__main__.py").read_bytes())
    assert {type(node).__name__ for node in ast.walk(tree)} <= OLD_SYNTAX


def find_old(version: str) -> str:
    """The path of an old Python, or "". Where pyenv's shims are on PATH, they go by a variable."""
    found = shutil.which(f"python{version}")
    if found is None:
        return ""
    asked = [found, "-c", "import sys; print(sys.executable)"]
    answer = subprocess.run(
        asked, env={**os.environ, "PYENV_VERSION": version}, check=False, capture_output=True, text=True
    )
    return answer.stdout.strip() if answer.returncode == 0 else ""


@pytest.mark.parametrize("version", ["2.7", "3.6", "3.7", "3.8", "3.9"])
@pytest.mark.parametrize("github", ["true", ""])
def test_an_old_python_is_refused_in_one_line(laptop: Laptop, version: str, github: str) -> None:
    old = find_old(version)
    if not old:
        pytest.skip(f"there is no Python {version} on this machine")
    flags = () if version == "2.7" else ("-I", "-X", "utf8")
    ran = replace(laptop, python=(old, *flags)).run("probe", GITHUB_ACTIONS=github)
    assert ran.code == 1
    assert ran.output.count("\n") == 1
    assert ran.output.startswith("::error title=" if github else "error: ")
    for part in ("3.10 or newer", f"this is {version}.", "actions/setup-python"):
        assert part in ran.output
