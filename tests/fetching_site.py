"""An index on loopback that says what a test has it say, and `fetch` run on it in this process."""

from __future__ import annotations

import hashlib
import io
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from urllib.parse import quote, unquote

import fetch
from exchanges import Answer, Body, Exchange, Request, RequestLog
from faults import Effect, Faults
from loopback import LoopbackServer
from nightly.actions import Runner
from nightly.errors import UserError
from nightly.fetching.parts import FOLDER
from nightly.patience import Patience

SLOW = Patience(tries=3, first_wait=0.01, longest_wait=0.02, connect=10, silence=10, index_lag=0.06)
"""For what isn't about time-outs: never in a hurry, however busy the machine is."""

QUICK = Patience(tries=2, first_wait=0.01, longest_wait=0.02, connect=2, silence=0.15, answer=0.5)
"""Seconds on loopback stand for minutes on the internet."""

JSON = "application/vnd.pypi.simple.v1+json"

WHEEL = "demo_pkg-1.0-cp312-cp312-manylinux_2_28_x86_64.whl"
SDIST = "demo_pkg-1.0.tar.gz"


@dataclass
class Site:
    """An index: `files` are the bytes by name; `form` is json, html or plain (a list without hashes, at its root).

    `told` is what the page says of a file, where that isn't so. With `ranges` parts of files can be asked for, with
    `etags` it's told whether they are the same. `unlisted` names come up only after so many looks at the page.
    """

    form: str = "json"
    files: dict[str, bytes] = field(default_factory=dict)
    told: dict[str, dict[str, object]] = field(default_factory=dict)
    ranges: bool = True
    etags: bool = True
    unlisted: dict[str, int] = field(default_factory=dict)
    password: str = ""
    faults: Faults = field(default_factory=Faults)
    log: RequestLog = field(default_factory=RequestLog)
    looks: int = 0

    def serve(self, exchange: Exchange) -> None:
        self.faults.effect_on(exchange.request).play(exchange)

    def answer(self, request: Request, _body: Body) -> Answer:
        if self.password and not request.authorized:
            return Answer(401)
        folder, _, name = request.plain_path.strip("/").partition("/")
        if folder == "files" and (content := self.files.get(unquote(name))) is not None:
            return self._file(request, content)
        if self.form == "plain" and request.plain_path == "/wheels/":
            return self._html(
                ['<a href="../">up</a>', *(f'<a href="/files/{quote(each)}">{each}</a>' for each in self._listed())]
            )
        if self.form != "plain" and request.plain_path == "/simple/demo-pkg/":
            return self._json() if self.form == "json" else self._links()
        return Answer(404)

    def _listed(self) -> list[str]:
        self.looks += 1
        return [name for name in self.files if self.looks > self.unlisted.get(name, 0)]

    def _about(self, name: str) -> dict[str, object]:
        content = self.files[name]
        about = {"filename": name, "url": f"../../files/{quote(name)}", "size": len(content)}
        return {**about, "hashes": {"sha256": sha256(content)}, **self.told.get(name, {})}

    def _json(self) -> Answer:
        page = {
            "meta": {"api-version": "1.1"},
            "name": "demo-pkg",
            "files": [self._about(each) for each in self._listed()],
        }
        return Answer(200, json.dumps(page).encode(), JSON)

    def _links(self) -> Answer:
        return self._html([_link(self._about(name)) for name in self._listed()])

    def _html(self, links: Sequence[str]) -> Answer:
        page = f"<!DOCTYPE html><html><body>{'<br>'.join(links)}</body></html>"
        return Answer(200, page.encode(), "text/html; charset=utf-8")

    def _file(self, request: Request, content: bytes) -> Answer:
        etag = {"ETag": f'"{sha256(content)[:8]}"'} if self.etags else {}
        asked = re.fullmatch(r"bytes=(\d+)-", request.headers.get("range", ""))
        valid = request.headers.get("if-range") in (None, etag.get("ETag"))
        if not (asked and self.ranges and valid):
            return Answer(200, content, "application/octet-stream", etag)
        begin = int(asked[1])
        if begin >= len(content):
            return Answer(416, headers={"Content-Range": f"bytes */{len(content)}"})
        headers = {**etag, "Content-Range": f"bytes {begin}-{len(content) - 1}/{len(content)}"}
        return Answer(206, content[begin:], "application/octet-stream", headers)


def _link(about: Mapping[str, object]) -> str:
    hashes = about.get("hashes")
    told = "&".join(f"{kind}={value}" for kind, value in hashes.items()) if isinstance(hashes, dict) else ""
    yanked = about.get("yanked")
    more = f' data-yanked="{escape(str(yanked))}"' if yanked else ""
    return f'<a href="{escape(str(about["url"]))}#{told}"{more}>{about["filename"]}</a>'


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@dataclass(frozen=True)
class Run:
    """How a fetch ended."""

    code: int
    log: str
    summary: str
    error: UserError | None


@dataclass
class Fetching:
    """A site that is served, and a wheelhouse to fetch to."""

    site: Site
    url: str
    wheelhouse: Path
    patience: Patience = SLOW

    @property
    def index(self) -> str:
        return f"{self.url}/{'wheels' if self.site.form == 'plain' else 'simple'}/"

    def run(self, *argv: str, version: str = "1.0", index: str = "") -> Run:
        """Fetch, in this process."""
        where = ["--index", index or self.index, "--wheelhouse", str(self.wheelhouse)]
        return run_fetch(["demo-pkg", version, *where, *argv], self.wheelhouse.parent, self.patience)

    def wait(self, wait_for: str) -> Run:
        """Fetch when all is there, which is long before a minute is over."""
        return self.run("--wait-for", wait_for, "--wait-minutes", "1")

    def there(self) -> dict[str, bytes]:
        """What is in the wheelhouse, but for what is written about it."""
        return there(self.wheelhouse)

    def asked(self) -> list[str]:
        """The paths that were asked for."""
        return [request.plain_path for request in self.site.log.all()]

    def downloads(self) -> list[Request]:
        return [request for request in self.site.log.all() if request.plain_path.startswith("/files/")]


def run_fetch(argv: Sequence[str], root: Path, patience: Patience = SLOW, **environ: str) -> Run:
    log, summary = io.StringIO(), root / "summary.md"
    summary.unlink(missing_ok=True)
    runner = Runner(log=log, summary_file=summary)
    code, error = 0, None
    try:
        code = fetch.fetch(argv, environ, runner, patience)
    except UserError as refusal:
        code, error = refusal.exit_code, refusal
    said = summary.read_text(encoding="utf-8") if summary.exists() else ""
    return Run(code, log.getvalue() + str(error or ""), said, error)


def there(wheelhouse: Path) -> dict[str, bytes]:
    """The files in a directory by name, but for what is written about them."""
    found = [path for path in wheelhouse.glob("*") if path.is_file()]
    return {path.name: path.read_bytes() for path in found if path.name not in ("SHA256SUMS", "RELEASE-FILES.md")}


def parts(wheelhouse: Path) -> dict[str, bytes]:
    """What isn't whole yet."""
    return {path.name: path.read_bytes() for path in (wheelhouse / FOLDER).glob("*.part")}


@contextmanager
def served(site: Site, root: Path, patience: Patience = SLOW) -> Iterator[Fetching]:
    server = LoopbackServer(site, "index", site.log)
    try:
        yield Fetching(site, server.url, root / "wheelhouse", patience)
    finally:
        server.close()
    assert server.failures == []


@dataclass(frozen=True)
class HalfThenSilence:
    """Half of the answer is sent, and then nothing more."""

    def play(self, exchange: Exchange) -> None:
        exchange.cut_short(exchange.take_effect())
        exchange.hang()


HALF_THEN_SILENCE: Effect = HalfThenSilence()
