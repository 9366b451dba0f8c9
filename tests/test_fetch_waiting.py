"""Waiting for an index that lags, and what is complete."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from packaging.version import Version

from faults import EVERY, INTERNAL_ERROR, Fault, Status
from fetching_site import SDIST, WHEEL, Site, served, sha256
from nightly.building.records import BuildInfo, BuildPlan, BuiltFile
from nightly.data import to_json
from nightly.fetching.choosing import Wanted
from nightly.fetching.expected import Expected, parse_manifest
from nightly.fetching.files import IndexFile
from nightly.fetching.kinds import Filters

PURE = "demo_pkg-1.0-py3-none-any.whl"
FILES = {WHEEL: b"wheel" * 100, SDIST: b"sdist" * 100}
WANTED = Wanted("demo-pkg", Version("1.0"))

SUMS = "".join(f"{sha256(content)}  {name}\n" for name, content in FILES.items())
PLAN = BuildPlan(
    project="Demo.Pkg",
    source_repository="org/demo",
    source_sha="0" * 40,
    describe="v1.0",
    epoch=0,
    version="1.0",
    targets=(),
    identifiers=("cp312-manylinux_x86_64",),
    sdist=True,
    driver_repository="org/demo",
    driver_sha="0" * 40,
)
BUILT = tuple(BuiltFile(name, len(content), sha256(content)) for name, content in FILES.items())
INFO = BuildInfo(PLAN, "1.0", BUILT, (), "https://github.com/org/demo/actions/runs/1", {})
MANIFESTS = {
    "SHA256SUMS": SUMS,
    "BUILD-INFO.json": json.dumps(to_json(INFO)),
    "build-plan.json": json.dumps(to_json(PLAN)),
}


@pytest.fixture(name="manifest")
def manifest_fixture(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """What --wait-for is given: a number, or the path of a manifest that is written."""
    kind = str(request.param)
    if kind not in MANIFESTS:
        return kind
    (tmp_path / kind).write_text(MANIFESTS[kind], encoding="utf-8")
    return str(tmp_path / kind)


each_manifest = pytest.mark.parametrize("manifest", ["2", *MANIFESTS], indirect=True)


@each_manifest
def test_an_index_that_lags_is_waited_for(manifest: str, tmp_path: Path) -> None:
    with served(Site(files=dict(FILES), unlisted={SDIST: 2}), tmp_path) as fetching:
        run = fetching.wait(manifest)
        assert fetching.asked().count("/simple/demo-pkg/") == 3
    assert run.code == 0, run.log
    assert fetching.there() == FILES
    assert run.log.count("Waiting up to") == 1


@each_manifest
def test_what_is_missing_in_the_end_is_named(manifest: str, tmp_path: Path) -> None:
    with served(Site(files={WHEEL: FILES[WHEEL]}), tmp_path) as fetching:
        run = fetching.run("--wait-for", manifest, "--wait-minutes", "0")
        assert fetching.downloads() == []
    assert run.code == 1
    missing = {"2": "1 more file.", "build-plan.json": "the sdist."}.get(Path(manifest).name, f"{SDIST}.")
    assert f"Missing: {missing}" in run.log
    assert fetching.there() == {}


def test_nothing_at_all_in_the_end_is_2(tmp_path: Path) -> None:
    with served(Site(), tmp_path) as fetching:
        assert fetching.run("--wait-for", "2", "--wait-minutes", "0").code == 2


def test_other_bytes_than_a_manifest_names_are_not_fetched(tmp_path: Path) -> None:
    (tmp_path / "SHA256SUMS").write_text(SUMS, encoding="utf-8")
    with served(Site(files={**FILES, SDIST: b"other"}), tmp_path) as fetching:
        run = fetching.run("--wait-for", str(tmp_path / "SHA256SUMS"), "--wait-minutes", "0")
    assert run.code == 1
    assert f"{SDIST} (with other bytes there)" in run.log
    assert fetching.there() == {}


def test_a_manifests_hashes_are_held_against_what_comes_where_the_index_tells_none(tmp_path: Path) -> None:
    (tmp_path / "SHA256SUMS").write_text(SUMS, encoding="utf-8")
    with served(Site("plain", files={**FILES, SDIST: b"other"}), tmp_path) as fetching:
        run = fetching.run("--wait-for", str(tmp_path / "SHA256SUMS"), "--wait-minutes", "0")
    assert run.code == 1
    assert f"{sha256(FILES[SDIST])} was told" in run.log
    assert fetching.there() == {WHEEL: FILES[WHEEL]}


def test_what_a_manifest_does_not_name_is_not_fetched_and_told_of(tmp_path: Path) -> None:
    (tmp_path / "SHA256SUMS").write_text(SUMS, encoding="utf-8")
    with served(Site(files={**FILES, PURE: b"older"}), tmp_path) as fetching:
        run = fetching.run("--wait-for", str(tmp_path / "SHA256SUMS"))
    assert run.code == 0
    assert fetching.there() == FILES
    assert f"Not fetched, as nothing expects them: {PURE}" in run.log


def test_a_file_that_is_listed_before_it_can_be_had_is_waited_for(tmp_path: Path) -> None:
    with served(Site(files=dict(FILES)), tmp_path) as fetching:
        fetching.site.faults.add(Fault(Status(404), path=f"/files/{SDIST}"))
        run = fetching.wait("2")
        assert [path for path in fetching.asked() if path.startswith("/files/")].count(f"/files/{WHEEL}") == 1
    assert run.code == 0, run.log
    assert fetching.there() == FILES


def test_old_bytes_of_a_cache_are_waited_out(tmp_path: Path) -> None:
    with served(Site(files=dict(FILES)), tmp_path) as fetching:
        fetching.site.faults.add(*(Fault(Status(200, b"o" * 500), path=f"/files/{SDIST}", nth=nth) for nth in (1, 2)))
        run = fetching.wait("2")
    assert run.code == 0, run.log
    assert fetching.there() == FILES


def test_an_index_that_is_down_for_a_while_is_waited_for(tmp_path: Path) -> None:
    with served(Site(files=dict(FILES)), tmp_path) as fetching:
        fetching.site.faults.add(*(Fault(INTERNAL_ERROR, path="/simple/*", nth=nth) for nth in range(1, 5)))
        run = fetching.wait("2")
    assert run.code == 0, run.log
    assert fetching.there() == FILES


def test_an_index_that_stays_down_is_1(tmp_path: Path) -> None:
    with served(Site(files=dict(FILES)), tmp_path) as fetching:
        fetching.site.faults.add(Fault(INTERNAL_ERROR, path="/simple/*", nth=EVERY))
        run = fetching.run("--wait-for", "2", "--wait-minutes", "0")
    assert run.code == 1
    assert "HTTP 500" in run.log


def listed(*names: str) -> list[IndexFile]:
    return [IndexFile(name, f"https://example.org/{name}") for name in names]


@pytest.mark.parametrize(
    ("expected", "missing"),
    [
        (Expected(), ()),
        (Expected(2), ()),
        (Expected(3), ("1 more file",)),
        (Expected(5), ("3 more files",)),
        (Expected(1, {PURE: "a" * 64}), (PURE,)),
        (Expected(1, {WHEEL: "a" * 64}), ()),
        (Expected(identifiers=("cp312-manylinux_x86_64",)), ()),
        (Expected(identifiers=("cp313-manylinux_x86_64", "pure")), ("cp313-manylinux_x86_64", "pure")),
        (Expected(sdist=True), ()),
    ],
    ids=str,
)
def test_what_is_missing(expected: Expected, missing: tuple[str, ...]) -> None:
    assert expected.missing(listed(WHEEL, SDIST)) == missing


def test_a_manifest_is_narrowed_as_the_files_are() -> None:
    wanted = Wanted("demo-pkg", Version("1.0"), Filters(frozenset({"sdist"})))
    assert parse_manifest(SUMS, wanted).hashes == {SDIST: sha256(FILES[SDIST])}


def test_other_files_of_a_manifest_are_passed_over_and_folders_dont_matter() -> None:
    text = f"{'a' * 64} *dist/{SDIST}\n{'b' * 64}  BUILD-INFO.json\n{'c' * 64}  other-1.0.tar.gz\n"
    assert parse_manifest(text, WANTED).hashes == {SDIST: "a" * 64}


@pytest.mark.parametrize(
    ("text", "wanted", "gist"),
    [
        ("", WANTED, "names no file"),
        (SUMS, Wanted("demo-pkg", Version("2.0")), "names no file of demo-pkg 2.0"),
        (SUMS, Wanted("other", Version("1.0")), "names no file of other"),
        ("nonsense\n", WANTED, "nonsense"),
        ("{", WANTED, "isn't JSON"),
        ("{}", WANTED, "has no plan"),
        (json.dumps({"identifiers": 1}), WANTED, "the plan"),
        (MANIFESTS["build-plan.json"], Wanted("demo-pkg", Version("2.0")), "the plan of Demo.Pkg 1.0"),
        (
            MANIFESTS["build-plan.json"],
            Wanted("demo-pkg", Version("1.0"), Filters(frozenset({"win"}))),
            "leave out --type",
        ),
        (f"{'a' * 64}  ...tar.gz\n", WANTED, "leads elsewhere"),
    ],
    ids=lambda value: str(value)[:20],
)
def test_what_is_no_manifest_of_what_is_wanted_is_refused(text: str, wanted: Wanted, gist: str) -> None:
    with pytest.raises(ValueError, match=gist):
        parse_manifest(text, wanted)
