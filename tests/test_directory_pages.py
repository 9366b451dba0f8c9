"""The pages of a directory channel as text."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.utils import NormalizedName

from nightly.directory.page import Page, PageFile, newest_of_each_name
from nightly.directory.render import (
    LONGEST_END,
    BadPage,
    may_be_due,
    page_of,
    project_html,
    project_json,
    root_html,
    root_json,
)
from nightly.simple_page import linked_names, links

DEMO = NormalizedName("demo-pkg")
NOON = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)
LATER = NOON + timedelta(hours=1)

texts = st.text(st.characters(exclude_categories=["Cs"]))
file_names = st.from_regex(r"demo_pkg-[0-9]{1,3}(\.dev[0-9])?(\+g[0-9a-f]{1,4})?-[^/\\]+\.whl", fullmatch=True)


def a_file(
    filename: str = "demo_pkg-1.0.dev1+g1-py3-none-any.whl",
    sha256: str = "a" * 64,
    uploaded_at: datetime = NOON,
    requires_python: str | None = ">=3.10",
) -> PageFile:
    return PageFile(filename, sha256, 1234, uploaded_at, requires_python, "b" * 64)


def test_the_html_page_names_each_file_with_its_hash_and_metadata_by_a_relative_link() -> None:
    (link,) = links(project_html(Page(DEMO, (a_file(),))))
    assert link == {
        "href": f"../../files/demo-pkg/{'a' * 32}/demo_pkg-1.0.dev1%2Bg1-py3-none-any.whl#sha256={'a' * 64}",
        "data-requires-python": ">=3.10",
        "data-dist-info-metadata": f"sha256={'b' * 64}",
        "data-core-metadata": f"sha256={'b' * 64}",
    }


def test_the_html_page_has_the_version_of_the_repository_api() -> None:
    assert '<meta name="pypi:repository-version" content="1.1">' in project_html(Page(DEMO))


def test_what_a_wheel_says_is_escaped() -> None:
    html = project_html(Page(DEMO, (a_file(requires_python='"><script>alert(1)</script>'),)))
    assert "<script>" not in html
    assert links(html)[0]["data-requires-python"] == '"><script>alert(1)</script>'


@given(filename=file_names, requires_python=texts.filter(bool))
def test_any_name_and_any_requires_python_come_back_from_the_html_page(filename: str, requires_python: str) -> None:
    html = project_html(Page(DEMO, (a_file(filename, requires_python=requires_python),)))
    assert linked_names(html) == {filename}
    assert [link["data-requires-python"] for link in links(html)] == [requires_python]


@given(filename=file_names, requires_python=st.none() | texts)
def test_any_page_comes_back_from_its_json(filename: str, requires_python: str | None) -> None:
    file = a_file(filename, requires_python=requires_python)
    page = Page(DEMO, (file,)).with_files((a_file(filename, sha256="c" * 64),), LATER)
    assert page_of(DEMO, project_json(page)) == page


def test_the_json_page_has_the_fields_of_pep_691_and_700() -> None:
    older = a_file("demo_pkg-0.9-py3-none-any.whl", requires_python=None)
    assert json.loads(project_json(Page(DEMO, (older, a_file())))) == {
        "meta": {"api-version": "1.1"},
        "name": "demo-pkg",
        "versions": ["0.9", "1.0.dev1+g1"],
        "files": [
            {
                "filename": "demo_pkg-0.9-py3-none-any.whl",
                "url": f"../../files/demo-pkg/{'a' * 32}/demo_pkg-0.9-py3-none-any.whl",
                "hashes": {"sha256": "a" * 64},
                "size": 1234,
                "upload-time": "2026-03-01T12:00:00Z",
                "core-metadata": {"sha256": "b" * 64},
            },
            {
                "filename": "demo_pkg-1.0.dev1+g1-py3-none-any.whl",
                "url": f"../../files/demo-pkg/{'a' * 32}/demo_pkg-1.0.dev1%2Bg1-py3-none-any.whl",
                "hashes": {"sha256": "a" * 64},
                "size": 1234,
                "upload-time": "2026-03-01T12:00:00Z",
                "requires-python": ">=3.10",
                "core-metadata": {"sha256": "b" * 64},
            },
        ],
        "_retired": [],
        "_due": None,
    }


def test_the_root_names_every_project_in_html_and_json() -> None:
    assert [link["href"] for link in links(root_html(["a", "b-c"]))] == ["a/", "b-c/"]
    assert json.loads(root_json(["a"])) == {"meta": {"api-version": "1.1"}, "projects": [{"name": "a"}]}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param('"name": "demo-pkg"', '"name": "other"', id="another project's"),
        pytest.param('"size": 1234', '"size": "1234"', id="a size that isn't a number"),
        pytest.param('"upload-time": "2026-03-01T12:00:00Z"', '"upload-time": "2026-03-01"', id="no time zone"),
        pytest.param('"upload-time": "2026-03-01T12:00:00Z"', '"upload-time": null', id="no time"),
        pytest.param('"filename": "demo_pkg', '"filename": "../demo_pkg', id="a path for a name"),
        pytest.param('"filename": "demo_pkg-1.0.dev1', '"filename": "demo_pkg-x', id="no version in the name"),
        pytest.param("a" * 64, "A" * 64, id="no sha256"),
        pytest.param('"_retired"', '"retired"', id="another tool's"),
        pytest.param("{", "", id="no JSON"),
        pytest.param('"files": [', '"files": 1, "_": [', id="no list"),
    ],
)
def test_a_damaged_page_is_refused(old: str, new: str) -> None:
    text = project_json(Page(DEMO, (a_file(),)))
    assert old in text
    with pytest.raises(BadPage):
        page_of(DEMO, text.replace(old, new))


def test_a_file_that_is_replaced_retires() -> None:
    old, new = a_file(), a_file(sha256="c" * 64)
    page = Page(DEMO, (old,)).with_files((new,), LATER)
    assert page.files == (new,)
    assert [(each.file, each.until) for each in page.retired] == [(old, LATER)]


def test_bytes_that_come_back_are_not_retired_any_more() -> None:
    old, new = a_file(), a_file(sha256="c" * 64)
    page = Page(DEMO, (old,)).with_files((new,), LATER).with_files((old,), LATER)
    assert page.files == (old,)
    assert [each.file for each in page.retired] == [new]


def test_of_a_lost_page_the_newest_file_of_each_name_is_named() -> None:
    old, new = a_file(), a_file(sha256="c" * 64, uploaded_at=LATER)
    page = newest_of_each_name(DEMO, (new, old), LATER)
    assert page.files == (new,)
    assert [each.file for each in page.retired] == [old]


@pytest.mark.parametrize(
    ("end", "due"),
    [
        pytest.param(project_json(Page(DEMO, (a_file(),))), False, id="nothing is retired"),
        pytest.param(project_json(Page(DEMO, (a_file(),)).without({a_file().filename}, LATER)), False, id="later"),
        pytest.param(project_json(Page(DEMO, (a_file(),)).without({a_file().filename}, NOON)), True, id="now"),
        pytest.param('"_retired": []}\n', True, id="it isn't said"),
        pytest.param('"_due": null}\n"_due": 1}\n', True, id="no time"),
        pytest.param('"_due": "2026-03-01"}\n', True, id="no time zone"),
        pytest.param('"_due": "soon"}\n', True, id="not a time"),
        pytest.param("", True, id="empty"),
    ],
)
def test_the_end_of_a_page_tells_when_it_has_to_be_read_whole(end: str, *, due: bool) -> None:
    assert may_be_due(end[-LONGEST_END:], NOON) is due


def test_the_first_of_the_retired_files_says_when_a_page_is_due() -> None:
    one, two = a_file(), a_file("demo_pkg-2.0-py3-none-any.whl")
    page = Page(DEMO, (one, two)).without({one.filename}, LATER).without({two.filename}, NOON)
    assert page.due == NOON
    assert page.forgetting(frozenset(page.retired)).due is None
