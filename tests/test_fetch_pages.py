"""What a page of an index says, form by form; and what is no page of one."""

from __future__ import annotations

import json

import pytest

from nightly.auth import may_lead
from nightly.fetching.addresses import parse_index
from nightly.fetching.files import IndexFile
from nightly.fetching.names import UnsafeName
from nightly.fetching.pages import CutShort, Unreadable, UnsafeLink, read_html, read_json

URL = "https://example.org/simple/demo/"
SHA256 = "0123456789abcdef" * 4
MD5 = "0123456789abcdef" * 2
NAME = "demo-1.0.tar.gz"


def of_json(**file: object) -> IndexFile:
    page = {"meta": {"api-version": "1.0"}, "files": [{"filename": NAME, "url": f"../../{NAME}", "hashes": {}, **file}]}
    (found,) = read_json(json.dumps(page), URL)
    return found


def of_html(link: str, head: str = "") -> IndexFile:
    (found,) = read_html(f"<!DOCTYPE html><html>{head}<body>{link}</body></html>", URL)
    return found


@pytest.mark.parametrize(
    ("told", "name", "value"),
    [
        ({"hashes": {"sha256": SHA256}}, "sha256", SHA256),
        ({"hashes": {"sha256": SHA256.upper()}}, "sha256", SHA256),
        ({"hashes": {"sha256": "short"}}, "sha256", None),
        ({"hashes": {"sha256": 5}}, "sha256", None),
        ({"hashes": {"md5": MD5, "blake2b": "x"}}, "md5", MD5),
        ({"hashes": None}, "sha256", None),
        ({"size": 5}, "size", 5),
        ({"size": True}, "size", None),
        ({"size": -1}, "size", None),
        ({"size": "5"}, "size", None),
        ({"yanked": False}, "yanked", None),
        ({"yanked": True}, "yanked", ""),
        ({"yanked": "broken"}, "yanked", "broken"),
        ({"url": "demo.tar.gz"}, "url", f"{URL}demo.tar.gz"),
        ({"url": "https://files.example.org/x#sha256=1"}, "url", "https://files.example.org/x"),
        ({"url": "//files.example.org/x?a=b"}, "url", "https://files.example.org/x?a=b"),
    ],
    ids=str,
)
def test_json_says_of_a_file(told: dict[str, object], name: str, value: object) -> None:
    assert getattr(of_json(**told), name) == value


@pytest.mark.parametrize(
    ("link", "name", "value"),
    [
        (f'<a href="{NAME}#sha256={SHA256}">x</a>', "sha256", SHA256),
        (f'<a href="{NAME}#md5={MD5}">x</a>', "md5", MD5),
        (f'<a href="{NAME}#egg=demo&amp;sha256={SHA256}">x</a>', "sha256", SHA256),
        (f'<a href="{NAME}#sha256=xyz">x</a>', "sha256", None),
        (f'<a href="{NAME}">x</a>', "filename", NAME),
        ('<a href="/x/demo-1.0%2Bcpu.tar.gz?sig=a%2Fb">x</a>', "filename", "demo-1.0+cpu.tar.gz"),
        (f'<a href="{NAME}" data-yanked>x</a>', "yanked", ""),
        (f'<a href="{NAME}" data-yanked="it&apos;s broken">x</a>', "yanked", "it's broken"),
        (f'<a href="{NAME}">x</a>', "yanked", None),
        (f'<a href=" ../../files/{NAME} ">x</a>', "url", f"https://example.org/files/{NAME}"),
    ],
)
def test_html_says_of_a_file(link: str, name: str, value: object) -> None:
    assert getattr(of_html(link), name) == value


def test_a_page_may_name_what_its_links_are_relative_to() -> None:
    found = of_html(f'<a href="{NAME}">x</a>', '<head><base href="https://files.example.org/d/"></head>')
    assert found.url == f"https://files.example.org/d/{NAME}"


def test_links_to_other_things_are_passed_over() -> None:
    links = '<a href="../">up</a><a>x</a><a href="http://[">x</a><a href="http://demo.example.org/">home</a>'
    assert read_html(f"<html><body>{links}<a href='x.whl.metadata'>m</a></body></html>", URL) == ()


def test_old_kinds_of_files_are_passed_over() -> None:
    page = {"meta": {}, "files": [{"filename": "demo-1.0.exe"}, {"filename": "demo-1.0-py2.7.egg"}]}
    assert read_json(json.dumps(page), URL) == ()


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ('{"meta": {"api-version": "1.0"}, "files": [', CutShort),
        ("", CutShort),
        ("[" * 100_000, CutShort),
        ("[]", Unreadable),
        ('{"files": []}', Unreadable),
        ('{"meta": {}, "files": {}}', Unreadable),
        ('{"meta": {"api-version": "2.0"}, "files": []}', Unreadable),
        ('{"meta": {}, "files": ["x"]}', Unreadable),
        ('{"meta": {}, "files": [{"filename": 1}]}', Unreadable),
        ('{"meta": {}, "files": [{"filename": "x.whl"}]}', Unreadable),
        ('{"meta": {}, "files": [{"filename": "x.whl", "url": "http://["}]}', UnsafeLink),
        ('{"meta": {}, "files": [{"filename": "../x.whl", "url": "x.whl"}]}', UnsafeName),
        ('{"meta": {}, "files": [{"filename": "con.whl", "url": "x.whl"}]}', UnsafeName),
        ('{"meta": {}, "files": [{"filename": "\\ud800.whl", "url": "x.whl"}]}', UnsafeName),
    ],
    ids=lambda value: value[:45] if isinstance(value, str) else "",
)
def test_what_is_no_page_in_json_is_refused(text: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        read_json(text, URL)


def test_html_that_ends_in_the_middle_is_refused() -> None:
    with pytest.raises(CutShort):
        read_html(f'<!DOCTYPE html><html><body><a href="{NAME}">x</a>', URL)


@pytest.mark.parametrize(
    ("url", "address", "may"),
    [
        ("https://a.example.org/", "https://b.example.org/", True),
        ("https://a.example.org/", "http://b.example.org/", False),
        ("https://a.example.org/", "http://127.0.0.1/", False),
        ("https://a.example.org/", "http://localhost/", False),
        ("https://a.example.org/", "file:///x", False),
        ("http://127.0.0.1/", "http://127.0.0.1:99/", True),
        ("http://127.0.0.1/", "https://a.example.org/", True),
        ("http://127.0.0.1/", "http://example.org/", False),
        ("http://127.0.0.1/", "file:///x", False),
        ("file:///x/", "file:///y", True),
        ("file:///x/", "https://a.example.org/", True),
        ("https://a.example.org/", "", False),
    ],
)
def test_nobody_leads_to_who_is_nearer_to_us(url: str, address: str, may: bool) -> None:  # noqa: FBT001
    assert may_lead(url, address) is may


@pytest.mark.parametrize(
    ("value", "url", "header"),
    [
        ("https://example.org/simple/", "https://example.org/simple", None),
        ("https://me:p%40ss@example.org:443/simple", "https://example.org:443/simple", "Basic bWU6cEBzcw=="),
        ("https://token@example.org/x", "https://example.org/x", "Basic dG9rZW46"),
        ("http://[::1]:3141/+simple", "http://[::1]:3141/+simple", None),
        ("file:///srv/simple/", "file:///srv/simple", None),
    ],
)
def test_an_address_is_a_url_and_who_may_read_it(value: str, url: str, header: str | None) -> None:
    address = parse_index(value)
    assert address.url == url
    assert "p@ss" not in repr(address)
    assert sent(value, f"{url}/demo/") == header


@pytest.mark.parametrize(
    "url",
    [
        "https://other.example.org/x",
        "http://example.org/x",
        "https://example.org:444/x",
        "https://example.org.evil.io/",
    ],
)
def test_a_password_is_for_scheme_host_and_port(url: str) -> None:
    assert sent("https://me:secret@example.org/simple", url) is None
    assert sent("https://me:secret@example.org/simple", "https://EXAMPLE.org:443/files/x")


class _Outgoing:
    def __init__(self) -> None:
        self.headers: dict[str, str] = {}


def sent(index: str, url: str) -> str | None:
    """The Authorization header of a request to a URL."""
    return parse_index(index).auth(url)(_Outgoing()).headers.get("Authorization")
