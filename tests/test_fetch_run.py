"""The files of a release are taken from a run's artifacts, whose names, sizes and hashes aren't believed."""

from __future__ import annotations

import hashlib
import io
import re
import zipfile
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

import pytest

from faults import EVERY, Fault, Status, Truncate
from github_fixtures import PATIENCE
from github_model import Run
from github_server import REPOSITORY, GitHubServer
from nightly.auth import Token
from nightly.errors import UserError
from nightly.fetching.artifact_files import LARGEST, project_of
from nightly.fetching.files import IndexFile
from nightly.fetching.run_artifacts import RunOptions, opened_run, run_options
from nightly.sums import SHA256SUMS

LINUX = "demo_pkg-1.0-cp312-cp312-manylinux_2_28_x86_64.whl"
MAC = "demo_pkg-1.0-cp312-cp312-macosx_11_0_arm64.whl"
SDIST = "demo_pkg-1.0.tar.gz"


def zipped(files: Mapping[str, bytes]) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return data.getvalue()


def sums(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """The files, and the SHA256SUMS of them."""
    lines = "".join(f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in files.items())
    return {**files, SHA256SUMS: lines.encode()}


@pytest.fixture(name="run")
def run_fixture(github: GitHubServer) -> Run:
    return github.repository.add_run(github.repository.add_workflow(".github/workflows/wheels.yml"))


def leave(github: GitHubServer, run: Run, name: str, files: Mapping[str, bytes], days: float = 90) -> None:
    github.repository.add_artifact(name, zipped(files), run, days)


def options(github: GitHubServer, run: Run) -> RunOptions:
    return RunOptions(REPOSITORY, run.id, github.api_url, Token(github.token))


def content(file: IndexFile) -> bytes:
    return Path(url2pathname(urlsplit(file.url).path)).read_bytes()


def found(github: GitHubServer, run: Run, project: str = "demo-pkg") -> dict[str, bytes]:
    """The bytes of a project's files by their names."""
    with opened_run(options(github, run), PATIENCE) as source:
        files = source.files(project)
        for each in files:
            assert (each.sha256, each.size) == (hashlib.sha256(content(each)).hexdigest(), len(content(each)))
        return {each.filename: content(each) for each in files}


def test_the_files_of_a_project_are_found_in_all_artifacts_and_folders(github: GitHubServer, run: Run) -> None:
    leave(github, run, "wheels-linux", {LINUX: b"linux", "wheelhouse/other-1.0-py3-none-any.whl": b"other"})
    leave(github, run, "wheels-mac", {f"wheelhouse/deep/{MAC}": b"mac", ".hidden?": b"log"})
    leave(github, run, "sdist", {SDIST: b"sdist"})
    assert found(github, run) == {LINUX: b"linux", MAC: b"mac", SDIST: b"sdist"}


def test_a_run_without_artifacts_has_no_files(github: GitHubServer, run: Run) -> None:
    assert found(github, run) == {}


def test_what_was_gathered_and_its_parts_are_one(github: GitHubServer, run: Run) -> None:
    leave(github, run, "dist", sums({LINUX: b"linux", MAC: b"mac"}))
    leave(github, run, "dist_wheels_0", {LINUX: b"linux"})
    assert found(github, run) == {LINUX: b"linux", MAC: b"mac"}


def test_of_artifacts_of_one_name_the_newest_counts(github: GitHubServer, run: Run) -> None:
    leave(github, run, "dist", {LINUX: b"first try"})
    leave(github, run, "dist", {LINUX: b"second try"})
    assert found(github, run) == {LINUX: b"second try"}


def test_other_runs_have_nothing_to_do_with_it(github: GitHubServer, run: Run) -> None:
    other = github.repository.add_run(github.repository.workflows[0])
    leave(github, other, "dist", {LINUX: b"another"})
    assert found(github, run) == {}


def test_what_is_no_zip_file_is_passed_over(github: GitHubServer, run: Run) -> None:
    github.repository.add_artifact("report.html", b"<html>", run)
    leave(github, run, "dist", {LINUX: b"linux"})
    assert found(github, run) == {LINUX: b"linux"}


def test_an_artifact_is_downloaded_once_however_often_it_is_asked_for(github: GitHubServer, run: Run) -> None:
    leave(github, run, "dist_wheels_0", {LINUX: b"linux"})
    with opened_run(options(github, run), PATIENCE) as source:
        assert [each.filename for each in source.files("demo-pkg")] == [LINUX]
        leave(github, run, "dist_wheels_1", {MAC: b"mac"})
        assert {each.filename for each in source.files("demo-pkg")} == {LINUX, MAC}
        assert source.name == f"run {run.id} of {REPOSITORY}"
    downloads = [request for request in github.requests if request.role == "storage"]
    assert len(downloads) == 2


def test_the_files_are_gone_at_the_end(github: GitHubServer, run: Run) -> None:
    leave(github, run, "dist", {LINUX: b"linux"})
    with opened_run(options(github, run), PATIENCE) as source:
        (file,) = source.files("demo-pkg")
        assert content(file) == b"linux"
    with pytest.raises(FileNotFoundError):
        content(file)


WRONG = sums({LINUX: b"other bytes"})[SHA256SUMS]
BAD = {
    "leading out": ({"../demo_pkg-1.0-py3-none-any.whl": b"x"}, "'../demo_pkg-1.0-py3-none-any.whl', which leads out"),
    "leading out of another project's": ({LINUX: b"x", "a/../../evil.txt": b"x"}, "which leads out"),
    "an absolute path": ({f"/{LINUX}": b"x"}, "which leads out"),
    "a drive": ({f"C:{LINUX}": b"x"}, "which leads out"),
    "a backslash": ({f"..\\{LINUX}": b"x"}, "which leads out"),
    "odd characters": ({"demo_pkg-1.0-py3-none-any\n.whl": b"x"}, "is no file's name"),
    "two that differ": ({f"a/{LINUX}": b"1", f"b/{LINUX}": b"2"}, "two files"),
    "a wrong hash": ({LINUX: b"x", SHA256SUMS: WRONG}, f"and {SHA256SUMS} says {WRONG[:64].decode()}"),
    "a lost file": ({SHA256SUMS: sums({LINUX: b"x"})[SHA256SUMS]}, f"{LINUX} is in {SHA256SUMS}, and isn't there"),
    "a file beside the hashes": ({**sums({LINUX: b"x"}), MAC: b"m"}, f"{MAC} isn't in {SHA256SUMS}"),
    "no hashes": ({LINUX: b"x", SHA256SUMS: b"<html>"}, "has the line '<html>'"),
    "two hashes": ({LINUX: b"x", SHA256SUMS: WRONG + sums({LINUX: b"x"})[SHA256SUMS]}, f"{SHA256SUMS} has the line"),
}


@pytest.mark.parametrize(("files", "said"), BAD.values(), ids=BAD)
def test_a_bad_artifact_is_refused_by_name_with_what_is_wrong(
    github: GitHubServer, run: Run, files: Mapping[str, bytes], said: str
) -> None:
    leave(github, run, "wheels", files)
    with pytest.raises(UserError, match=re.escape(said)) as refused:
        found(github, run)
    assert "'wheels'" in refused.value.what
    assert refused.value.exit_code == 1


def test_two_artifacts_with_other_bytes_under_one_name_are_an_error(github: GitHubServer, run: Run) -> None:
    leave(github, run, "dist", sums({LINUX: b"gathered"}))
    leave(github, run, "dist_wheels_0", {LINUX: b"built again"})
    with pytest.raises(UserError, match=r"other bytes in the artifact 'dist_wheels_0' than in 'dist'"):
        found(github, run)


@pytest.mark.parametrize("cut", [20, 200], ids=["in a file", "in the directory"])
def test_an_artifact_that_is_cut_off_is_an_error_and_no_empty_one(github: GitHubServer, run: Run, cut: int) -> None:
    github.repository.add_artifact("wheels", zipped({LINUX: b"linux", MAC: b"mac"})[:cut], run)
    with pytest.raises(UserError, match="'wheels' can't be read"):
        found(github, run)


def test_bytes_that_were_flipped_are_an_error(github: GitHubServer, run: Run) -> None:
    whole = zipped({LINUX: b"linux"})
    start = whole.index(LINUX.encode()) + len(LINUX)
    github.repository.add_artifact("wheels", whole[:start] + b"\xff" + whole[start + 1 :], run)
    with pytest.raises(UserError, match="'wheels' can't be read"):
        found(github, run)


@pytest.mark.parametrize(
    ("size", "said"),
    [(b"\xfe\xff\xff\xff", f"{LARGEST} is the most"), (b"\x06\0\0\0", "has 5 bytes, and not 6")],
    ids=["too large", "not so large"],
)
def test_a_size_that_a_file_has_not_is_refused(github: GitHubServer, run: Run, size: bytes, said: str) -> None:
    whole = bytearray(zipped({LINUX: b"linux"}))
    listed = whole.index(b"PK\x01\x02") + 24
    whole[listed : listed + 4] = size
    github.repository.add_artifact("wheels", bytes(whole), run)
    with pytest.raises(UserError, match=said):
        found(github, run)


def test_no_more_is_downloaded_than_an_artifact_is_listed_with(github: GitHubServer, run: Run) -> None:
    leave(github, run, "wheels", {LINUX: b"linux"})
    github.faults.add(Fault(Status(200, b"x" * 3_000_000, content_type="application/zip"), path="*.zip", nth=EVERY))
    with pytest.raises(UserError, match="more came than the artifact has"):
        found(github, run)


def test_an_artifact_that_broke_off_is_downloaded_again(github: GitHubServer, run: Run) -> None:
    leave(github, run, "wheels", {LINUX: b"linux"})
    github.faults.add(Fault(Truncate(), path="*.zip"))
    assert found(github, run) == {LINUX: b"linux"}


def test_an_expired_artifact_is_named_with_what_to_do(github: GitHubServer, run: Run) -> None:
    leave(github, run, "wheels-linux", {LINUX: b"linux"})
    leave(github, run, "wheels-mac", {MAC: b"mac"}, days=1)
    now = github.state.now()
    github.state.now = lambda: now + timedelta(days=2)
    with pytest.raises(UserError, match="expired, so their files are gone: 'wheels-mac'") as refused:
        found(github, run)
    assert "Run the workflow again" in refused.value.do


def test_expired_parts_of_what_was_gathered_are_no_loss(github: GitHubServer, run: Run) -> None:
    leave(github, run, "dist", sums({LINUX: b"linux", MAC: b"mac"}))
    leave(github, run, "dist_wheels_0", {MAC: b"mac"}, days=1)
    now = github.state.now()
    github.state.now = lambda: now + timedelta(days=2)
    assert found(github, run).keys() == {LINUX, MAC}


def test_a_run_that_is_not_there_is_explained(github: GitHubServer, run: Run) -> None:
    github.faults.add(Fault(Status(404, b'{"message": "Not Found"}'), nth=EVERY))
    with pytest.raises(UserError, match="404") as refused:
        found(github, run)
    assert "token" in refused.value.means


JOB = {"GITHUB_TOKEN": "ghs_1", "GITHUB_REPOSITORY": "own/repo"}


@pytest.mark.parametrize(
    ("value", "environ", "repository", "run_id"),
    [
        pytest.param("someone/project:123", JOB, "someone/project", 123, id="another repository"),
        pytest.param("123", JOB, "own/repo", 123, id="this one"),
        pytest.param(" a/b.c:9 ", {"GH_TOKEN": "gho_1"}, "a/b.c", 9, id="on a laptop"),
        pytest.param("1", {**JOB, "INPUT_GITHUB_TOKEN": "ghs_2"}, "own/repo", 1, id="by a door"),
    ],
)
def test_a_run_is_named_by_repository_and_number(
    value: str, environ: Mapping[str, str], repository: str, run_id: int
) -> None:
    chosen = run_options({"run": value}, environ)
    assert (chosen.repository, chosen.run_id, chosen.api_url) == (repository, run_id, "https://api.github.com")
    assert environ.get("INPUT_GITHUB_TOKEN", next(iter(environ.values()))) == chosen.token.secret
    assert chosen.token.secret not in repr(chosen)


@pytest.mark.parametrize(
    ("value", "environ", "said"),
    [
        pytest.param("a/b", JOB, "OWNER/REPO:ID", id="no number"),
        pytest.param("a/b:c", JOB, "OWNER/REPO:ID", id="a word"),
        pytest.param("a/b:-1", JOB, "OWNER/REPO:ID", id="below zero"),
        pytest.param("a:1", JOB, "OWNER/NAME", id="no repository"),
        pytest.param("../x:1", JOB, "OWNER/NAME", id="a path"),
        pytest.param("1", {"GITHUB_TOKEN": "t"}, "GITHUB_REPOSITORY", id="not in a repository"),
        pytest.param("a/b:1", {}, "no token", id="no token"),
        pytest.param("a/b:1", {**JOB, "GITHUB_API_URL": "http://example.org"}, "GITHUB_API_URL", id="plain http"),
    ],
)
def test_what_names_no_run_is_refused(value: str, environ: Mapping[str, str], said: str) -> None:
    with pytest.raises(UserError, match=said) as refused:
        run_options({"run": value}, environ)
    assert refused.value.exit_code == 2


@pytest.mark.parametrize(
    ("name", "project"),
    [
        (LINUX, "demo-pkg"),
        (SDIST, "demo-pkg"),
        ("Demo.Pkg-1.0.zip", "demo-pkg"),
        ("demo_pkg-1.0.whl", ""),
        ("demo-pkg.tar.gz", ""),
        ("demo_pkg-x.y-py3-none-any.whl", ""),
        ("SHA256SUMS", ""),
    ],
)
def test_a_file_is_of_a_project_by_its_name(name: str, project: str) -> None:
    assert project_of(name) == project
