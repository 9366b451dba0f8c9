"""A package registry on loopback, as PEP 503 describes it. Asked as a proxy, it answers for any host's name.

As a process of its own: `python tests/registry.py --help`.
"""

from __future__ import annotations

import argparse
import json
import sys
import threading
import time
from collections.abc import Sequence
from functools import cache
from html import escape
from pathlib import Path
from urllib.parse import quote, unquote

from packaging.utils import canonicalize_name

from exchanges import Answer, Body, Exchange, Request, RequestLog, json_answer
from loopback import LoopbackServer
from nightly.wheels import hashes, read_wheel


class Registry:
    """Serves the wheels that are in a directory, at `index_url`. While `holding` is set, no download is answered.

    `delay` is in seconds for every answer.
    """

    def __init__(self, wheels: Path, delay: float = 0.0) -> None:
        self._wheels = wheels
        self._delay = delay
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
        time.sleep(self._delay)
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
    digests = [_sha256(path, path.stat().st_mtime_ns) for path in wheels]
    links = [
        f'<a href="/files/{quote(path.name)}#sha256={digest}">{escape(path.name)}</a>'
        for path, digest in zip(wheels, digests, strict=True)
    ]
    return "<!DOCTYPE html><html><body>{}</body></html>".format("<br>".join(links)).encode()


@cache
def _sha256(path: Path, _changed: int) -> str:
    """The hash of a file as it was then, of which little is in memory at a time: it may be larger than that."""
    return hashes(path)[1]


def lock_of(wheels: Path) -> str:
    """A lock of all wheels in a directory, each by its hash."""
    found = [read_wheel(path) for path in sorted(wheels.glob("*.whl"))]
    return "".join(f"{wheel.project}=={wheel.version} --hash=sha256:{wheel.sha256}\n" for wheel in found)


class _Control:
    """What whoever started the registry as a process asks it: how many requests there were, and to forget them."""

    def __init__(self, log: RequestLog) -> None:
        self._log = log

    def serve(self, exchange: Exchange) -> None:
        exchange.send(exchange.take_effect())

    def answer(self, request: Request, _body: Body) -> Answer:
        count = len(self._log.all())
        if request.method == "POST":
            self._log.clear()
        return json_answer({"count": count})


def main() -> None:
    """Serve until standard input ends. Prints one line of JSON: the index's URL, and one for control.

    At `control_url`, GET /requests answers how many requests there were; POST /reset does so too and forgets them.
    """
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--delay", type=float, default=0.0, help="seconds before each answer")
    parser.add_argument("--directory", type=Path, required=True, help="of the wheels")
    arguments = parser.parse_args()
    registry = Registry(arguments.directory, arguments.delay)
    control = LoopbackServer(_Control(registry.log), "control", RequestLog())
    print(json.dumps({"index_url": registry.index_url, "control_url": control.url}), flush=True)
    sys.stdin.read()
    control.close()
    registry.close()


if __name__ == "__main__":
    main()
