"""What the API's answers are taken for, strange ones too."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightly.anaconda import records
from nightly.anaconda.records import Record, Stage, Unreadable, is_same, parse_time
from nightly.json_types import Json

FILE: Record = {
    "basename": "demo_pkg-1.0-py3-none-any.whl",
    "version": "1.0",
    "upload_time": "2025-02-28 11:46:08.898000+00:00",
    "md5": "0" * 32,
    "sha256": "f" * 64,
    "size": 278751,
    "labels": ["main", "dev"],
    "download_url": "//api.anaconda.org/download/org/demo-pkg/1.0/demo_pkg-1.0-py3-none-any.whl",
}
PACKAGE: Record = {"name": "Demo_Pkg", "versions": ["0.9", "1.0"], "files": [FILE]}

anything: st.SearchStrategy[Json] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*FILE, *PACKAGE]), inner, max_size=4),
    max_leaves=8,
)


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("2018-10-19 19:03:58.717000+00:00", datetime(2018, 10, 19, 19, 3, 58, 717000, timezone.utc)),
        ("2018-10-19 19:03:58+00:00", datetime(2018, 10, 19, 19, 3, 58, 0, timezone.utc)),
        ("2018-10-19T19:03:58Z", datetime(2018, 10, 19, 19, 3, 58, 0, timezone.utc)),
        ("2018-10-19 19:03:58", datetime(2018, 10, 19, 19, 3, 58, 0, timezone.utc)),
        ("2018-10-19 21:03:58.5+02:00", datetime(2018, 10, 19, 19, 3, 58, 500000, timezone.utc)),
        ("2018-10-19 14:03:58-0500", datetime(2018, 10, 19, 19, 3, 58, 0, timezone.utc)),
        ("2018-10-19 19:03:58.123456789+00:00", datetime(2018, 10, 19, 19, 3, 58, 123456, timezone.utc)),
    ],
)
def test_a_time_is_read_in_every_form_that_was_seen(text: str, time: datetime) -> None:
    assert parse_time(text) == time
    assert parse_time(f" {text}\n") == time


@pytest.mark.parametrize(
    "text",
    [
        "",
        "9999-12-31 23:59:59-23:59",
        "0001-01-01 00:00:00+23:59",
        "null",
        "yesterday",
        "2018-10-19",
        "2018-13-19 19:03:58+00:00",
        "2018-10-19 25:03:58",
        "1539975838",
    ],
)
def test_what_is_no_time_is_unknown(text: str) -> None:
    assert parse_time(text) is None


@given(st.datetimes(datetime(1970, 1, 1), datetime(2200, 1, 1), timezones=st.timezones()))  # noqa: DTZ001 - naive bounds
def test_every_time_survives_the_way_the_server_writes_it(time: datetime) -> None:
    written = time.astimezone(timezone.utc).isoformat(sep=" ")
    assert parse_time(written) == time.astimezone(timezone.utc)


@given(st.text())
def test_a_time_of_any_text_is_in_utc_or_unknown(text: str) -> None:
    time = parse_time(text)
    assert time is None or time.utcoffset() == timedelta(0)


def test_a_files_record_is_read_in_full() -> None:
    file = records.remote_file("Demo_Pkg", FILE)
    assert (file.project, file.version, file.filename) == ("Demo_Pkg", "1.0", FILE["basename"])
    assert (file.size, file.sha256, file.md5) == (278751, "f" * 64, "0" * 32)
    assert file.uploaded_at == datetime(2025, 2, 28, 11, 46, 8, 898000, timezone.utc)
    assert file.labels == {"main", "dev"}
    assert file.url == f"https:{FILE['download_url']}"


def test_the_name_of_a_file_is_without_its_directory() -> None:
    file = records.remote_file("pytest", {**FILE, "basename": "linux-32/pytest-3.3.0.tar.bz2"})
    assert file.filename == "pytest-3.3.0.tar.bz2"


@pytest.mark.parametrize("key", ["upload_time", "md5", "sha256", "size", "labels", "download_url"])
@pytest.mark.parametrize("value", [None, "", [], {}, 0.5, "absent"], ids=repr)
def test_what_a_record_doesnt_say_is_unknown_and_not_old_or_equal(key: str, value: Json) -> None:
    record = {name: content for name, content in FILE.items() if name != key}
    file = records.remote_file("demo-pkg", record if value == "absent" else {**record, key: value})
    unknown = {
        "upload_time": file.uploaded_at,
        "md5": file.md5,
        "sha256": file.sha256,
        "size": file.size,
        "labels": file.labels,
        "download_url": file.url,
    }
    assert not unknown[key]


@pytest.mark.parametrize("key", ["basename", "version"])
@pytest.mark.parametrize("value", [None, 1, [], "absent"], ids=repr)
def test_a_file_without_a_name_or_a_version_is_unreadable(key: str, value: Json) -> None:
    record = {name: content for name, content in FILE.items() if name != key}
    with pytest.raises(Unreadable):
        records.remote_file("demo-pkg", record if value == "absent" else {**record, key: value})


def test_a_package_is_listed_with_all_its_versions() -> None:
    listing = records.listing({**PACKAGE, "versions": ["0.9"]})
    assert listing.exists
    assert listing.project == "Demo_Pkg"
    assert listing.versions == {"0.9", "1.0"}
    assert len(listing.files) == 1


@pytest.mark.parametrize(
    "package",
    [None, [], "demo", {}, {"name": "demo"}, {"files": []}, {"name": "demo", "files": None}, {"name": 1, "files": []}],
    ids=repr,
)
def test_a_package_without_its_list_of_files_isnt_taken_for_an_empty_one(package: Json) -> None:
    with pytest.raises(Unreadable):
        records.listing(package)


def test_an_empty_list_of_files_is_one() -> None:
    assert records.listing({"name": "demo", "files": []}).files == ()


def is_unreadable(read: Callable[[Json], object], answer: Json) -> bool:
    """Whether it is; it may not fail in any other way."""
    try:
        read(answer)
    except Unreadable as error:
        return bool(str(error))
    return False


@pytest.mark.parametrize(
    "read", [records.listing, records.package_names, Stage.parse, partial(records.remote_file, "x")]
)
@given(answer=anything)
def test_any_answer_is_read_or_unreadable(read: Callable[[Json], object], answer: Json) -> None:
    assert is_unreadable(read, answer) in (True, False)
    assert is_unreadable(read, "text")


@pytest.mark.parametrize("key", FILE)
@given(value=anything)
def test_of_a_files_record_only_its_name_and_version_must_be_right(key: str, value: Json) -> None:
    read = partial(records.remote_file, "demo-pkg")
    wrong = key in ("basename", "version") and not isinstance(value, str)
    assert is_unreadable(read, {**FILE, key: value}) == wrong


@pytest.mark.parametrize("packages", [None, {}, "x", [None], ["name"], [["name"]]], ids=repr)
def test_packages_that_arent_a_list_of_records_are_unreadable(packages: Json) -> None:
    with pytest.raises(Unreadable):
        records.package_names(packages)


@pytest.mark.parametrize(
    ("project", "name"), [("demo-pkg", "Demo_Pkg"), ("DEMO.PKG", "Demo_Pkg"), ("demo", None), ("demopkg", None)]
)
def test_a_project_is_found_under_any_spelling(project: str, name: str | None) -> None:
    assert records.spelling(["numpy", "Demo_Pkg"], project) == name


def test_a_stage_has_its_forms_fields_in_order() -> None:
    stage = Stage.parse(
        {"post_url": "https://s3", "form_data": {"key": "k", "status": 201, "acl": "p"}, "dist_id": "1"}
    )
    assert list(stage.form.items()) == [("key", "k"), ("status", "201"), ("acl", "p")]


@pytest.mark.parametrize("missing", ["post_url", "form_data", "dist_id"])
def test_half_a_stage_is_unreadable(missing: str) -> None:
    answer: Record = {"post_url": "https://s3", "form_data": {}, "dist_id": "1"}
    with pytest.raises(Unreadable):
        Stage.parse({key: value for key, value in answer.items() if key != missing})


def test_a_file_is_the_same_in_the_answers_of_two_endpoints_that_tell_different_things() -> None:
    full = records.remote_file("demo-pkg", {**FILE, "_id": "66f1"})
    short = records.remote_file("demo-pkg", {key: FILE[key] for key in ("basename", "version", "md5", "size")})
    assert is_same(full, short)
    assert is_same(short, full)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("sha256", "e" * 64),
        ("md5", "1" * 32),
        ("size", 1),
        ("upload_time", "2025-03-01 00:00:00+00:00"),
        ("basename", "x"),
    ],
)
def test_a_file_that_differs_in_anything_isnt_the_same(key: str, value: Json) -> None:
    one, other = (records.remote_file("demo-pkg", record) for record in (FILE, {**FILE, key: value}))
    assert not is_same(one, other)


def test_a_name_and_a_size_are_no_proof_of_sameness() -> None:
    bare = records.remote_file("demo-pkg", {key: FILE[key] for key in ("basename", "version", "size")})
    assert not is_same(bare, bare)
