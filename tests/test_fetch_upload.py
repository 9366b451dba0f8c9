"""What was fetched is uploaded by the real twine to the real pypiserver and devpi: all that is new, or nothing."""

from __future__ import annotations

import hashlib
import io
import os
import tarfile
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

import fetch
from exchanges import Answer, Body, Exchange, Request, RequestLog
from github_server import REPOSITORY, GitHubServer
from index_servers import PASSWORD, IndexServer, devpi, pypiserver
from loopback import LoopbackServer
from nightly.actions import Runner
from nightly.errors import UserError
from nightly.fetching.addresses import parse_index
from nightly.fetching.destination import UPLOAD_INPUTS, UploadOptions, index_of, upload_options
from nightly.fetching.files import Fetched
from nightly.fetching.simple_index import SimpleIndex
from nightly.fetching.uploading import in_order, upload
from nightly.http import Http
from nightly.patience import Patience
from nightly.sums import SHA256SUMS, sums_text
from sample_wheels import make_wheel

ROOT = Path(__file__).resolve().parent.parent
QUICK = Patience(tries=2, first_wait=0.01, longest_wait=0.02, index_lag=0.1)
LINUX, WINDOWS = "cp312-cp312-manylinux_2_28_x86_64", "cp312-cp312-win_amd64"
README = ("Description-Content-Type: text/markdown",)


@pytest.fixture(name="servers", scope="module")
def servers_fixture(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, IndexServer]]:
    root = tmp_path_factory.mktemp("index-servers")
    with pypiserver(root / "pypiserver") as html, devpi(root / "devpi") as json:
        yield {"pypiserver": html, "devpi": json}


@pytest.fixture(name="server", params=["pypiserver", "devpi"])
def server_fixture(request: pytest.FixtureRequest, servers: Mapping[str, IndexServer]) -> IndexServer:
    return servers[str(request.param)]


def sdist(directory: Path, name: str, version: str) -> Path:
    directory.mkdir(parents=True, exist_ok=True)
    stem = f"{name.replace('-', '_')}-{version}"
    about = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{README[0]}\n\n# {name}\n".encode()
    with tarfile.open(directory / f"{stem}.tar.gz", "w:gz") as archive:
        for inner, content in (("PKG-INFO", about), ("pyproject.toml", b"")):
            entry = tarfile.TarInfo(f"{stem}/{inner}")
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return directory / f"{stem}.tar.gz"


def wheel(directory: Path, name: str, tag: str, payload: bytes = b"") -> Path:
    return make_wheel(directory, name, "1.0", tag, payload=payload, headers=README)


def release(directory: Path, name: str) -> list[Path]:
    """An sdist and two wheels that are fit for an index."""
    return [sdist(directory, name, "1.0"), *(wheel(directory, name, tag) for tag in (LINUX, WINDOWS))]


def fetched(*paths: Path) -> list[Fetched]:
    return [Fetched(path, path.stat().st_size, hashlib.sha256(path.read_bytes()).hexdigest()) for path in paths]


def to(server: IndexServer) -> UploadOptions:
    return UploadOptions("", server.upload_url, "", Path("no-pypirc"))


def send(
    paths: list[Path],
    options: UploadOptions,
    server: IndexServer | None = None,
    environ: Mapping[str, str] | None = None,
) -> str:
    """Upload. Returns the log."""
    log = io.StringIO()
    given = {**os.environ, **(server.environ if server else {}), **(environ or {})}
    upload(fetched(*paths), options, given, Runner(log=log), Http(QUICK))
    return log.getvalue()


def there(server: IndexServer, project: str) -> set[str]:
    return {file.filename for file in SimpleIndex(parse_index(server.index_url), Http(QUICK)).files(project)}


def leave(github: GitHubServer, paths: Sequence[Path], head: str = "") -> int:
    """Let a run have gathered these files, of its own commit or of that of a fork, `head`. Returns its number."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for path in paths:
            archive.write(path, path.name)
        archive.writestr(SHA256SUMS, sums_text({each.path.name: each.sha256 for each in fetched(*paths)}))
    run = github.repository.add_run(github.repository.add_workflow(".github/workflows/wheels.yml"), head=head)
    github.repository.add_artifact("dist", content.getvalue(), run)
    return run.id


def run_fetch(*argv: str, **environ: str) -> str:
    """Run the command as its own process would. Returns the log."""
    log = io.StringIO()
    assert fetch.fetch(argv, {**os.environ, **environ}, Runner(log=log), QUICK) == 0
    return log.getvalue()


def test_what_a_run_has_gathered_is_uploaded_once_and_fetched_from_there_as_it_was(
    server: IndexServer, github: GitHubServer, tmp_path: Path
) -> None:
    files = release(tmp_path / "built", "whole")
    job = {"GITHUB_API_URL": github.api_url, "GITHUB_REPOSITORY": REPOSITORY, "INPUT_GITHUB_TOKEN": github.token}
    upload = ["whole", "1.0", "--run", str(leave(github, files)), "--wheelhouse", str(tmp_path / "gathered")]
    upload += ["--upload", "--repository-url", server.upload_url]
    first = run_fetch(*upload, **job, **server.environ)
    back = run_fetch("whole", "1.0", "--index", server.index_url, "--wheelhouse", str(tmp_path / "back"))
    again = run_fetch(*upload, **job, **server.environ)
    for path in files:
        assert f"uploaded  {path.name}" in first
        assert (tmp_path / "back" / path.name).read_bytes() == path.read_bytes()
        assert f"was there  {path.name}" in again
    assert PASSWORD not in first + back + again


def test_what_a_stranger_has_built_is_fetched_but_not_uploaded(
    github: GitHubServer, moody: Moody, tmp_path: Path
) -> None:
    job = {"GITHUB_API_URL": github.api_url, "GITHUB_REPOSITORY": REPOSITORY, "INPUT_GITHUB_TOKEN": github.token}
    run = leave(github, [path := wheel(tmp_path / "built", "strange", LINUX)], head="stranger/channel")
    argv = ["strange", "1.0", "--run", str(run), "--wheelhouse", str(tmp_path / "gathered")]
    with pytest.raises(UserError, match="a commit of stranger/channel"):
        run_fetch(*argv, "--upload", "--repository-url", moody.options.url, **job, **MOODY)
    assert not (tmp_path / "gathered").exists()
    run_fetch(*argv, **job)
    assert (tmp_path / "gathered" / path.name).read_bytes() == path.read_bytes()


def test_what_is_missing_of_it_is_added(server: IndexServer, tmp_path: Path) -> None:
    files = release(tmp_path, "added")
    send(files[:1], to(server), server)
    log = send(files, to(server), server)
    assert there(server, "added") == {path.name for path in files}
    assert f"was there  {files[0].name}" in log


def test_other_bytes_under_a_name_are_refused_before_anything_is_sent(server: IndexServer, tmp_path: Path) -> None:
    first = wheel(tmp_path / "first", "differing", LINUX)
    send([first], to(server), server)
    other = wheel(tmp_path / "other", "differing", LINUX, payload=b"another build")
    with pytest.raises(UserError, match=f"Nothing was uploaded.*\n- {first.name}: there with other bytes") as refused:
        send([wheel(tmp_path, "differing", WINDOWS), other], to(server), server)
    assert there(server, "differing") == {first.name}
    assert refused.value.exit_code == 1


def test_a_file_that_twine_finds_fault_with_stops_all_before_anything_is_sent(
    servers: Mapping[str, IndexServer], tmp_path: Path
) -> None:
    good = wheel(tmp_path, "faulty", LINUX)
    bad = make_wheel(tmp_path, "faulty", "1.0", WINDOWS, headers=("Description-Content-Type: text/nonsense",))
    with pytest.raises(UserError, match=f"(?s)Nothing was uploaded.*{bad.name}") as refused:
        send([good, bad], to(servers["devpi"]), servers["devpi"])
    assert good.name not in str(refused.value)
    assert there(servers["devpi"], "faulty") == set()


def test_a_wrong_password_is_told_and_never_shown(servers: Mapping[str, IndexServer], tmp_path: Path) -> None:
    wrong = {"TWINE_PASSWORD": "letmein-letmein"}
    with pytest.raises(UserError, match=r"(?s)0 of 1 files are there.*- .*: not there.*HTTPError: 40[13]") as refused:
        send([wheel(tmp_path, "password", LINUX)], to(servers["devpi"]), servers["devpi"], wrong)
    assert "letmein" not in str(refused.value)
    assert "TWINE_PASSWORD" in refused.value.means


def test_without_a_password_nobody_is_asked_for_one(servers: Mapping[str, IndexServer], tmp_path: Path) -> None:
    nobody = {"TWINE_USERNAME": "someone", "TWINE_PASSWORD": "", "HOME": str(tmp_path)}
    with pytest.raises(UserError, match=r"(?s)0 of 1 files are there.*not there"):
        send([wheel(tmp_path, "asked", LINUX)], to(servers["devpi"]), None, nobody)


def test_a_section_of_pypirc_says_where_and_with_which_password(
    servers: Mapping[str, IndexServer], tmp_path: Path
) -> None:
    (tmp_path / ".pypirc").write_text(
        "[distutils]\nindex-servers = mine\n[mine]\n"
        f"repository = {servers['devpi'].upload_url}\nusername = someone\npassword = {PASSWORD}\n"
    )
    environ = {"HOME": str(tmp_path), "USERPROFILE": str(tmp_path), "TWINE_REPOSITORY_URL": "http://127.0.0.1:9/"}
    options = upload_options({**NOTHING, "upload": "true", "repository": "mine"}, environ)
    assert options is not None
    send([path := wheel(tmp_path, "section", LINUX)], options, environ=environ)
    assert there(servers["devpi"], "section") == {path.name}


class Moody:
    """An index that accepts one file, refuses all others, and lists nothing or what it was given."""

    def __init__(self) -> None:
        self.sent = 0
        self.listed = b""
        self._server = LoopbackServer(self, "moody", RequestLog())
        self.options = UploadOptions("", f"{self._server.url}/", "", Path("no-pypirc"))
        self.close = self._server.close

    def serve(self, exchange: Exchange) -> None:
        exchange.send(exchange.take_effect())

    def answer(self, request: Request, body: Body) -> Answer:
        body.drain()
        if request.method == "POST":
            self.sent += 1
            return Answer(200 if self.sent == 1 else 400, b"no more of them", "text/plain")
        if request.path.startswith("/+simple"):
            return Answer(404)
        return Answer(200, b"<!DOCTYPE html><html>%s</html>" % self.listed, "text/html")


@pytest.fixture(name="moody")
def moody_fixture() -> Iterator[Moody]:
    server = Moody()
    yield server
    server.close()


MOODY = {"TWINE_USERNAME": "me", "TWINE_PASSWORD": "letmein-letmein", "TERM": "dumb"}


def test_an_upload_that_stops_in_the_middle_tells_what_is_there_file_by_file(moody: Moody, tmp_path: Path) -> None:
    files = release(tmp_path, "middle-of-a-very-long-name-that-takes-more-than-a-line")
    with pytest.raises(UserError, match="1 of 3 files are there") as stopped:
        send(files, moody.options, environ=MOODY)
    told = stopped.value.what.splitlines()
    names = [path.name for path in in_order(files)]
    assert told[1:4] == [f"- {names[0]}: there", f"- {names[1]}: not there", f"- {names[2]}: not there"]
    assert "400" in stopped.value.what
    assert "run this again" in stopped.value.do
    assert (moody.sent, stopped.value.exit_code) == (2, 1)


def test_an_index_that_lists_files_late_is_no_failure(moody: Moody, tmp_path: Path) -> None:
    log = send([path := wheel(tmp_path, "late", LINUX)], moody.options, environ=MOODY)
    assert f"doesn't list these yet: {path.name}" in log


def test_a_file_whose_hash_an_index_does_not_tell_is_not_sent_again(moody: Moody, tmp_path: Path) -> None:
    path = wheel(tmp_path, "hashless", LINUX)
    moody.listed = f'<a href="/files/{path.name}">it</a>'.encode()
    with pytest.raises(UserError, match=f"{path.name}: there without a hash"):
        send([path], moody.options, environ=MOODY)
    assert moody.sent == 0


def test_an_index_that_has_to_be_named_is_asked_for_before_anything_is_sent(moody: Moody, tmp_path: Path) -> None:
    options = replace(moody.options, url=f"{moody.options.url}+simple/")
    with pytest.raises(UserError, match="which index serves") as refused:
        send([wheel(tmp_path, "named", LINUX)], options, environ=MOODY)
    assert "--repository-index" in refused.value.do
    assert (moody.sent, refused.value.exit_code) == (0, 1)


def test_wheels_are_sent_before_the_sdist() -> None:
    names = ["a-1.0.tar.gz", "a-1.0-py3-none-any.whl", "a-1.0-cp312-cp312-win_amd64.whl"]
    assert [path.name for path in in_order([Path(name) for name in names])] == [names[2], names[1], names[0]]


NOTHING = {each.name: each.default for each in UPLOAD_INPUTS}


def test_what_goes_to_pypi_is_looked_for_at_the_index_that_pip_is_set_up_with(tmp_path: Path) -> None:
    environ = {"HOME": str(tmp_path), "USERPROFILE": str(tmp_path), "PIP_INDEX_URL": "https://index.example/simple"}
    options = upload_options({**NOTHING, "upload": "true", "repository": "pypi"}, environ)
    assert options is not None
    assert index_of(options, environ, Http(QUICK)).name == "https://index.example/simple"


def test_nothing_is_uploaded_unasked() -> None:
    assert upload_options(NOTHING, {}) is None


@pytest.mark.parametrize(
    ("given", "said"),
    [
        pytest.param({"upload": "true"}, "isn't clear from --upload|isn't clear from the inputs", id="nowhere"),
        pytest.param({"repository": "pypi"}, "isn't clear from --repository", id="not asked to"),
        pytest.param(
            {"upload": "true", "repository": "pypi", "repository_url": "https://index.example/"},
            "--repository, --repository-url",
            id="two places",
        ),
        pytest.param({"upload": "true", "repository": "mine"}, "can't be 'mine'", id="no section"),
        pytest.param({"upload": "true", "repository": "testpypi"}, "simple index of testpypi", id="no index"),
        pytest.param({"upload": "true", "repository_url": "http://index.example/"}, "https://", id="plain http"),
        pytest.param(
            {"upload": "true", "repository_url": "https://me:letmein@index.example/"},
            r"'https://\*\*\*@index.example/'",
            id="a password among the arguments",
        ),
        pytest.param(
            {"upload": "true", "repository": "pypi", "repository_index": "http://index.example/simple"},
            "plain http",
            id="an index by plain http",
        ),
    ],
)
def test_where_to_is_said_once_and_safely(given: Mapping[str, str], said: str, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=said) as refused:
        upload_options({**NOTHING, **given}, {"HOME": str(tmp_path), "USERPROFILE": str(tmp_path)})
    assert refused.value.exit_code == 2
    assert "letmein" not in str(refused.value)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("[distutils]\nindex-servers = other\n[mine]\nrepository = https://index.example/\n", "has and lists"),
        ("[distutils]\nindex-servers = mine\n[mine]\nrepository = http://index.example/\n", "https://"),
        ("nonsense", "can't be read"),
    ],
    ids=["not listed", "plain http", "not readable"],
)
def test_a_section_that_can_not_be_used_is_refused(content: str, said: str, tmp_path: Path) -> None:
    (tmp_path / ".pypirc").write_text(content)
    given = {**NOTHING, "upload": "true", "repository": "mine"}
    with pytest.raises(UserError, match=said) as refused:
        upload_options(given, {"HOME": str(tmp_path), "USERPROFILE": str(tmp_path)})
    assert refused.value.exit_code == 2
