"""An HTTP server on 127.0.0.1 for a site: it records every request, and can hang, reset or cut an answer short."""

from __future__ import annotations

import contextlib
import json
import os
import select
import shutil
import socket
import struct
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO

from exchanges import CHUNK, Answer, Body, Json, Request, RequestLog, Site

# Winsock's struct linger has shorts.
_LINGER_0 = struct.pack("hh" if os.name == "nt" else "ii", 1, 0)
_LARGEST_JSON = 4 << 20


class LoopbackServer(ThreadingHTTPServer):
    """Serves a site under one role, at a port of its own. Two of them are two hosts to a client."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, site: Site, role: str, log: RequestLog) -> None:
        super().__init__(("127.0.0.1", 0), _Connection)
        self.site = site
        self.role = role
        self.log = log
        self.closing = threading.Event()
        self.failures: list[BaseException] = []
        self.connections: set[socket.socket] = set()
        self._thread = threading.Thread(target=self.serve_forever, args=(0.02,), name=role, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def close(self) -> None:
        """Stop, whatever is under way. Who hangs is let go."""
        self.closing.set()
        self.shutdown()
        self._thread.join()
        self.server_close()
        for connection in list(self.connections):
            _shut(connection)


class _Connection(BaseHTTPRequestHandler):
    """One kept-alive connection, and the exchange that is under way on it."""

    server: LoopbackServer
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def setup(self) -> None:
        super().setup()
        self.server.connections.add(self.connection)

    def finish(self) -> None:
        self.server.connections.discard(self.connection)
        super().finish()

    def exchange(self) -> None:
        try:
            exchange = _Exchange(self)
            self.server.site.serve(exchange)
            exchange.body.drain()
        except OSError:
            self.close_connection = True
        except Exception as error:  # noqa: BLE001  # whatever it is fails the test, in its own thread
            self.server.failures.append(error)
            self.close_connection = True

    # The names that http.server calls.
    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = exchange  # noqa: N815

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # http.server's name
        """The request log tells more."""


class _Exchange:
    def __init__(self, connection: _Connection) -> None:
        self._connection = connection
        self._server = connection.server
        headers = {name.lower(): value for name, value in connection.headers.items()}
        self.body = Body(connection.rfile, int(headers.get("content-length", 0)))
        content = self._json(headers)
        self.request = Request(self._server.role, connection.command, connection.path, headers, content)
        self._entry = self._server.log.begin(self.request)

    def _json(self, headers: dict[str, str]) -> Json:
        wanted = headers.get("content-type", "").startswith("application/json")
        if not wanted or not 0 < self.body.left <= _LARGEST_JSON:
            return None
        content: Json = json.loads(self.body.read(self.body.left))
        return content

    def take_effect(self) -> Answer:
        return self._server.site.answer(self.request, self.body)

    def send(self, answer: Answer) -> None:
        self.body.drain()
        self._head(answer, answer.length)
        if self.request.method != "HEAD":
            self._content(answer, answer.length)

    def cut_short(self, answer: Answer) -> None:
        self.body.drain()
        self._head(answer, answer.length + 1)
        self._content(answer, answer.length // 2)
        self._connection.close_connection = True

    def _head(self, answer: Answer, length: int) -> None:
        # Before the first byte is sent, so that who has the answer finds it in the log.
        self._server.log.finish(self._entry, answer.status)
        self._connection.send_response(answer.status)
        self._connection.send_header("Content-Type", answer.content_type)
        self._connection.send_header("Content-Length", str(length))
        for name, value in answer.headers.items():
            self._connection.send_header(name, value)
        self._connection.end_headers()

    def _content(self, answer: Answer, length: int) -> None:
        with answer.file.open("rb") if answer.file else BytesIO(answer.body) as source:
            if length == answer.length:
                shutil.copyfileobj(source, self._connection.wfile, CHUNK)
            else:
                self._connection.wfile.write(source.read(length))

    def hang(self) -> None:
        self.body.drain()
        while not self._server.closing.wait(0.05) and not self._client_gone():
            pass
        self._connection.close_connection = True

    def _client_gone(self) -> bool:
        connection = self._connection.connection
        readable, _, _ = select.select([connection], [], [], 0)
        return bool(readable) and not connection.recv(1, socket.MSG_PEEK)

    def reset(self) -> None:
        connection = self._connection.connection
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_0)
        # Closed here and not by socketserver, which would end it in an orderly way first.
        self._server.connections.discard(connection)
        socket.close(connection.detach())
        self._connection.close_connection = True


def _shut(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
