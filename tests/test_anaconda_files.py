"""How files come to the stand-in of anaconda.org, what it tells of them, and what it forgets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path
from urllib.parse import quote

import pytest

from anaconda_asking import DEMO, FILE, ORG, ask, commit, create, publish, send, stage
from anaconda_model import Token
from anaconda_server import AnacondaServer
from exchanges import Json
from sample_wheels import make_wheel

# How a file comes, and what is told of it.


def test_a_file_is_there_once_it_is_committed(anaconda: AnacondaServer) -> None:
    create(anaconda)
    staged = stage(anaconda, f"demo-pkg/1.0.dev1/{DEMO}", labels=("dev",))
    assert send(staged, b"bytes").status_code == 201
    assert anaconda.state.files(ORG, "demo-pkg") == []
    record = commit(anaconda, f"demo-pkg/1.0.dev1/{DEMO}", staged).json()
    assert (record["size"], record["labels"], record["basename"]) == (5, ["dev"], DEMO)
    assert [file.read_bytes() for file in anaconda.state.files(ORG, "demo-pkg")] == [b"bytes"]


def test_a_file_whose_bytes_never_came_can_not_be_committed(anaconda: AnacondaServer) -> None:
    create(anaconda)
    staged = stage(anaconda, f"demo-pkg/1.0.dev1/{DEMO}")
    assert commit(anaconda, f"demo-pkg/1.0.dev1/{DEMO}", staged).status_code == 404


def test_the_second_of_two_that_staged_the_same_name_can_not_commit(anaconda: AnacondaServer) -> None:
    create(anaconda)
    place = f"demo-pkg/1.0.dev1/{DEMO}"
    first, second = stage(anaconda, place), stage(anaconda, place)
    send(first, b"first")
    send(second, b"second")
    assert [commit(anaconda, place, staged).status_code for staged in (first, second)] == [200, 409]


def test_a_staged_name_can_be_made_to_conflict(anaconda: AnacondaServer) -> None:
    anaconda.behavior = replace(anaconda.behavior, staged_conflict=True)
    create(anaconda)
    stage(anaconda, f"demo-pkg/1.0.dev1/{DEMO}")
    assert ask(anaconda, "POST", f"/stage/{FILE}", {}).status_code == 409


@pytest.mark.parametrize("encode", [str, lambda text: quote(text, safe="")], ids=["raw", "quoted"])
def test_a_plus_may_be_quoted_or_not(anaconda: AnacondaServer, encode: Callable[[str], str]) -> None:
    create(anaconda, version="1.0+g1")
    place = f"demo-pkg/{encode('1.0+g1')}/{encode('demo_pkg-1.0+g1-py3-none-any.whl')}"
    assert publish(anaconda, place, b"bytes").status_code == 200
    assert ask(anaconda, "GET", f"/dist/{ORG}/{place}").json()["version"] == "1.0+g1"
    assert ask(anaconda, "DELETE", f"/dist/{ORG}/{place}").status_code == 200


def test_versions_are_in_the_order_of_versions(anaconda: AnacondaServer, tmp_path: Path) -> None:
    for version in ("1.0.dev10", "1.0", "1.0.dev9", "1.0.dev9+g1"):
        anaconda.seed(make_wheel(tmp_path, version=version))
    package = ask(anaconda, "GET", f"/package/{ORG}/demo-pkg").json()
    ordered = ["1.0.dev9", "1.0.dev9+g1", "1.0.dev10", "1.0"]
    assert package["versions"] == ordered
    assert [release["version"] for release in package["releases"]] == ordered
    assert [file["version"] for file in package["files"]] == ordered


@pytest.mark.parametrize(
    ("uploaded_at", "told"),
    [
        (datetime(2018, 10, 19, 19, 3, 58, 717000, timezone.utc), "2018-10-19 19:03:58.717000+00:00"),
        (datetime(2018, 10, 19, 19, 3, 58, 0, timezone.utc), "2018-10-19 19:03:58+00:00"),
    ],
    ids=["fraction", "no fraction"],
)
def test_a_time_has_a_fraction_or_none(
    anaconda: AnacondaServer, tmp_path: Path, uploaded_at: datetime, told: str
) -> None:
    anaconda.seed(make_wheel(tmp_path), uploaded_at=uploaded_at)
    assert ask(anaconda, "GET", f"/dist/{FILE}").json()["upload_time"] == told


@pytest.mark.parametrize("told", [None, "", "yesterday"])
def test_a_time_can_be_set_to_anything(anaconda: AnacondaServer, tmp_path: Path, told: str | None) -> None:
    anaconda.state.set_upload_time(anaconda.seed(make_wheel(tmp_path)), told)
    assert ask(anaconda, "GET", f"/dist/{FILE}").json()["upload_time"] == told


@pytest.mark.parametrize(("sha256", "ids"), [(True, False), (False, True)], ids=["recorded", "other"])
def test_a_record_has_a_hash_or_an_id_as_set(
    anaconda: AnacondaServer, tmp_path: Path, *, sha256: bool, ids: bool
) -> None:
    anaconda.seed(make_wheel(tmp_path))
    anaconda.behavior = replace(anaconda.behavior, style=replace(anaconda.behavior.style, sha256=sha256, ids=ids))
    (record,) = ask(anaconda, "GET", f"/package/{ORG}/demo-pkg/files").json()
    assert ("sha256" in record, "_id" in record) == (sha256, ids)


def test_a_list_of_packages_names_the_owner_and_no_files(anaconda: AnacondaServer, tmp_path: Path) -> None:
    anaconda.seed(make_wheel(tmp_path))
    (package,) = ask(anaconda, "GET", f"/packages/{ORG}?package_type=pypi").json()
    assert (package["name"], package["owner"], "files" in package) == ("demo-pkg", ORG, False)
    assert ask(anaconda, "GET", f"/package/{ORG}/demo-pkg").json()["owner"]["login"] == ORG


def test_a_release_is_told_by_version_or_as_the_latest(anaconda: AnacondaServer, tmp_path: Path) -> None:
    for version in ("1.0", "2.0"):
        anaconda.seed(make_wheel(tmp_path, version=version))
    versions = [
        ask(anaconda, "GET", f"/release/{ORG}/demo-pkg/{asked}").json()["version"] for asked in ("1.0", "latest")
    ]
    assert versions == ["1.0", "2.0"]


def test_a_label_can_be_given_and_taken(anaconda: AnacondaServer, tmp_path: Path) -> None:
    anaconda.seed(make_wheel(tmp_path))
    chosen: Json = {"package": "demo-pkg", "version": "1.0.dev1", "basename": DEMO}
    assert ask(anaconda, "POST", f"/channels/{ORG}/test", chosen).status_code == 201
    assert [file.labels for file in anaconda.state.files(ORG, "demo-pkg")] == [("main", "test")]
    assert ask(anaconda, "DELETE", f"/channels/{ORG}/main", chosen).status_code == 201
    assert ask(anaconda, "GET", f"/channels/{ORG}").json() == {"test": {"is_locked": False}}


# What is forgotten.


def test_the_last_file_takes_its_release_along(anaconda: AnacondaServer, tmp_path: Path) -> None:
    anaconda.seed(make_wheel(tmp_path))
    kept = anaconda.seed(make_wheel(tmp_path, version="2.0"))
    assert ask(anaconda, "DELETE", f"/dist/{FILE}").status_code == 200
    assert ask(anaconda, "GET", f"/release/{ORG}/demo-pkg/1.0.dev1").status_code == 404
    assert anaconda.state.files(ORG, "demo-pkg") == [kept]


def test_the_very_last_file_takes_the_package_along_and_who_may_write_to_it(
    anaconda: AnacondaServer, tmp_path: Path
) -> None:
    anaconda.add_token("tk", Token("dev", packages=frozenset({"demo-pkg"})))
    anaconda.seed(make_wheel(tmp_path))
    assert ask(anaconda, "DELETE", f"/dist/{FILE}", token="tk").status_code == 200
    assert ask(anaconda, "GET", f"/packages/{ORG}").json() == []
    create(anaconda)
    assert ask(anaconda, "POST", f"/stage/{FILE}", {}, "tk").status_code == 404
    assert ask(anaconda, "PUT", f"/packages/{ORG}/demo-pkg/collaborators/dev").status_code == 201
    assert ask(anaconda, "POST", f"/stage/{FILE}", {}, "tk").status_code == 200


@pytest.mark.parametrize("path", ["release/{0}/demo-pkg/1.0.dev1", "package/{0}/demo-pkg"], ids=["release", "package"])
def test_what_is_staged_dies_with_its_release(anaconda: AnacondaServer, path: str) -> None:
    create(anaconda)
    staged = stage(anaconda, f"demo-pkg/1.0.dev1/{DEMO}")
    send(staged, b"bytes")
    assert ask(anaconda, "DELETE", "/" + path.format(ORG)).status_code == 201
    create(anaconda)
    answer = commit(anaconda, f"demo-pkg/1.0.dev1/{DEMO}", staged)
    assert answer.json() == {"error": f"Invalid dist_id ObjectId('{staged['dist_id']}') does not exist"}


def test_a_file_can_be_deleted_by_its_id(anaconda: AnacondaServer, tmp_path: Path) -> None:
    file = anaconda.seed(make_wheel(tmp_path))
    path = f"/dist/{ORG}/demo-pkg/1.0.dev1/-/"
    assert ask(anaconda, "DELETE", path + "0" * 24).status_code == 404
    assert ask(anaconda, "DELETE", path + file.id).status_code == 200
    assert anaconda.state.files(ORG, "demo-pkg") == []
