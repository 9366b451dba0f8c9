"""The other two hosts of anaconda.org's stand-in: the storage and the index."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urljoin

import pytest
import requests

from anaconda_asking import DEMO, FILE, ORG, ask, commit, create, publish, send, stage
from anaconda_model import Lag
from anaconda_server import AnacondaServer
from sample_wheels import make_wheel


class Links(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(page)

    def handle_starttag(self, _tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value or "" for name, value in attrs if name == "href"]


def links(server: AnacondaServer, path: str) -> list[str]:
    answer = requests.get(server.index_url + path, timeout=30)
    answer.raise_for_status()
    return Links(answer.text).found


def listed(server: AnacondaServer, path: str) -> list[str]:
    """The names of the files that a page of the index has."""
    return [unquote(link.rsplit("/", 1)[-1]) for link in links(server, path) if link.endswith(".whl")]


# Storage.


@pytest.mark.parametrize("size", [0, 1, (1 << 20) - 150, 1 << 20, (1 << 20) + 1, 3 << 20])
def test_storage_keeps_bytes_of_any_number(anaconda: AnacondaServer, size: int) -> None:
    content = (b"\r\n--\r\n" * (size // 6 + 1))[:size]
    create(anaconda)
    assert publish(anaconda, f"demo-pkg/1.0.dev1/{DEMO}", content).json()["size"] == size
    assert anaconda.state.files(ORG, "demo-pkg")[0].read_bytes() == content


def test_storage_refuses_a_digest_that_is_wrong(anaconda: AnacondaServer) -> None:
    create(anaconda)
    answer = send(stage(anaconda, f"demo-pkg/1.0.dev1/{DEMO}"), b"bytes", **{"Content-MD5": "AAAAAAAAAAAAAAAAAAAAAA=="})
    assert (answer.status_code, answer.headers["Content-Type"]) == (400, "application/xml")
    assert "<Code>InvalidDigest</Code>" in answer.text


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda fields: fields[1:], "AccessDenied"),
        (lambda fields: [*fields[1:], fields[0]], "AccessDenied"),
        (lambda fields: [*fields, ("late", (None, "field"))], "InvalidArgument"),
        (lambda fields: fields[:-1], "InvalidArgument"),
    ],
    ids=["without its key", "key after the file", "a field after the file", "without a file"],
)
def test_storage_refuses_a_form(
    anaconda: AnacondaServer, change: Callable[[list[tuple[str, object]]], list[tuple[str, object]]], code: str
) -> None:
    create(anaconda)
    staged = stage(anaconda, f"demo-pkg/1.0.dev1/{DEMO}")
    assert isinstance(staged["form_data"], dict)
    fields: list[tuple[str, object]] = [(name, (None, value)) for name, value in staged["form_data"].items()]
    form = change([*fields, ("file", ("f.whl", b"bytes"))])
    answer = requests.post(str(staged["post_url"]), files=form, timeout=30)  # type: ignore[arg-type]  # as they come
    assert f"<Code>{code}</Code>" in answer.text
    assert commit(anaconda, f"demo-pkg/1.0.dev1/{DEMO}", staged).status_code == 404


def test_storage_refuses_a_token(anaconda: AnacondaServer, tmp_path: Path) -> None:
    anaconda.seed(make_wheel(tmp_path))
    location = ask(anaconda, "GET", f"/download/{FILE}").headers["Location"]
    assert location.startswith(anaconda.storage_url)
    assert requests.get(location, headers={"Authorization": "token x"}, timeout=30).status_code == 400
    assert requests.get(location.partition("?")[0], timeout=30).status_code == 403
    assert requests.get(location, timeout=30).content == make_wheel(tmp_path).read_bytes()


def test_storage_may_have_lost_what_the_api_lists(anaconda: AnacondaServer, tmp_path: Path) -> None:
    anaconda.state.lose(anaconda.seed(make_wheel(tmp_path)))
    assert ask(anaconda, "GET", f"/dist/{FILE}").status_code == 200
    lost = requests.get(f"{anaconda.api_url}/download/{FILE}", timeout=30)
    assert (lost.status_code, "<Code>NoSuchKey</Code>" in lost.text) == (404, True)


# The index.


def test_a_page_of_the_index_has_a_home_page_and_absolute_paths(anaconda: AnacondaServer, tmp_path: Path) -> None:
    anaconda.seed(make_wheel(tmp_path, version="1.0+g1"))
    path = f"/{ORG}/simple/demo-pkg/1.0%2Bg1/demo_pkg-1.0%2Bg1-py3-none-any.whl"
    assert links(anaconda, f"/{ORG}/simple/demo-pkg/") == ["https://example.org/demo", path]
    answer = requests.get(urljoin(anaconda.index_url, path), allow_redirects=False, timeout=30)
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith(anaconda.storage_url)


def test_the_index_shows_what_has_the_label(anaconda: AnacondaServer, tmp_path: Path) -> None:
    main, dev, both = (make_wheel(tmp_path, build=build) for build in ("1", "2", "3"))
    anaconda.seed(main)
    anaconda.seed(dev, labels=("dev",))
    anaconda.seed(both, labels=("main", "dev"))
    assert listed(anaconda, f"/{ORG}/simple/demo-pkg/") == [main.name, both.name]
    assert listed(anaconda, f"/{ORG}/label/dev/simple/demo-pkg/") == [dev.name, both.name]
    assert links(anaconda, f"/{ORG}/label/dev/simple/") == ["demo-pkg/"]
    assert requests.get(f"{anaconda.simple_index('test')}/demo-pkg/", timeout=30).status_code == 404


@pytest.mark.parametrize("asked", ["My.Demo_Pkg", "my-demo-pkg", "MY--DEMO.PKG"])
def test_the_index_compares_names_normalised(anaconda: AnacondaServer, tmp_path: Path, asked: str) -> None:
    wheel = make_wheel(tmp_path, name="My.Demo_Pkg")
    anaconda.seed(wheel)
    assert listed(anaconda, f"/{ORG}/simple/{asked}/") == [wheel.name]


def test_the_index_may_lag_by_requests(anaconda: AnacondaServer) -> None:
    anaconda.behavior = replace(anaconda.behavior, lag=Lag(requests=2))
    create(anaconda)
    publish(anaconda, f"demo-pkg/1.0.dev1/{DEMO}", b"bytes")
    assert [listed(anaconda, f"/{ORG}/simple/demo-pkg/") for _ in range(3)] == [[], [], [DEMO]]


def test_the_index_may_lag_for_ever(anaconda: AnacondaServer) -> None:
    anaconda.behavior = replace(anaconda.behavior, lag=Lag(seconds=3600))
    create(anaconda)
    publish(anaconda, f"demo-pkg/1.0.dev1/{DEMO}", b"bytes")
    assert listed(anaconda, f"/{ORG}/simple/demo-pkg/") == []
