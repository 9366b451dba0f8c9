"""What was published, as inputs say it; and which file pip has taken of it, by pip's report."""

from __future__ import annotations

import json
from datetime import datetime, timezone

import pytest

from nightly.building.modes import cells
from nightly.channel import RemoteFile
from nightly.data import Unreadable
from nightly.errors import UserError
from nightly.releasing.installed_from import Taken, elsewhere, read_taken
from nightly.releasing.published import published
from planning_runs import Caller

A, B = "a" * 64, "b" * 64
ADDRESS = "https://pypi.example.org/org/simple/demo-pkg/1.0.dev1/demo_pkg-1.0.dev1-py3-none-any.whl"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ('{"demo-pkg": ["1.0.dev1"]}', ["demo-pkg==1.0.dev1"]),
        ('{"Demo_Pkg": ["1.0.dev01"], "other": ["2!1.0+G1"]}', ["demo-pkg==1.0.dev1", "other==2!1.0+g1"]),
        ("demo-pkg==1.0.dev1", ["demo-pkg==1.0.dev1"]),
        ("demo.pkg == 1.0.dev1,\n other==2\n", ["demo-pkg==1.0.dev1", "other==2"]),
        ("{}", []),
        ("", []),
        ("\n", []),
        ('{"demo-pkg": []}', []),
    ],
)
def test_what_was_published_is_read_from_the_output_or_from_a_list(value: str, expected: list[str]) -> None:
    assert [each.requirement for each in published("versions", value)] == expected


@pytest.mark.parametrize(
    "value",
    [
        *("demo-pkg", "demo-pkg==", "==1.0", "demo-pkg==*", "demo-pkg==1.0.*", "demo-pkg>=1.0", "demo-pkg===1.0"),
        *("demo-pkg[test]==1.0", "demo-pkg==1.0;x", "-r x==1", "--index-url=x==1", "a/b==1", "demo-pkg==$(id)"),
        *("{", "{]", '{"demo-pkg": "1.0"}', '{"demo-pkg": [1]}', '{"demo-pkg": null}', '{"a b": ["1"]}', "[]"),
        *('{"demo-pkg": ["1.0", "1.1"]}', "demo-pkg==1.0,demo_pkg==1.1", '{"demo-pkg": ["x"]}', '{"a":' * 100_000),
    ],
    ids=lambda value: value[:40],
)
def test_what_names_no_single_version_of_a_project_is_refused(value: str) -> None:
    with pytest.raises(UserError, match="PROJECT==VERSION") as refused:
        published("versions", value)
    assert refused.value.exit_code == 2


def test_what_was_published_is_verified_with_every_python_on_every_system(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    caller = Caller(tmp_path_factory.mktemp("cells"))
    ran = caller.run(cells.run, versions="demo==1", os="ubuntu-latest, macos-latest", python="3.11\n3.14")
    found = [(cell["os"], cell["python"]) for cell in json.loads(ran.outputs["matrix"])["include"]]
    assert sorted(found) == [(os, python) for os in ("macos-latest", "ubuntu-latest") for python in ("3.11", "3.14")]


@pytest.mark.parametrize("nothing", ["", "{}"])
def test_where_nothing_was_published_no_job_is_started(tmp_path_factory: pytest.TempPathFactory, nothing: str) -> None:
    ran = Caller(tmp_path_factory.mktemp("cells")).run(cells.run, versions=nothing)
    assert (ran.code, ran.outputs) == (0, {"matrix": ""})
    assert "Nothing was published" in ran.log


@pytest.mark.parametrize("inputs", [{"versions": "demo"}, {"python": ""}, {"versions": "demo==1", "os": "a/b"}])
def test_no_cells_come_of_wrong_inputs(tmp_path_factory: pytest.TempPathFactory, inputs: dict[str, str]) -> None:
    assert Caller(tmp_path_factory.mktemp("cells")).run(cells.run, **inputs).code == 2


def taken(url: str = ADDRESS, **hashes: str) -> Taken:
    return Taken("demo-pkg", "1.0.dev1", url, hashes)


def listed(
    sha256: str | None = None, md5: str | None = None, name: str = "demo_pkg-1.0.dev1-py3-none-any.whl"
) -> RemoteFile:
    now = datetime(2026, 11, 21, tzinfo=timezone.utc)
    return RemoteFile("demo-pkg", "1.0.dev1", name, 1, sha256, md5, now, frozenset({"main"}), "", "")


@pytest.mark.parametrize(
    ("file", "there", "because"),
    [
        (taken(sha256=A), listed(sha256=A), ""),
        (taken("https://mirror.example.org/demo_pkg-1.0.dev1-py3-none-any.whl", sha256=A), listed(sha256=A), ""),
        (taken(ADDRESS.replace("demo_pkg", "demo%5Fpkg"), sha256=A), listed(sha256=A), ""),
        (taken(sha256=A), listed(sha256=B), f"has the sha256 {B}"),
        (taken(md5=A), listed(sha256=B, md5=A), ""),
        (taken(md5=A), listed(sha256=A, md5=B), f"has the md5 {B}"),
        (taken(sha256=A, md5=A), listed(sha256=B, md5=A), f"has the sha256 {B}"),
        (taken(sha512=A), listed(sha256=B), ""),
        (taken(), listed(), ""),
        (taken(ADDRESS.replace("pypi.", "mirror.")), listed(sha256=A), "no hash to compare"),
        (taken(sha256=A), listed(sha256=A, name="demo_pkg-1.0.dev1-py2-none-any.whl"), "the channel lists no demo_pkg"),
        (taken(ADDRESS.replace("py3", "cp313"), sha256=A), listed(sha256=A), "lists no demo_pkg-1.0.dev1-cp313"),
    ],
)  # fmt: skip
def test_a_file_is_the_channels_by_its_hash_else_by_its_address(file: Taken, there: RemoteFile, because: str) -> None:
    found = elsewhere(file, [there], ADDRESS)
    assert bool(found) == bool(because)
    assert because in found


@pytest.mark.parametrize(
    "told",
    [{"hash": f"sha256={A}", "hashes": {"sha256": A}}, {"hash": f"sha256={A}"}, {"hashes": {"sha256": A}}],
    ids=["of today", "of pip 23.0", "of what may come"],
)
def test_a_report_of_pips_is_read(told: dict[str, object]) -> None:
    archive = {"url": ADDRESS, "archive_info": told}
    checkout = {"url": "file:///x", "dir_info": {}}
    items = [
        {"metadata": {"name": "Demo_Pkg", "version": "1.0.dev1", "summary": "x"}, "download_info": archive},
        {"metadata": {"name": "other", "version": "2"}, "download_info": checkout},
    ]
    found = read_taken(json.dumps({"version": "1", "install": items}).encode())
    assert found == {
        "demo-pkg": Taken("Demo_Pkg", "1.0.dev1", ADDRESS, {"sha256": A}),
        "other": Taken("other", "2", "file:///x", {}),
    }
    assert [each.digest for each in found.values()] == [f"sha256 {A}", "none"]


@pytest.mark.parametrize("content", [b"", b"{}", b'{"install": [{}]}', b'{"install": 1}'])
def test_what_is_no_report_is_not_read(content: bytes) -> None:
    with pytest.raises(Unreadable):
        read_taken(content)
