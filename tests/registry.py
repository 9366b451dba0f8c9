"""A package registry on loopback, as PEP 503 describes it. Asked as a proxy, it answers for any host's name."""

from __future__ import annotations

import threading
from html import escape
from pathlib import Path

from exchanges import Answer, Body, Exchange, Request, RequestLog
from loopback import LoopbackServer
from nightly.wheels import read_wheel


class Registry:
    """Serves the wheels of a directory at `index_url`. While `holding` is set, no download of a wheel is answered."""

    def __init__(self, wheels: Path) -> None:
        self._files = {path.name: path for path in wheels.glob("*.whl")}
        self._projects = {name: read_wheel(path).project for name, path in self._files.items()}
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
        if folder == "files" and name in self._files:
            return Answer(content_type="application/zip", file=self._files[name])
        if folder == "simple" and name in self._projects.values():
            return Answer(content_type="text/html", body=self._page(name))
        return Answer(status=404)

    def _page(self, project: str) -> bytes:
        names = [name for name, its in self._projects.items() if its == project]
        links = [f'<a href="/files/{escape(name)}">{escape(name)}</a>' for name in names]
        return "<!DOCTYPE html><html><body>{}</body></html>".format("<br>".join(links)).encode()


def lock_of(wheels: Path) -> str:
    """A lock of all wheels in a directory, each by its hash."""
    found = [read_wheel(path) for path in sorted(wheels.glob("*.whl"))]
    return "".join(f"{wheel.project}=={wheel.version} --hash=sha256:{wheel.sha256}\n" for wheel in found)
