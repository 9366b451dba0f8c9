"""The command `check`, on what pypa/build and auditwheel have really made of a C extension."""

from __future__ import annotations

import hashlib
import io
import json
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

import check
from check_samples import altered, plan, sdist, wheel
from nightly.actions import Runner
from nightly.building.records import BuildInfo, BuildPlan
from nightly.cache import cache_dir
from nightly.checking.twine_check import twine_version
from nightly.data import load, save
from nightly.errors import UserError
from nightly.tooling import LOCKS
from nightly.venvs import ensure_venv
from uploading import Files

BUILDERS = Path(__file__).parent / "tools" / "wheel-builders.txt"
"""Made from the `.in` beside it, as end_to_end/wheel_builds.py says."""

PYTHON = f"cp{sys.version_info.major}{sys.version_info.minor}"
HERE = f"{PYTHON}-manylinux_{platform.machine()}"

SOURCE = {
    "pyproject.toml": """\
[build-system]
requires = ["setuptools"]
build-backend = "setuptools.build_meta"

[project]
name = "demo-ext"
version = "1.0"
description = "A small C extension"
readme = "README.md"
license-files = ["LICENSE"]

[tool.setuptools]
ext-modules = [{name = "demo_ext", sources = ["demo_ext.c"]}]
""",
    "demo_ext.c": """\
#include <Python.h>
#include <stdio.h>

static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "demo_ext", NULL, -1, NULL};

PyMODINIT_FUNC PyInit_demo_ext(void) { fflush(stdout); return PyModule_Create(&module); }
""",
    "README.md": "# Demo\n",
    "LICENSE": "Do what you like.\n",
}

really = pytest.mark.skipif(
    sys.platform != "linux" or shutil.which("cc") is None, reason="auditwheel runs on Linux, and needs what cc made"
)


@dataclass(frozen=True)
class Ran:
    """How a check ended: `error` is the UserError that ended it, if one did."""

    code: int
    log: str
    summary: str
    outputs: Mapping[str, str]
    error: UserError | None


@dataclass(frozen=True)
class Checking:
    """A job's directory, in which checks are run as a door runs them."""

    root: Path

    @property
    def out(self) -> Path:
        return self.root / "out"

    def run(self, *paths: Path, to: BuildPlan | None = None, **inputs: str) -> Ran:
        """Check these paths, with the output `out`."""
        log, files = io.StringIO(), Files(self.root)
        runner = Runner(log=log, output_file=files.outputs, summary_file=files.summary, temp=self.root)
        environ = {"INPUT_PATHS": "\n".join(map(str, paths)), "INPUT_OUTPUT": str(self.out)}
        if to:
            save(self.root / "build-plan.json", to)
            environ["INPUT_PLAN"] = str(self.root / "build-plan.json")
        code, error = 0, None
        try:
            code = check.run((), {**os.environ, **environ, **inputs}, runner)
        except UserError as refusal:
            code, error = refusal.exit_code, refusal
        text = log.getvalue() + (str(error) if error else "")
        return Ran(code, text, files.text(files.summary), files.values(), error)


@pytest.fixture
def checking(tmp_path: Path) -> Checking:
    return Checking(tmp_path)


@dataclass(frozen=True)
class Built:
    """What was built: the sdist, the wheel as setuptools made it, and as auditwheel repaired it."""

    sdist: Path
    raw: Path
    repaired: Path


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    root = tmp_path_factory.mktemp("built")
    for name, text in SOURCE.items():
        (root / name).write_text(text, encoding="utf-8")
    python = ensure_venv(BUILDERS, cache=cache_dir(os.environ, sys.platform))
    environ = {**os.environ, "PATH": os.pathsep.join([str(python.parent), os.environ["PATH"]])}

    def module(*command: str) -> None:
        done = subprocess.run(
            [str(python), "-m", *command], cwd=root, env=environ, check=False, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stdout + done.stderr

    module("build", "--no-isolation", "--outdir", "raw", ".")
    (raw,) = (root / "raw").glob("*.whl")
    module("auditwheel", "repair", "--wheel-dir", "repaired", str(raw))
    (made,) = (root / "raw").glob("*.tar.gz")
    (repaired,) = (root / "repaired").glob("*.whl")
    return Built(made, raw, repaired)


def planned(*more: str) -> BuildPlan:
    return plan(HERE, *more, project="demo-ext", sdist=True)


@really
def test_a_real_build_is_put_into_one_directory_with_its_hashes_and_origin(checking: Checking, built: Built) -> None:
    github = {"GITHUB_SERVER_URL": "https://github.com", "GITHUB_REPOSITORY": "org/driver", "GITHUB_RUN_ID": "7"}
    ran = checking.run(built.repaired.parent, built.sdist, to=planned(), **github)
    assert ran.code == 0, ran.log
    names = sorted([built.repaired.name, built.sdist.name])
    assert sorted(path.name for path in checking.out.iterdir()) == sorted([*names, "BUILD-INFO.json", "SHA256SUMS"])
    digests = {name: hashlib.sha256((checking.out / name).read_bytes()).hexdigest() for name in names}
    sums = (checking.out / "SHA256SUMS").read_text(encoding="utf-8")
    assert sums == "".join(f"{digests[name]}  {name}\n" for name in names)
    info = load(BuildInfo, checking.out / "BUILD-INFO.json")
    assert (info.plan, info.version, info.missing) == (planned(), "1.0", ())
    assert {each.filename: each.sha256 for each in info.files} == digests
    assert info.run_url == "https://github.com/org/driver/actions/runs/7"
    assert {"python", "setuptools", "twine"} <= info.tools.keys()
    assert ran.outputs == {
        "version": "1.0",
        "files": json.dumps(names),
        "complete": "true",
        "directory": str(checking.out),
    }
    assert "demo-ext 1.0 of upstream/demo at 0123456789ab (v1.0): 1 of 1 wheels, 1 sdist" in ran.log
    assert ran.summary.startswith("### Checked: demo-ext 1.0")


@really
def test_the_same_files_are_checked_again_into_the_same_directory(checking: Checking, built: Built) -> None:
    again = [checking.run(built.repaired, built.sdist, to=planned()).code for _ in range(2)]
    assert again == [0, 0]
    assert len(list(checking.out.iterdir())) == 4


@really
def test_a_wheel_that_was_not_repaired_fails_with_all_else_that_is_wrong(checking: Checking, built: Built) -> None:
    broken = checking.root / "dist" / built.sdist.name
    broken.parent.mkdir()
    broken.write_bytes(built.sdist.read_bytes()[:-99])
    ran = checking.run(built.raw, broken, to=planned(f"{PYTHON}-win_amd64"))
    assert ran.code == 1
    assert f"Not repaired: {built.raw.name}: It is for linux_*" in ran.log
    assert f"Not a sound sdist: {built.sdist.name}: It can't be unpacked" in ran.log
    assert f"2 of what is planned are missing: {HERE}, {PYTHON}-win_amd64." in ran.log
    assert ran.outputs["complete"] == "false"
    assert not checking.out.exists()
    assert ran.summary.startswith("### Not to be published")


def test_what_is_missing_is_a_warning_where_that_is_asked_for(checking: Checking) -> None:
    wanted = plan("cp312-manylinux_x86_64", "cp313-win_amd64", sdist=True)
    ran = checking.run(wheel(checking.root / "dist"), to=wanted, INPUT_REQUIRE_COMPLETE="warn")
    assert ran.code == 0, ran.log
    assert "warning: To be looked at: " in ran.log
    assert load(BuildInfo, checking.out / "BUILD-INFO.json").missing == ("cp313-win_amd64", "sdist")
    assert (ran.outputs["complete"], ran.outputs["directory"]) == ("false", str(checking.out))


def test_other_faults_fail_a_lenient_check_too(checking: Checking) -> None:
    files = wheel(checking.root / "dist").parent
    wheel(files, tag="py3-none-any", version="1.1")
    altered("demo_pkg/data.bin", lambda _: b"x")(wheel(files, tag="py3-none-win32"))
    ran = checking.run(files, INPUT_REQUIRE_COMPLETE="warn")
    assert ran.code == 1
    assert "RECORD lies: demo_pkg-1.0-py3-none-win32.whl" in ran.log
    assert "Another version: demo_pkg-1.1-py3-none-any.whl" in ran.log


def test_twine_has_its_say_in_its_own_words(checking: Checking) -> None:
    headers = b"Metadata-Version: 2.1\nName: demo_pkg\nVersion: 1.0\nDescription-Content-Type: text/x-rst\n"
    bad = {"demo_pkg-1.0.dist-info/METADATA": headers + b"\nA\n=\n\n.. no::\n"}
    path = wheel(checking.root / "dist", changes=bad)
    wheel(path.parent, tag="py3-none-any")
    wheel(path.parent, tag="cp312-cp312-win32", changes={**bad, "demo_pkg/large.py": bytes(9000)})
    ran = checking.run(path.parent)
    assert ran.code == 1
    assert "`twine check --strict` says:" in ran.log
    assert f"\nChecking {path.name}: FAILED" in ran.log
    assert ran.log.count("FAILED") == 1
    assert "py3-none-any.whl: PASSED" not in ran.log
    assert "\x1b" not in ran.log


def test_without_a_plan_nothing_is_said_of_the_origin(checking: Checking) -> None:
    ran = checking.run(wheel(checking.root / "dist"), sdist(checking.root / "dist"))
    assert ran.code == 0, ran.log
    assert "no BUILD-INFO.json" in ran.log
    assert sorted(path.name for path in checking.out.iterdir()) == [
        "SHA256SUMS",
        "demo_pkg-1.0-cp312-cp312-manylinux_2_28_x86_64.whl",
        "demo_pkg-1.0.tar.gz",
    ]


def stale(root: Path) -> None:
    (root / "out").mkdir()
    (root / "out" / "demo_pkg-0.9-py3-none-any.whl").write_bytes(b"")


def no_plan(root: Path) -> None:
    (root / "plan.json").write_text('{"project": "demo"}')


def odd_plan(root: Path) -> None:
    save(root / "plan.json", plan("cp312-beos"))


@pytest.mark.parametrize(
    ("prepare", "inputs", "gist"),
    [
        pytest.param(stale, {}, "There are other files in", id="an output with other files"),
        pytest.param(lambda _: None, {"INPUT_OUTPUT": "dist"}, "another directory than", id="an output that is read"),
        pytest.param(no_plan, {"INPUT_OUTPUT": "plan.json"}, "Allowed: a directory", id="an output that is a file"),
        pytest.param(no_plan, {"INPUT_PLAN": "plan.json"}, "can't be read: plan.json has no", id="half a plan"),
        pytest.param(odd_plan, {"INPUT_PLAN": "plan.json"}, "'cp312-beos' is no build identifier", id="an odd plan"),
        pytest.param(lambda _: None, {"INPUT_PLAN": "lost.json"}, "lost.json", id="no plan"),
        pytest.param(lambda _: None, {"INPUT_PATHS": " \n"}, "'paths' can't be ''", id="no paths"),
        pytest.param(lambda _: None, {"INPUT_PATHS": "lost"}, "Not there", id="a path that isn't there"),
        pytest.param(lambda _: None, {"INPUT_REQUIRE_COMPLETE": "maybe"}, "Allowed: strict, warn", id="maybe"),
    ],
)
def test_wrong_input_touches_nothing(
    checking: Checking, prepare: Callable[[Path], None], inputs: Mapping[str, str], gist: str
) -> None:
    prepare(checking.root)
    files = wheel(checking.root / "dist").parent
    places = {"INPUT_OUTPUT", "INPUT_PLAN"}
    located = {name: str(checking.root / value) if name in places else value for name, value in inputs.items()}
    ran = checking.run(files, to=None, **located)
    assert ran.code == 2
    assert gist in ran.log
    assert list(checking.root.rglob("SHA256SUMS")) == []


def test_the_lock_says_which_twine_it_was() -> None:
    assert f"twine=={twine_version()} " in (LOCKS / "twine.txt").read_text(encoding="utf-8")


def test_a_person_gives_paths_as_operands(checking: Checking, capsys: pytest.CaptureFixture[str]) -> None:
    path = wheel(checking.root / "dist")
    assert check.main([str(path), "--output", str(checking.out)]) == 0
    assert "1 wheel, no sdist" in capsys.readouterr().out
    assert (checking.out / path.name).read_bytes() == path.read_bytes()
    assert check.main([str(checking.root / "lost")]) == 2
