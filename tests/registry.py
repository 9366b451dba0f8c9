"""A package registry on loopback, as PEP 503 describes it. Asked as a proxy, it answers for any host's name."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Sequence
from html import escape
from pathlib import Path
from urllib.parse import quote, unquote

from packaging.utils import canonicalize_name

from exchanges import Answer, Body, Exchange, Request, RequestLog
from loopback import LoopbackServer
from nightly.wheels import read_wheel


class Registry:
    """Serves the wheels that are in a directory, at `index_url`. While `holding` is set, no download is answered."""

    def __init__(self, wheels: Path) -> None:
        self._wheels = wheels
        self.holding = threading.Event()
        self.log = RequestLog()
        self._server = LoopbackServer(self, "registry", self.log)

    @property
    def url(self) -> str:
        return self._server.url

    @property
    def index_url(self) -> str:
        return f"{self.url}/simple"

    @property
    def port(self) -> int:
        return self._server.server_port

    def close(self) -> None:
        self._server.close()

    def serve(self, exchange: Exchange) -> None:
        if self.holding.is_set() and exchange.request.plain_path.endswith(".whl"):
            exchange.hang()
        else:
            exchange.send(exchange.take_effect())

    def answer(self, request: Request, _body: Body) -> Answer:
        folder, _, name = request.plain_path.strip("/").partition("/")
        path = self._wheels / Path(unquote(name)).name
        if folder == "files" and path.suffix == ".whl" and path.is_file():
            return Answer(content_type="application/zip", file=path)
        if folder == "simple" and (wheels := self._of(name)):
            return Answer(content_type="text/html", body=_page(wheels))
        return Answer(status=404)

    def _of(self, project: str) -> list[Path]:
        wheels = sorted(self._wheels.glob("*.whl"))
        return [path for path in wheels if canonicalize_name(path.name.partition("-")[0]) == project]


def _page(wheels: Sequence[Path]) -> bytes:
    hashes = [hashlib.sha256(path.read_bytes()).hexdigest() for path in wheels]
    links = [
        f'<a href="/files/{quote(path.name)}#sha256={digest}">{escape(path.name)}</a>'
        for path, digest in zip(wheels, hashes, strict=True)
    ]
    return "<!DOCTYPE html><html><body>{}</body></html>".format("<br>".join(links)).encode()


def lock_of(wheels: Path) -> str:
    """A lock of all wheels in a directory, each by its hash."""
    found = [read_wheel(path) for path in sorted(wheels.glob("*.whl"))]
    return "".join(f"{wheel.project}=={wheel.version} --hash=sha256:{wheel.sha256}\n" for wheel in found)
