"""A server that says bytes, whatever it's asked."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress


@contextmanager
def answering(say: Callable[[socket.socket, threading.Event], None]) -> Iterator[str]:
    """A server that says what `say` sends to whoever comes, until the event is set. Gives its URL."""
    done = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            with suppress(OSError):
                while True:
                    connection, _ = server.accept()
                    with connection, suppress(OSError):
                        connection.recv(65536)
                        say(connection, done)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/"
        done.set()
        with suppress(OSError):
            server.shutdown(socket.SHUT_RDWR)
    thread.join(5)
