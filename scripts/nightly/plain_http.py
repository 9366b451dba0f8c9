"""The standard library's way to ask an API, for what has to run where nothing could be installed."""

from __future__ import annotations

import ssl
import time
from collections.abc import Mapping
from http.client import HTTPException, HTTPResponse, IncompleteRead
from pathlib import Path
from urllib.error import URLError
from urllib.request import HTTPHandler, HTTPSHandler, OpenerDirector, ProxyHandler, Request

from nightly import USER_AGENT
from nightly.answers import Client, request_name, without_secret
from nightly.auth import Auth
from nightly.http_errors import HttpError, Refused, Reply, Unavailable
from nightly.patience import Patience

_LARGEST_ANSWER = 64 * 1024 * 1024
_CHUNK = 256 * 1024


class PlainHttp(Client):
    """Opens a connection for each request, through the proxy that the environment names.

    `ca_bundle` is the path of certificates to believe as well, as REQUESTS_CA_BUNDLE names them.
    """

    def __init__(self, patience: Patience, ca_bundle: str = "") -> None:
        self.patience = patience
        # Without the handlers of redirects and errors, each answer comes as it is.
        self._opener = OpenerDirector()
        for handler in (ProxyHandler(), HTTPHandler(), HTTPSHandler(context=_context(ca_bundle))):
            self._opener.add_handler(handler)

    def exchange(
        self, method: str, url: str, auth: Auth, data: bytes | None, headers: Mapping[str, str] | None
    ) -> Reply:
        """See `Client`."""
        try:
            request = Request(url, data, {"User-Agent": USER_AGENT, **(headers or {})}, method=method)  # noqa: S310 - the API's own address
            with self._opener.open(auth(request), timeout=self.patience.silence) as response:
                return self._reply(response, request)
        except (OSError, HTTPException, ValueError) as error:
            raise _failure(error, request_name(method, url)) from error

    def _reply(self, response: HTTPResponse, request: Request) -> Reply:
        """The whole answer. Its end is waited for as long as patience says."""
        deadline = time.monotonic() + self.patience.answer
        content = bytearray()
        while len(content) < _LARGEST_ANSWER and (chunk := response.read1(_CHUNK)):
            content += chunk
            if time.monotonic() > deadline:
                raise TimeoutError
        if response.length:
            raise IncompleteRead(b"", response.length)
        headers = {name.lower(): value for name, value in response.headers.items()}
        return Reply(response.status, headers, without_secret(bytes(content), request.headers), response.reason)


def _context(ca_bundle: str) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if ca_bundle:
        path = Path(ca_bundle)
        context.load_verify_locations(capath=path) if path.is_dir() else context.load_verify_locations(path)
    return context


def _failure(error: Exception, request: str) -> HttpError:
    """What a request that broke off means. The exception's own text stays out, as it may hold an address."""
    cause = error.reason if isinstance(error, URLError) else error
    if isinstance(cause, ssl.SSLCertVerificationError):
        return Refused(request, "the server's certificate isn't trusted here; a proxy's own goes to REQUESTS_CA_BUNDLE")
    if isinstance(cause, TimeoutError):
        return Unavailable(request, "no answer in time")
    if isinstance(cause, IncompleteRead):
        return Unavailable(request, "the answer broke off")
    if isinstance(cause, (OSError, HTTPException)):
        return Unavailable(request, "the connection failed or was closed without an answer")
    return Unavailable(request, f"the request failed ({type(cause).__name__})")
