"""The recipes of the page on testing, run as they are written there, by the tools that they are for."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import pytest

from nightly.cache import VARIABLE, cache_dir
from planning_runs import directory_channel
from readme import ROOT, section, table, text
from registry import Registry
from sample_projects import make_project
from sample_wheels import make_package
from shop import program, python_with

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the page says what differs in a shell of Windows")

PAGE = ROOT / "docs" / "testing.md"
PLAN = "python3 ../upload-nightly-action/scripts nightlies plan"
VERIFY = "python3 ../upload-nightly-action/scripts nightlies verify --plan plan.json --python"

_OURS_ALONE = ("PIP_", "UV_", "TOX", "NOX", "HATCH", "PYTEST", "PYTHON", "INPUT_", "GITHUB_", "VIRTUAL_ENV", "XDG_")
_VIRTUALENV = ("--quiet", "--no-download", "--no-venv-redirect")
_HATCH = '\n[tool.hatch.envs.test]\nfeatures = ["test"]\nscripts.run = "python -c \'import foo\'"\n'
_TOX = "[testenv]\npackage = skip\ndeps = .[test]\ncommands = python -c 'import foo, bar'\n"
_NOX = "import nox\n\n@nox.session\ndef tests(session):\n    session.install('.[test]')\n"


@dataclass(frozen=True)
class Ran:
    """How lines of a shell ended."""

    code: int
    output: str

    @property
    def proved(self) -> bool:
        return self.code == 0 and "2 of 2 dependencies really nightly" in self.output


@dataclass
class Desk:
    """A project that needs foo, and bar for its tests, beside a checkout of this repository.

    The index has releases of both, the channel a nightly of each. `programs` are on PATH, after a Python with pip.
    """

    root: Path
    environ: dict[str, str]
    programs: Path = field(init=False)

    def __post_init__(self) -> None:
        self.programs = self.root / "programs"
        self.programs.mkdir()
        (self.root / "upload-nightly-action").symlink_to(ROOT, target_is_directory=True)

    @property
    def project(self) -> Path:
        return self.root / "project"

    def environment(self, name: str = ".venv", *options: str) -> Path:
        """Make a virtual environment in the project, with pip unless `options` say otherwise. Returns its programs."""
        made = [_python("project-tools"), "-m", "virtualenv", *_VIRTUALENV, "-p", sys.executable, *options]
        subprocess.run([*made, str(self.project / name)], check=True, env=self.environ)
        return self.project / name / "bin"

    def offer(self, tool: str, python: Path | str) -> None:
        """Put a program on PATH that is beside this Python, without what else is there."""
        (self.programs / tool).symlink_to(Path(python).parent / tool)

    def run(self, lines: str, *first: Path, **variables: str) -> Ran:
        """Run lines in the project's directory by a shell that stops at the first error; `first` are first on PATH."""
        path = os.pathsep.join(map(str, [*first, self.programs, self.environ["PATH"]]))
        done = subprocess.run(
            ["bash", "-e", "-o", "pipefail", "-c", lines],
            cwd=self.project,
            env={**self.environ, "PATH": path, **variables},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            check=False,
        )
        return Ran(done.returncode, done.stdout)

    def plan(self, *first: Path) -> None:
        """Do what comes before every recipe."""
        (line,) = [line for line in recipe("On a laptop, or in another CI").splitlines() if " plan " in line]
        ran = self.run(line, *first)
        assert ran.code == 0, ran.output


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The index and the channel, as variables."""
    root = tmp_path_factory.mktemp("sources")
    for name in ("foo", "bar"):
        make_package(root / "releases", name, "1.0", {f"{name}.py": ""})
    nightlies = [make_package(root / "nightlies", name, "1.1.dev3", {f"{name}.py": ""}) for name in ("foo", "bar")]
    registry = Registry(root / "releases")
    yield {
        "INPUT_CHANNELS": str(directory_channel(root / "site", *nightlies)),
        "PIP_INDEX_URL": registry.index_url,
        "UV_DEFAULT_INDEX": registry.index_url,
        "UV_CACHE_DIR": str(root / "uv-cache"),
    }
    registry.close()


@pytest.fixture
def desk(tmp_path: Path, sources: dict[str, str]) -> Desk:
    return a_desk(tmp_path, sources)


@pytest.fixture(scope="module")
def planner(tmp_path_factory: pytest.TempPathFactory, sources: dict[str, str]) -> Desk:
    """With a plan, and on PATH uv and a Python whose environment is empty."""
    planner = a_desk(tmp_path_factory.mktemp("planner"), sources)
    folder = planner.environment("python", "--no-pip")
    for name in ("python", "python3"):
        planner.offer(name, folder / name)
    planner.offer("uv", program("uv"))
    planner.plan()
    return planner


@pytest.fixture
def planned(desk: Desk, planner: Desk) -> Desk:
    """With that plan and these programs."""
    for name in ("plan.json", "nightly.txt"):
        shutil.copy(planner.project / name, desk.project)
    for path in planner.programs.iterdir():
        desk.offer(path.name, path)
    return desk


def a_desk(root: Path, sources: dict[str, str]) -> Desk:
    """A desk without any programs of its own."""
    _install_command()
    own = {"PIP_CONFIG_FILE": os.devnull, "UV_NO_CONFIG": "1", "UV_PYTHON_DOWNLOADS": "never"}
    own |= {"HOME": str(root / "home"), VARIABLE: str(cache_dir(os.environ, sys.platform))}
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_OURS_ALONE)}
    _make_project(root / "project")
    return Desk(root, {**kept, **own, **sources})


def recipe(heading: str) -> str:
    """The first lines to run below a heading."""
    found = re.search(rf"^#+ {re.escape(heading)}\n.*?^```console\n(.*?)^```$", text(PAGE), re.DOTALL | re.MULTILINE)
    assert found, heading
    return found[1]


def advice(tool: str) -> list[str]:
    """What to run where a tool knows no constraints: the code in its row of the page."""
    (row,) = [row for row in table(section(PAGE, "Where it can't work")) if tool in row[0]]
    return re.findall(r"`([^`]+)`", row[2])


def _make_project(directory: Path, foo: str = "foo") -> None:
    """Write a project that needs `foo`, and bar for its tests, with what tells each tool how to test it."""
    files = {"tox.ini": _TOX, "noxfile.py": _NOX}
    make_project(directory, "demo-app", [foo], extras={"test": ["bar"]}, files=files)
    with (directory / "pyproject.toml").open("a", encoding="utf-8") as file:
        file.write(_HATCH)


@cache
def _install_command() -> None:
    """What the command needs comes from this machine's registry, once; the recipes run it with another one."""
    command = [sys.executable, str(ROOT / "scripts"), "nightlies", "--help"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def _python(lock: str) -> str:
    return str(python_with(lock))


@pytest.mark.parametrize("resolver", ["pip", "uv"])
def test_the_lines_for_a_laptop_install_the_nightlies_and_prove_it(desk: Desk, resolver: str) -> None:
    if resolver == "uv":
        desk.offer("uv", program("uv"))
    ran = desk.run(recipe("On a laptop, or in another CI"), desk.environment())
    assert ran.proved, ran.output
    assert ran.output.count("URL and hash are the plan's") == 2


def test_nightlies_are_put_over_what_pip_has_installed(desk: Desk) -> None:
    folder = desk.environment()
    desk.plan(folder)
    verify = f'{VERIFY} "$(which python)"'
    assert desk.run(f"python -m pip install .[test]\n{verify}", folder).code == 1
    ran = desk.run(f"{recipe('pip')}{verify}", folder)
    assert ran.proved, ran.output


def test_what_is_forced_past_a_cap_is_put_over_what_pip_has_installed(desk: Desk) -> None:
    _make_project(desk.project, "foo<1.1.dev0")
    folder = desk.environment()
    assert "1 forced" in desk.run(f"{PLAN} --extras test --force foo", folder).output
    over = recipe("pip").replace("nightly.txt", "nightly-overrides.txt")
    install = f"PIP_CONSTRAINT=nightly.txt python -m pip install .[test]\n{over}"
    ran = desk.run(f'{install}{VERIFY} "$(which python)"', folder)
    assert ran.proved, ran.output


def test_uv_installs_the_nightlies(planned: Desk) -> None:
    folder = planned.environment(".venv", "--no-pip")
    ran = planned.run(f"{recipe('uv')}{VERIFY} .venv/bin/python", VIRTUAL_ENV=str(folder.parent))
    assert ran.proved, ran.output
    assert ran.output.count("URL and files are those of the planned wheel") == 2


@pytest.mark.parametrize(
    ("tool", "lock", "installer"),
    [("tox", "test-runners", "pip"), ("tox", "project-tools", "uv"), ("nox", "test-runners", "pip")],
    ids=["tox", "tox-uv", "nox"],
)
def test_a_runner_of_sessions_installs_the_nightlies(planned: Desk, tool: str, lock: str, installer: str) -> None:
    planned.offer(tool, _python(lock))
    ran = planned.run(recipe(tool))
    assert ran.proved, ran.output
    assert ("URL and hash" in ran.output) == (installer == "pip")


@pytest.mark.parametrize("installer", ["pip", "uv"])
def test_hatch_installs_the_nightlies(planned: Desk, installer: str) -> None:
    planned.offer("hatch", _python("project-tools"))
    with (planned.project / "pyproject.toml").open("a", encoding="utf-8") as file:
        file.write(f'installer = "{installer}"\n')
    ran = planned.run(recipe("hatch"))
    assert ran.proved, ran.output
    assert ("URL and hash" in ran.output) == (installer == "pip")


@pytest.mark.parametrize(
    ("tool", "kept", "again"),
    [
        ("tox", "tox -r -e py", "tox -e py"),
        ("nox", "nox -s tests", "nox -R -s tests"),
        ("hatch", "hatch env remove test\n", ""),
    ],
    ids=["tox", "nox", "hatch"],
)
def test_an_environment_that_is_kept_is_told_from_nightlies(planned: Desk, tool: str, kept: str, again: str) -> None:
    planned.offer(tool, _python("project-tools"))
    constraints = planned.project / "nightly.txt"
    lines = constraints.read_text(encoding="utf-8")
    constraints.write_text("", encoding="utf-8")
    assert planned.run(recipe(tool)).code == 1
    constraints.write_text(lines, encoding="utf-8")
    assert kept in recipe(tool)
    ran = planned.run(recipe(tool).replace(kept, again))
    assert ran.code == 1
    assert "0 of 2 dependencies really nightly" in ran.output


def test_a_lock_of_uv_is_told_from_nightlies_and_the_advice_puts_them_over_it(planned: Desk) -> None:
    sync, install, *_ = advice("uv sync")
    verify = f"{VERIFY} .venv/bin/python"
    synced = planned.run(f"{sync} --extra test\n{verify}", UV_CONSTRAINT="nightly.txt")
    assert synced.code == 1
    assert "uv.lock" in synced.output
    ran = planned.run(f"{install}\nuv run --no-sync python -c 'import foo'\n{verify}")
    assert ran.proved, ran.output
    assert planned.run(f"uv run --extra test python -c 'import foo'\n{verify}").code == 1


def test_the_advice_for_other_locks_needs_no_pip_in_the_environment(planned: Desk) -> None:
    planned.environment(".venv", "--no-pip")
    planned.run("uv pip install .[test]")
    (install,) = advice("PDM")
    ran = planned.run(f"{install}\n{VERIFY} .venv/bin/python", planned.environment("with-pip"))
    assert ran.proved, ran.output


def test_a_badge_is_made_of_a_proof(planned: Desk) -> None:
    planned.environment(".venv", "--no-pip")
    (make,) = re.findall(r"`(python3 [^`]* badge [^`]*)`", section(PAGE, "Badge"))
    prove = f"{recipe('uv')}{VERIFY} .venv/bin/python --output report.json"
    ran = planned.run(f"{prove}\n{make}")
    assert ran.proved, ran.output
    badge = json.loads((planned.project / "badge.json").read_text(encoding="utf-8"))
    assert badge["message"] == "2 of 2 dependencies really nightly"
