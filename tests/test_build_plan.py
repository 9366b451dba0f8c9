"""What the plan of a build says, by the real cibuildwheel and git; and what is made of it in the jobs that build."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

from nightly.actions import Runner
from nightly.building.cibuildwheel import Cibuildwheel
from nightly.building.making import build_failed
from nightly.building.modes import plan, source, wheels
from nightly.building.pure_testing import test_wheel as try_wheel
from nightly.building.records import BuildPlan, Target
from nightly.building.targets import JOBS, parse_targets
from nightly.building.variables import nightly_variables, parse_environment, passed_on, project_names
from nightly.data import load, save, to_json
from nightly.errors import UserError
from nightly.tooling import LOCKS, tool
from planning_runs import Caller, ModeRun
from registry import Registry
from repositories import EPOCH, Repository, new_repository
from sample_projects import project_files
from sample_wheels import make_wheel

needs_cibuildwheel = pytest.mark.skipif(
    sys.version_info < (3, 11), reason="cibuildwheel, and reading pyproject.toml, need Python 3.11"
)

PYPROJECT = """\
[build-system]
requires = ["setuptools"]
build-backend = "setuptools.build_meta"

[project]
name = "demo-pkg"
version = "1.3.0.dev0"
requires-python = ">=3.13"

[tool.cibuildwheel]
skip = "cp315* *t-*"

[tool.cibuildwheel.linux]
environment-pass = ["THEIRS"]
"""


@dataclass(frozen=True)
class Workspace:
    """What a job has before our step: the source and the driver side by side."""

    root: Path
    upstream: Repository
    sha: str

    def run(self, **inputs: str) -> ModeRun:
        """Plan."""
        return self.caller.run(plan.run, **{**self.places, **inputs})

    @property
    def caller(self) -> Caller:
        return Caller(self.root, {**os.environ, "GITHUB_REPOSITORY": "someone/project", "GITHUB_SHA": "f" * 40})

    @property
    def places(self) -> dict[str, str]:
        return {"source": str(self.root / "source"), "driver": str(self.root / "driver")}

    def made(self, ran: ModeRun) -> BuildPlan:
        assert ran.code == 0, ran.error
        return load(BuildPlan, Path(ran.outputs["results"]) / "build-plan.json")


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    upstream = new_repository(tmp_path / "upstream")
    sha = upstream.commit({"pyproject.toml": PYPROJECT})
    upstream.git("tag", "v1.2.0")
    upstream.clone(tmp_path / "source")
    (tmp_path / "driver").mkdir()
    return Workspace(tmp_path, upstream, sha)


@needs_cibuildwheel
def test_a_plan_holds_one_commit_one_version_and_every_wheel_that_has_to_be_there(workspace: Workspace) -> None:
    ran = workspace.run(targets="linux_x86_64, macos_arm64, windows", version_stamp="dev-date", source_ref="main")
    made = workspace.made(ran)
    assert (made.project, made.source_sha, made.describe) == ("demo-pkg", workspace.sha, "v1.2.0")
    assert (made.version, made.epoch) == ("1.3.0.dev20260109", EPOCH)
    assert made.identifiers == (
        *("cp313-manylinux_x86_64", "cp314-manylinux_x86_64", "cp313-musllinux_x86_64", "cp314-musllinux_x86_64"),
        *("cp313-macosx_arm64", "cp314-macosx_arm64", "cp313-win_amd64", "cp314-win_amd64"),
    )
    assert (made.source_repository, made.driver_repository, made.driver_sha) == (*2 * ("someone/project",), "f" * 40)
    assert ran.outputs["source_sha"] == workspace.sha
    names = [each["name"] for each in json.loads(ran.outputs["matrix"])["include"]]
    assert names == ["linux_x86_64", "macos_arm64", "windows_amd64"]
    assert "8 wheels and an sdist have to be there at the end." in ran.log
    assert "cp314-win&#95;amd64" in ran.summary


@needs_cibuildwheel
def test_the_commit_that_is_planned_says_what_is_built(workspace: Workspace) -> None:
    workspace.upstream.git("switch", "--quiet", "--create", "old")
    workspace.upstream.commit(
        {"pyproject.toml": PYPROJECT.replace("1.3.0.dev0", "1.2.5").replace("cp315*", "cp31[45]*")}
    )
    Repository(workspace.root / "source").git("fetch", "--quiet")
    made = workspace.made(workspace.run(targets="cp3*-win_amd64", source_ref="old", version_stamp="1.2.5"))
    assert (made.version, made.identifiers) == ("1.2.5", ("cp313-win_amd64",))


@needs_cibuildwheel
def test_settings_and_variables_of_the_driver_count_in_the_plan(workspace: Workspace) -> None:
    (workspace.root / "driver" / "wheels.toml").write_text('[tool.cibuildwheel]\nbuild = "cp31[34]-*"\n')
    ran = workspace.run(targets="windows", driver_config="wheels.toml", environment="CIBW_SKIP=cp313-*\nOTHER=1")
    assert workspace.made(ran).identifiers == ("cp314-win_amd64",)


@needs_cibuildwheel
@pytest.mark.parametrize(
    ("targets", "title", "gist"),
    [
        ("cp312-win_amd64", "Nothing to build", "requires-python"),
        ("windows, cp314-win_amd64", "Built twice", "cp314-win_amd64 would be built for several targets"),
    ],
)
def test_targets_that_build_nothing_or_the_same_are_refused(
    workspace: Workspace, targets: str, title: str, gist: str
) -> None:
    ran = workspace.run(targets=targets)
    assert (ran.code, ran.error and ran.error.title) == (2, title)
    assert gist in str(ran.error)
    assert ran.outputs == {}


@needs_cibuildwheel
def test_settings_with_a_mistake_are_refused_with_what_cibuildwheel_says(workspace: Workspace) -> None:
    (workspace.root / "driver" / "wheels.toml").write_text("[tool.cibuildwheel]\nbuidl = 1\n")
    ran = workspace.run(targets="windows", driver_config="wheels.toml")
    assert ran.code == 1
    assert "buidl" in str(ran.error)
    assert "driver_config" in str(ran.error)


@needs_cibuildwheel
@pytest.mark.parametrize(
    ("inputs", "gist"),
    [
        ({"targets": "linus"}, "linus"),
        ({"driver_config": "nowhere.toml"}, "nowhere.toml"),
        ({"driver_config": "../upstream/pyproject.toml"}, "calling repository has no file"),
        ({"source_patch": "patch.sh"}, "source_patch"),
        ({"artifact": "dist_two"}, "underscore"),
        ({"require_complete": "stict"}, "require_complete"),
        ({"environment": "A = 1"}, "environment"),
        ({"sdist": "yes"}, "sdist"),
        ({"source": "nowhere"}, "source"),
        ({"version_stamp": "tomorrow", "targets": "pure"}, "version_stamp"),
        ({"source_ref": "mian", "targets": "pure"}, "There are: main"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_what_cannot_be_is_refused_before_anything_is_built(
    workspace: Workspace, inputs: dict[str, str], gist: str
) -> None:
    ran = workspace.run(**inputs)
    assert ran.code == 2
    assert gist in str(ran.error)
    assert ran.outputs == {}


@pytest.mark.parametrize("other", ["dist.two", "dist-two", "dist2", "d", "Dist"])
def test_builds_of_one_run_with_other_names_take_nothing_from_each_other(other: str) -> None:
    workflow = (LOCKS.parent.parent / ".github" / "workflows" / "build-wheels.yml").read_text(encoding="utf-8")
    found = re.findall(r"(?m)^ +(name|pattern): (\$\{\{ inputs\.artifact \}\}.*)$", workflow)

    def spelled(key: str, artifact: str) -> list[str]:
        texts = [text.replace("${{ inputs.artifact }}", artifact) for each, text in found if each == key]
        return [re.sub(r"\$\{\{.*?\}\}", "1", text) for text in texts]

    (pattern,) = spelled("pattern", "dist")
    assert [name for name in spelled("name", "dist") if fnmatchcase(name, pattern)] != []
    assert [name for name in [*spelled("name", other), "dist"] if fnmatchcase(name, pattern)] == []


@needs_cibuildwheel
def test_every_target_that_has_a_name_is_known_to_cibuildwheel(tmp_path: Path) -> None:
    """All but one of them in a process, as what is asked is the table and not the program."""
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "demo"\nversion = "1"\n')
    asked = Cibuildwheel(tool("cibuildwheel", os.environ), tmp_path, tmp_path, None, os.environ)
    command = asked.command[0]
    listed = subprocess.run(
        [command, "-I", "-c", _KNOWN], check=True, capture_output=True, encoding="utf-8"
    ).stdout.split()
    named = {f"{job.platform}:{job.arch}" for name, job in JOBS.items() if name != "pure" and job.arch != "all"}
    assert named <= set(listed)
    assert asked.identifiers(parse_targets("ios")[0])


_KNOWN = """
from cibuildwheel.architecture import Architecture
for platform in ("linux", "macos", "windows", "pyodide"):
    for arch in Architecture.all_archs(platform):
        print(f"{platform}:{arch.value}")
"""


@dataclass(frozen=True)
class Job:
    """A job that builds what was planned."""

    workspace: Workspace
    plan: BuildPlan

    def run(self, **inputs: str) -> ModeRun:
        save(self.workspace.root / "build-plan.json", self.plan)
        given = {**self.workspace.places, "plan": str(self.workspace.root), **inputs}
        return self.workspace.caller.run(source.run, **given)

    def source(self, name: str) -> str:
        return (self.workspace.root / "source" / name).read_text(encoding="utf-8")


@pytest.fixture
def job(workspace: Workspace) -> Job:
    made = BuildPlan(
        "demo-pkg",
        "a/b",
        workspace.sha,
        "v1.2.0",
        EPOCH,
        "",
        (),
        (),
        sdist=True,
        driver_repository="a/b",
        driver_sha="",
    )
    return Job(workspace, made)


@needs_cibuildwheel
def test_the_source_is_stamped_and_patched_and_its_variables_are_handed_on(job: Job) -> None:
    (job.workspace.root / "driver" / "patch.sh").write_text('echo "$PWD" > where\nls pyproject.toml\n')
    ran = replace(job, plan=replace(job.plan, version="1.3.0.dev20260109")).run(
        source_patch="patch.sh", environment="CC=clang\n# comment\nCFLAGS=-O2 -g"
    )
    assert ran.code == 0, ran.error
    assert 'version = "1.3.0.dev20260109"' in job.source("pyproject.toml")
    assert Path(job.source("where").strip()).samefile(job.workspace.root / "source")
    assert ran.variables == {
        "SOURCE_DATE_EPOCH": str(EPOCH),
        "CC": "clang",
        "CFLAGS": "-O2 -g",
        "CIBW_ENVIRONMENT_PASS_LINUX": "CC CFLAGS SOURCE_DATE_EPOCH",
        "CIBW_INHERIT": "environment-pass-linux",
    }
    assert "CFLAGS='-O2 -g'" in ran.log


def test_another_commit_than_the_planned_one_is_not_built(job: Job) -> None:
    job.workspace.upstream.commit({"pyproject.toml": PYPROJECT + "# more\n"})
    Repository(job.workspace.root / "source").git("pull", "--quiet")
    ran = job.run()
    assert (ran.code, ran.error and ran.error.title) == (1, "Another commit")
    assert job.plan.source_sha in str(ran.error)
    assert ran.variables == {}


def test_a_patch_that_fails_ends_the_job(job: Job) -> None:
    (job.workspace.root / "driver" / "patch.sh").write_text("false\ntouch never\n")
    ran = job.run(source_patch="patch.sh")
    assert (ran.code, ran.error and ran.error.title) == (1, "Patch failed")
    assert not (job.workspace.root / "source" / "never").exists()


@needs_cibuildwheel
def test_nightlies_come_from_their_channels_beside_what_is_there(job: Job) -> None:
    ran = job.run(
        nightly_deps="NumPy, scipy",
        channels="scientific-python-nightly-wheels, mine/label/dev",
        environment="PIP_EXTRA_INDEX_URL=https://example.org/simple",
    )
    index = "https://pypi.anaconda.org/scientific-python-nightly-wheels/simple"
    assert ran.variables["PIP_EXTRA_INDEX_URL"].split() == [
        "https://example.org/simple", index, "https://pypi.anaconda.org/mine/label/dev/simple",
    ]  # fmt: skip
    assert ran.variables["PIP_ALL_RELEASES"] == "numpy,scipy"
    assert {"PIP_ALL_RELEASES", "UV_INDEX"} <= set(ran.variables["CIBW_ENVIRONMENT_PASS_LINUX"].split())


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"plan": 1}'])
def test_what_is_no_plan_is_refused(job: Job, content: str) -> None:
    (job.workspace.root / "other.json").write_text(content)
    ran = job.run(plan=str(job.workspace.root / "other.json"))
    assert (ran.code, ran.error and ran.error.title) == (2, "No plan")


@needs_cibuildwheel
def test_cibuildwheel_hands_over_our_variables_beside_those_that_settings_name(workspace: Workspace) -> None:
    """Asked of its own reading of settings, as containers aren't there."""
    python, *_ = tool("cibuildwheel", os.environ)
    ours = passed_on(["OURS", "CIBW_SKIP"], {})
    environ = {**os.environ, **ours, "OURS": "1", "THEIRS": "2"}
    said = subprocess.run(
        [python, "-I", "-c", _PASSED, str(workspace.root / "source")],
        check=True, capture_output=True, encoding="utf-8", env=environ,
    ).stdout  # fmt: skip
    assert json.loads(said) == {"THEIRS": "2", "OURS": "1"}


_PASSED = """
import json, os, sys
from pathlib import Path
from cibuildwheel.options import CommandLineArguments, Options
arguments = CommandLineArguments.defaults()
arguments.package_dir = Path(sys.argv[1])
options = Options("linux", arguments, os.environ).build_options("cp313-manylinux_x86_64")
print(json.dumps(options.environment.as_dictionary({})))
"""


def test_variables_that_are_there_already_stay() -> None:
    environ = {"CIBW_ENVIRONMENT_PASS_LINUX": "FIRST", "CIBW_INHERIT": "environment"}
    assert passed_on(["B", "A", "CIBW_BUILD"], environ) == {
        "CIBW_ENVIRONMENT_PASS_LINUX": "FIRST A B",
        "CIBW_INHERIT": "environment; environment-pass-linux",
    }
    assert nightly_variables(["b"], ["https://b"], {"PIP_ALL_RELEASES": "a"})["PIP_ALL_RELEASES"] == "a,b"
    assert nightly_variables([], [], {}) == {}


@pytest.mark.parametrize(
    "line", ["A", "A B=1", "1A=1", "=1", "PATH=x", "github_env=x", "INPUT_PLAN=x", "NODE_OPTIONS=x"]
)
def test_a_line_that_sets_no_variable_of_the_callers_is_refused(line: str) -> None:
    with pytest.raises(UserError, match="environment"):
        parse_environment(f"FINE=1\n{line}")


@pytest.mark.parametrize("name", ["numpy>=2", "-e", "a b", "numpy=allow"])
def test_a_dependency_is_named_without_its_version(name: str) -> None:
    with pytest.raises(UserError, match="without versions"):
        project_names(f"scipy, {name}")


@dataclass(frozen=True)
class Offered:
    """A registry with releases, and a channel with nightlies of the same projects."""

    releases: Registry
    nightlies: Registry

    def installed(self, install: Sequence[str], root: Path, *nightly_deps: str) -> dict[str, str]:
        """What is got of the three projects, by their names."""
        given = {name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "UV_"))}
        variables = nightly_variables(nightly_deps, [self.nightlies.index_url], {})
        registry = {"PIP_INDEX_URL": self.releases.index_url, "UV_DEFAULT_INDEX": self.releases.index_url}
        subprocess.run(
            [*install, "--target", str(root), *NAMES],
            env={**given, **registry, **variables, "PIP_CONFIG_FILE": os.devnull},
            check=True,
            capture_output=True,
        )
        found = [path.name.removesuffix(".dist-info").partition("-") for path in root.glob("*.dist-info")]
        return {name: version for name, _, version in found}


NAMES = ("first", "second", "third")


@pytest.fixture
def offered(tmp_path: Path) -> Iterator[Offered]:
    for name in NAMES:
        make_wheel(tmp_path / "releases", name, "1.0")
        make_wheel(tmp_path / "nightlies", name, "1.1.dev1")
    with closing(Registry(tmp_path / "releases")) as one, closing(Registry(tmp_path / "nightlies")) as other:
        yield Offered(one, other)


def test_pip_takes_the_nightlies_of_the_named_projects_alone(tmp_path: Path, offered: Offered) -> None:
    """The pip that `build` runs with, which our lock names."""
    python, *_ = tool("build", os.environ)
    pip = [python, "-I", "-m", "pip", "install", "--no-cache-dir", "--disable-pip-version-check"]
    found = offered.installed(pip, tmp_path / "got", "first", "second")
    assert found == {"first": "1.1.dev1", "second": "1.1.dev1", "third": "1.0"}


def test_uv_takes_nightlies(tmp_path: Path, offered: Offered) -> None:
    uv = [sys.executable, "-m", "uv", "pip", "install", "--no-config", "--no-cache"]
    assert offered.installed(uv, tmp_path / "got", "first")["first"] == "1.1.dev1"


PURE = Target(0, "pure", "ubuntu-24.04", "pure", "any")


def test_a_pure_wheel_is_tested_in_a_clean_environment(tmp_path: Path) -> None:
    new_repository(tmp_path / "source").commit(project_files(modules={"demo_app.py": "def where(): return __file__"}))
    ran = Caller(tmp_path, dict(os.environ)).run(
        wheels.run,
        source=str(tmp_path / "source"),
        driver=str(tmp_path),
        target=json.dumps(to_json(PURE)),
        test_command=f"""test -f {{project}}/pyproject.toml
            python -c "import demo_app; print(demo_app.where())" > {tmp_path.as_posix()}/where""",
    )
    assert ran.code == 0, ran.error
    (wheel,) = Path(ran.outputs["results"]).iterdir()
    assert wheel.name == "demo_app-1.0-py3-none-any.whl"
    assert "site-packages" in (tmp_path / "where").read_text(encoding="utf-8")


def test_a_pure_wheel_whose_test_fails_is_not_handed_on(tmp_path: Path) -> None:
    runner = Runner(log=io.StringIO(), temp=tmp_path)
    with pytest.raises(UserError, match="ended with 1") as failed:
        try_wheel(make_wheel(tmp_path / "dist"), "python -c 'import nothing_such'", tmp_path, os.environ, runner)
    assert failed.value.title == "Tests failed"


@pytest.mark.parametrize("target", ["", "{}", '{"index": 1}', "[]"])
def test_what_is_no_target_is_refused(tmp_path: Path, target: str) -> None:
    ran = Caller(tmp_path).run(wheels.run, source=str(tmp_path), target=target)
    assert (ran.code, ran.error and ran.error.title) == (2, "Bad input")


@pytest.mark.parametrize(("code", "gist"), [(3, "ended with 3"), (0, "without what it was to make")])
def test_a_build_that_made_nothing_is_not_said_to_have_failed_with_nothing(code: int, gist: str) -> None:
    assert gist in build_failed("sdist", code).what
