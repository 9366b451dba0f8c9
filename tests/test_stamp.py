"""The command `stamp` on real checkouts: what it reads of them, what it changes, and what the next steps get."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest

from nightly.actions import Runner
from nightly.errors import UserError
from nightly.stamping.stamping import apply, decide, read_source
from stamp import stamp
from stamping_sources import Checkout, stamped_on_a_runner

pytestmark = pytest.mark.skipif(sys.version_info < (3, 11), reason="pyproject.toml is read from Python 3.11 on")

SCM = {
    "pyproject.toml": '[build-system]\nrequires = ["setuptools-scm"]\n[project]\nname = "demo"\ndynamic = ["version"]\n'
}
STATIC = {"pyproject.toml": '[project]\nname = "demo"\nversion = "1.3.0.dev0"\n'}
MODULE = {"pyproject.toml": '[project]\nname = "demo"\ndynamic = ["version"]\n', "version.txt": "1.3.0.dev0\n"}
HOOK = 'echo "$STAMP_VERSION of $SOURCE_DATE_EPOCH" > version.txt; echo "It is $STAMP_VERSION"'


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    """A release and two commits after it, the last one in the evening of the old year, by UTC."""
    made = Checkout.new(tmp_path / "source")
    made.commit(SCM, "2025-11-01T12:00:00+00:00")
    made.tag("v1.2.0")
    made.commit({"a.py": ""}, "2025-12-30T12:00:00+00:00")
    made.commit({"a.py": "1"}, "2026-01-01T00:30:00+02:00")
    return made


def refused(checkout: Checkout, *argv: str) -> UserError:
    with pytest.raises(UserError) as refusal:
        stamp([*argv, "--directory", str(checkout.directory)], checkout.environ, Runner(log=io.StringIO()))
    return refusal.value


@pytest.mark.parametrize(
    ("wanted", "version"),
    [("dev-date", "1.2.1.dev20251231"), ("dev-hour", "1.2.1.dev2025123122"), ("dev-count", "1.2.1.dev2")],
)
def test_the_number_is_of_the_commit_by_utc_wherever_it_was_made(
    checkout: Checkout, tmp_path: Path, wanted: str, version: str
) -> None:
    done = stamped_on_a_runner(checkout, tmp_path, wanted)
    assert done.version == version
    assert done.environ["SETUPTOOLS_SCM_PRETEND_VERSION_FOR_DEMO"] == version
    assert done.environ["SOURCE_DATE_EPOCH"] == checkout.git("log", "-1", "--format=%ct")
    assert checkout.git("status", "--short") == ""


def test_the_newest_tag_counts_whatever_kind_of_tag_it_is_and_not_those_of_other_projects(
    checkout: Checkout, tmp_path: Path
) -> None:
    checkout.tag("v1.10.0", "--annotate", "--message=out")
    checkout.commit({"a.py": "2"})
    for tag in ("v1.9.0", "other-7.0", "nightly"):
        checkout.tag(tag)
    assert stamped_on_a_runner(checkout, tmp_path, "dev-count").version == "1.10.1.dev1"


def test_a_release_is_built_of_its_own_commit_alone(checkout: Checkout, tmp_path: Path) -> None:
    checkout.tag("v1.3.0", "--annotate", "--message=out")
    assert stamped_on_a_runner(checkout, tmp_path, "1.3.0").version == "1.3.0"
    checkout.commit({"a.py": "2"})
    assert "v1.3.0" in str(refused(checkout, "1.3.0"))


def test_a_release_on_another_branch_is_seen(checkout: Checkout) -> None:
    checkout.git("switch", "--quiet", "--create", "v1.2.x")
    checkout.commit({"a.py": "2"})
    checkout.tag("v1.2.1")
    checkout.git("switch", "--quiet", "main")
    assert "v1.2.1" in str(refused(checkout))


def test_a_static_version_is_edited_and_nothing_is_committed(checkout: Checkout, tmp_path: Path) -> None:
    head = checkout.commit(STATIC)
    done = stamped_on_a_runner(checkout, tmp_path)
    assert done.version == "1.3.0.dev20261121"
    assert checkout.git("rev-parse", "HEAD") == head
    assert checkout.git("diff", "--numstat") == "1\t1\tpyproject.toml"
    assert (checkout.directory / "pyproject.toml").read_text() == STATIC["pyproject.toml"].replace(
        "dev0", "dev20261121"
    )
    assert stamped_on_a_runner(checkout, tmp_path).version == done.version


def test_a_hook_writes_the_version_where_only_the_project_knows(checkout: Checkout, tmp_path: Path) -> None:
    checkout.commit(MODULE)
    assert "hook" in str(refused(checkout))
    done = stamped_on_a_runner(checkout, tmp_path, "--hook", HOOK)
    epoch = checkout.git("log", "-1", "--format=%ct")
    assert (checkout.directory / "version.txt").read_text() == f"1.2.1.dev20261121 of {epoch}\n"
    assert "It is 1.2.1.dev20261121" in done.log


def test_a_hook_gets_no_inputs_and_no_files_of_the_runner(checkout: Checkout, tmp_path: Path) -> None:
    checkout.commit(MODULE)
    source = read_source(checkout.directory, checkout.environ, "env > environ.txt")
    secrets = {"INPUT_TOKEN": "secret-1", "GITHUB_TOKEN": "secret-2", "GITHUB_ENV": str(tmp_path / "env")}
    apply(source, "1.3.0.dev1", {**checkout.environ, **secrets}, print)
    seen = (checkout.directory / "environ.txt").read_text()
    assert "STAMP_VERSION=1.3.0.dev1" in seen
    assert "secret" not in seen
    assert "GITHUB_ENV" not in seen


def test_a_hook_that_fails_ends_the_run_before_pyproject_toml_is_touched(checkout: Checkout) -> None:
    checkout.commit(STATIC)
    failed = refused(checkout, "--hook", "echo no; exit 3")
    assert "code 3" in str(failed)
    assert checkout.git("status", "--short") == ""


@pytest.mark.parametrize("files", [SCM, STATIC], ids=["by variable", "by file"])
def test_a_dry_run_changes_nothing(checkout: Checkout, tmp_path: Path, files: dict[str, str]) -> None:
    checkout.commit(files)
    done = stamped_on_a_runner(checkout, tmp_path, "--dry-run")
    assert "dev20261121" in done.version
    assert "SOURCE_DATE_EPOCH" not in done.environ
    assert checkout.git("status", "--short") == ""


def test_none_leaves_the_version_to_the_build_backend_but_gives_the_time(checkout: Checkout, tmp_path: Path) -> None:
    checkout.commit(STATIC)
    done = stamped_on_a_runner(checkout, tmp_path, "none")
    assert done.version == ""
    assert "SOURCE_DATE_EPOCH" in done.environ
    assert checkout.git("status", "--short") == ""


def test_a_shallow_clone_can_not_tell_but_takes_what_was_decided(checkout: Checkout, tmp_path: Path) -> None:
    """The plan's job has the history; those that build needn't."""
    version = decide("dev-count", read_source(checkout.directory, checkout.environ))
    clone = checkout.shallow(tmp_path / "clone")
    assert "fetch-depth: 0" in str(refused(clone))
    variables = apply(read_source(clone.directory, clone.environ), version, clone.environ, print)
    assert variables["SETUPTOOLS_SCM_PRETEND_VERSION_FOR_DEMO"] == version == "1.2.1.dev2"


def test_a_person_gets_lines_for_the_shell_or_a_file(checkout: Checkout, tmp_path: Path) -> None:
    where, file, log = ("--directory", str(checkout.directory)), tmp_path / "build.env", io.StringIO()
    stamp([*where], checkout.environ, Runner(log=log))
    line = "  $env:{} = '{}'\n" if sys.platform == "win32" else "  export {}={}\n"
    assert line.format("SETUPTOOLS_SCM_PRETEND_VERSION_FOR_DEMO", "1.2.1.dev20251231") in log.getvalue()
    stamp([*where, "--env-file", str(file)], checkout.environ, Runner(log=io.StringIO()))
    assert "SETUPTOOLS_SCM_PRETEND_VERSION_FOR_DEMO=1.2.1.dev20251231\n" in file.read_text()


@pytest.mark.parametrize(
    "argv",
    [["--serial", "100"], ["--earlier", "1.0,new"], ["1..3"], ["--directory", "nowhere"]],
    ids=lambda argv: argv[0],
)
def test_an_input_that_can_not_be_is_refused(checkout: Checkout, argv: list[str]) -> None:
    with pytest.raises(UserError) as refusal:
        stamp(["--directory", str(checkout.directory), *argv], checkout.environ, Runner(log=io.StringIO()))
    assert refusal.value.exit_code == 2


def test_earlier_builds_are_compared_with(checkout: Checkout) -> None:
    assert "1.2.1.dev20260101" in str(refused(checkout, "--earlier", "1.2.1.dev20260101, 1.2.1.dev20251230"))


def test_a_directory_without_a_project_or_outside_of_git_is_refused(checkout: Checkout, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(UserError, match=r"neither a pyproject\.toml"):
        read_source(tmp_path / "empty", checkout.environ)
    (tmp_path / "empty" / "setup.py").write_text("setup()")
    with pytest.raises(UserError, match="not a git repository"):
        read_source(tmp_path / "empty", {**checkout.environ, "GIT_CEILING_DIRECTORIES": str(tmp_path)})
