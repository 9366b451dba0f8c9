"""Fetching from an index of whatever form: what is there in the end, and what is said."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

import pytest

from fetching_site import SDIST, WHEEL, Site, parts, run_fetch, served, sha256, there
from nightly import markdown
from nightly.fetching.options import INPUTS
from nightly.fetching.parts import FOLDER

FILES = {WHEEL: b"wheel" * 1000, SDIST: b"sdist" * 500, "demo_pkg-0.9-py3-none-any.whl": b"old"}
WANTED = {name: content for name, content in FILES.items() if "-0.9-" not in name}
FORMS = ("json", "html", "plain")


def site(form: str = "json", **features: object) -> Site:
    return Site(form, dict(FILES), **features)  # type: ignore[arg-type]  # of the test's choice


@pytest.mark.parametrize("form", FORMS)
def test_all_files_of_the_version_come_whatever_the_form_of_the_index(form: str, tmp_path: Path) -> None:
    with served(site(form), tmp_path) as fetching:
        run = fetching.run()
    assert run.code == 0, run.log
    assert fetching.there() == WANTED
    assert "2 files" in run.log
    assert ("no hash" in run.log) == (form == "plain")


def test_what_was_fetched_is_written_down_for_sha256sum_and_for_release_notes(tmp_path: Path) -> None:
    with served(site(), tmp_path) as fetching:
        run = fetching.run()
    lines = (fetching.wheelhouse / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
    assert lines == [f"{sha256(content)}  {name}" for name, content in sorted(WANTED.items())]
    table = (fetching.wheelhouse / "RELEASE-FILES.md").read_text(encoding="utf-8")
    assert table.startswith("## Files of demo-pkg 1.0\n")
    assert all(f"| {markdown.code(name)} |" in table and sha256(content) in table for name, content in WANTED.items())
    assert table.rstrip() in run.summary


def test_what_is_there_with_the_right_hash_stays_and_isnt_asked_for_again(tmp_path: Path) -> None:
    with served(site(), tmp_path) as fetching:
        fetching.run()
        fetching.site.log.clear()
        run = fetching.run()
        assert fetching.asked() == ["/simple/demo-pkg/"]
    assert "2 of them kept" in run.log


@pytest.mark.parametrize("content", [b"other", b"WHEEL" * 1000, b""], ids=["shorter", "as long", "empty"])
def test_what_is_there_with_other_bytes_is_fetched_again(content: bytes, tmp_path: Path) -> None:
    with served(site(), tmp_path) as fetching:
        fetching.wheelhouse.mkdir()
        (fetching.wheelhouse / WHEEL).write_bytes(content)
        assert fetching.run().code == 0
    assert fetching.there() == WANTED


def test_what_is_there_is_fetched_again_where_the_index_tells_no_hash(tmp_path: Path) -> None:
    with served(site("plain"), tmp_path) as fetching:
        fetching.wheelhouse.mkdir()
        (fetching.wheelhouse / WHEEL).write_bytes(b"WHEEL" * 1000)
        assert fetching.run().code == 0
    assert fetching.there() == WANTED


def test_what_is_there_is_fetched_again_where_that_is_asked_for(tmp_path: Path) -> None:
    with served(site(), tmp_path) as fetching:
        fetching.run()
        fetching.site.log.clear()
        fetching.run("--clobber")
        assert len(fetching.downloads()) == 2


def test_by_md5_alone_it_is_told_what_is_right(tmp_path: Path) -> None:
    told: dict[str, object] = {"hashes": {"md5": hashlib.md5(FILES[WHEEL]).hexdigest()}}
    with served(site(told={WHEEL: told}), tmp_path) as fetching:
        fetching.run()
        fetching.site.log.clear()
        assert "2 of them kept" in fetching.run().log
        (fetching.wheelhouse / WHEEL).write_bytes(b"WHEEL" * 1000)
        fetching.run()
    assert fetching.there() == WANTED


def test_a_list_names_what_would_be_fetched_and_writes_nothing(tmp_path: Path) -> None:
    with served(site(), tmp_path) as fetching:
        run = fetching.run("--list")
        assert fetching.asked() == ["/simple/demo-pkg/"]
    assert run.code == 0
    assert f"sha256={sha256(FILES[WHEEL])}" in run.log
    assert SDIST in run.log
    assert "0.9" not in run.log
    assert not fetching.wheelhouse.exists()


def test_types_add_up_by_comma_and_by_flag(tmp_path: Path) -> None:
    files = {**FILES, "demo_pkg-1.0-py3-none-any.whl": b"pure", "demo_pkg-1.0-cp312-cp312-win32.whl": b"win"}
    with served(Site(files=files), tmp_path) as fetching:
        fetching.run("--type", "sdist,pure", "--type", "manylinux")
    assert set(fetching.there()) == {*WANTED, "demo_pkg-1.0-py3-none-any.whl"}


def test_none_of_the_version_is_2_and_tells_what_there_is(tmp_path: Path) -> None:
    with served(site(), tmp_path) as fetching:
        run = fetching.run(version="1.1")
    assert run.code == 2
    assert "There are: 0.9, 1.0." in run.log
    assert not fetching.wheelhouse.exists()


@pytest.mark.parametrize("form", FORMS)
def test_a_project_that_isnt_there_is_2(form: str, tmp_path: Path) -> None:
    with served(Site(form), tmp_path) as fetching:
        run = fetching.run()
    assert run.code == 2
    assert "no files of a project demo-pkg" in run.log


def test_yanked_files_are_told_of(tmp_path: Path) -> None:
    with served(site(told={WHEEL: {"yanked": "broken on ppc"}}), tmp_path) as fetching:
        run = fetching.run()
        assert set(fetching.there()) == {SDIST}
        assert f"Not fetched, because they were yanked: {WHEEL}" in run.log
        alone = fetching.run("--type", "manylinux")
    assert alone.code == 0
    assert "This version was yanked: broken on ppc." in alone.log


BAD_NAMES = (
    "../demo_pkg-1.0-py3-none-any.whl",
    "..%2Fdemo_pkg-1.0-py3-none-any.whl",
    "a/demo_pkg-1.0-py3-none-any.whl",
    "..\\demo_pkg-1.0-py3-none-any.whl",
    "C:demo_pkg-1.0-py3-none-any.whl",
    ".demo_pkg-1.0.tar.gz",
    "aux.demo_pkg-1.0.tar.gz",
    "demo_pkg-1.0\n.tar.gz",
    f"demo_pkg-1.0{'x' * 300}.tar.gz",
)


@pytest.mark.parametrize("form", ["json", "html"])
@pytest.mark.parametrize("name", BAD_NAMES)
def test_a_file_name_that_leads_elsewhere_stops_all(form: str, name: str, tmp_path: Path) -> None:
    encoded = name.replace("%2F", "/").replace("/", "%2F").replace("\\", "%5C").replace("\n", "%0A")
    told = {SDIST: {"filename": name.replace("%2F", "/"), "url": f"../../files/{encoded}"}}
    with served(site(form, told=told), tmp_path) as fetching:
        run = fetching.run()
        assert fetching.downloads() == []
    assert run.code == 1
    assert "lists something that can't be meant" in run.log
    assert [path for path in tmp_path.rglob("*") if path.suffix in (".whl", ".gz")] == []


@pytest.mark.parametrize("form", ["json", "html"])
@pytest.mark.parametrize(
    "url", ["http://example.org/x-1.tar.gz", "file:///etc/x-1.tar.gz", "ftp://127.0.0.1/x-1.tar.gz"]
)
def test_a_link_to_where_no_index_may_lead_stops_all(form: str, url: str, tmp_path: Path) -> None:
    with served(site(form, told={SDIST: {"url": url}}), tmp_path) as fetching:
        run = fetching.run()
    assert run.code == 1
    assert "lists something that can't be meant" in run.log
    assert fetching.there() == {}


def test_a_hash_that_is_wrong_is_1_and_leaves_nothing_under_the_files_name(tmp_path: Path) -> None:
    with served(site(told={WHEEL: {"hashes": {"sha256": "0" * 64}}}), tmp_path) as fetching:
        fetching.wheelhouse.mkdir()
        (fetching.wheelhouse / WHEEL).write_bytes(b"of an earlier time")
        run = fetching.run()
    assert run.code == 1
    assert fetching.there() == {SDIST: FILES[SDIST]}
    assert parts(fetching.wheelhouse) == {}
    assert f"its sha256 is {sha256(FILES[WHEEL])}, where {'0' * 64} was told" in run.log
    assert "don't use the file" in run.log
    assert not (fetching.wheelhouse / "SHA256SUMS").exists()


def test_the_next_run_goes_on_where_one_that_failed_has_ended(tmp_path: Path) -> None:
    with served(site(told={WHEEL: {"hashes": {"sha256": "0" * 64}}}), tmp_path) as fetching:
        fetching.run()
        fetching.site.told.clear()
        fetching.site.log.clear()
        run = fetching.run()
        assert [request.plain_path for request in fetching.downloads()] == [f"/files/{WHEEL}"]
    assert run.code == 0
    assert fetching.there() == WANTED


@pytest.mark.parametrize(
    ("argv", "gist"),
    [
        (["", "1.0"], "'project'"),
        (["a/b", "1.0"], "'project'"),
        (["demo", ""], "'version'"),
        (["demo", ">=1.0"], "'version'"),
        (["demo", "1.*"], "'version'"),
        (["demo", "1", "--type", "macos"], "manylinux"),
        (["demo", "1", "--python", "3.12"], "cp312"),
        (["demo", "1", "--index", "http://example.org/simple"], "plain http"),
        (["demo", "1", "--index", "ftp://example.org/simple"], "'index'"),
        (["demo", "1", "--index", "https:///simple"], "'index'"),
        (["demo", "1", "--index", "not/there"], "'index'"),
        (["demo", "1", "--index", "https://[/"], "'index'"),
        (["demo", "1", "--index", "https://x", "--channel", "anaconda"], "one place only"),
        (["demo", "1", "--organization", "mine"], "--channel anaconda"),
        (["demo", "1", "--channel", "https://x"], "'channel'"),
        (["demo", "1", "--channel", "not/there"], "'channel'"),
        (["demo", "1", "--parallel", "0"], "'parallel'"),
        (["demo", "1", "--wait-minutes", "-1"], "'wait_minutes'"),
        (["demo", "1", "--wait-for", "0"], "'wait_for'"),
        (["demo", "1", "--wait-for", "no/manifest"], "'wait_for'"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_wrong_input_is_2_and_touches_nothing(argv: list[str], gist: str, tmp_path: Path) -> None:
    run = run_fetch([*argv, "--wheelhouse", str(tmp_path / "wheelhouse")], tmp_path)
    assert run.code == 2
    assert gist in run.log
    assert list(tmp_path.iterdir()) == []


def test_a_password_in_an_address_is_shown_to_nobody(tmp_path: Path) -> None:
    run = run_fetch(["demo", "1", "--index", "http://me:hunter2@example.org/simple"], tmp_path)
    assert run.code == 2
    assert "hunter2" not in run.log


def test_every_input_is_a_flag_and_the_exit_code_of_help_is_0() -> None:
    scripts = Path(__file__).parent.parent / "scripts"
    command = [sys.executable, "-c", "import fetch, sys; sys.exit(fetch.main(['--help']))"]
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=scripts)
    assert all(f"{each.flag} " in done.stdout for each in INPUTS)


def test_nothing_but_a_lock_is_left_of_the_work(tmp_path: Path) -> None:
    with served(site(), tmp_path) as fetching:
        fetching.run()
    assert [path.name for path in (fetching.wheelhouse / FOLDER).iterdir()] == ["lock"]


def test_what_can_not_be_written_to_is_an_error_that_says_so(tmp_path: Path) -> None:
    (tmp_path / "wheelhouse").write_text("a file")
    with served(site(), tmp_path) as fetching:
        run = fetching.run()
    assert run.code == 1
    assert "can't be written to" in run.log


def test_a_file_that_can_not_be_written_stops_all_and_is_named(tmp_path: Path) -> None:
    with served(site(), tmp_path) as fetching:
        (fetching.wheelhouse / WHEEL).mkdir(parents=True)
        run = fetching.run()
    assert run.code == 1
    assert run.error
    assert f"{fetching.wheelhouse / WHEEL} can't be written to" in run.error.what
    assert "disk is full" in run.error.means


def test_files_are_there_before_those_that_speak_of_them(tmp_path: Path) -> None:
    """What speaks of all files must not be there while one isn't."""
    with served(site(), tmp_path) as fetching:
        fetching.run()
        del fetching.site.files[WHEEL]
        fetching.site.files["demo_pkg-1.0-cp313-cp313-win32.whl"] = b"new"
        fetching.site.told["demo_pkg-1.0-cp313-cp313-win32.whl"] = {"hashes": {"sha256": "0" * 64}}
        assert fetching.run().code == 1
    assert not (fetching.wheelhouse / "SHA256SUMS").exists()
    assert not (fetching.wheelhouse / "RELEASE-FILES.md").exists()
    assert WHEEL in there(fetching.wheelhouse)
