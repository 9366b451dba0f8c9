"""One way to ask a server: with time-outs, one meaning for each kind of failure, and a token kept where it belongs."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import requests
import urllib3
from requests.adapters import HTTPAdapter

from nightly import USER_AGENT
from nightly.answers import Client, check_status, request_name, without_secret
from nightly.auth import Anonymous, Auth
from nightly.http_errors import HttpError, Refused, Reply, Unavailable, refusal
from nightly.patience import Patience

_LARGEST_ANSWER = 256 * 1024 * 1024
_CHUNK = 256 * 1024


class _Adapter(HTTPAdapter):
    """Sends bodies in large blocks: in http.client's of 16 kB, a large wheel keeps a core busy."""

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **options: object) -> None:  # noqa: FBT001, FBT002 - as requests calls it
        super().init_poolmanager(connections, maxsize, block, **{"blocksize": _CHUNK, **options})


class Http(Client):
    """A session with servers. Redirects are never followed by themselves, so a token can't travel along one."""

    def __init__(self, patience: Patience, connections: int = 8) -> None:
        self.patience = patience
        self._session = requests.Session()
        self._session.headers["User-Agent"] = USER_AGENT
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, _Adapter(pool_connections=8, pool_maxsize=connections, max_retries=0))

    def exchange(
        self, method: str, url: str, auth: Auth, data: bytes | None, headers: Mapping[str, str] | None
    ) -> Reply:
        """See `Client`."""
        with self.open(method, url, auth=auth, data=data, headers=headers) as response:
            return self.reply(response)

    def page(self, url: str) -> str:
        """Ask for a page that is for everybody.

        Raises:
            Unavailable, Refused: as their names say; a redirect is refused.
        """
        reply = self.exchange("GET", url, Anonymous(), None, None)
        check_status(reply, request_name("GET", url), refusal)
        return reply.content.decode("utf-8", "replace")

    @contextmanager
    def open(
        self,
        method: str,
        url: str,
        *,
        auth: Auth,
        data: object = None,
        headers: Mapping[str, str] | None = None,
    ) -> Iterator[requests.Response]:
        """Open an answer, whatever its status, with its body still to be read.

        Raises:
            Unavailable: there is no answer, or it broke off while it was read within the context.
        """
        try:
            with self._request(method, url, auth, data, headers) as response:
                yield response
        except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
            raise _failure(error, request_name(method, url)) from error

    def _request(
        self, method: str, url: str, auth: Auth, data: object, headers: Mapping[str, str] | None
    ) -> requests.Response:
        try:
            return self._session.request(
                method, url, auth=auth, data=data, headers=headers,  # type: ignore[arg-type]  # a stream or text
                timeout=(self.patience.connect, self.patience.silence), stream=True, allow_redirects=False,
            )  # fmt: skip
        except requests.RequestException:
            raise
        except ValueError as error:  # requests reads a redirect's address even where it doesn't follow it
            raise requests.exceptions.InvalidURL("a redirect to what is no address") from error

    def reply(self, response: requests.Response, limit: int = _LARGEST_ANSWER) -> Reply:
        """An opened answer with its body, up to `limit` bytes. Its end is waited for as long as patience says."""
        deadline = time.monotonic() + self.patience.answer
        content = bytearray()
        # A larger read would wait for all of it, however slowly it drips.
        while len(content) < limit and (chunk := response.raw.read1(_CHUNK, decode_content=True)):
            content += chunk
            if time.monotonic() > deadline:
                raise requests.exceptions.ReadTimeout("the answer doesn't end")
        headers = {name.lower(): value for name, value in response.headers.items()}
        told = without_secret(bytes(content[:limit]), response.request.headers)
        return Reply(response.status_code, headers, told, response.reason or "")


_FAILURES: tuple[tuple[type[Exception], str], ...] = (
    (requests.exceptions.ConnectTimeout, "the server can't be reached: no connection in time"),
    (requests.exceptions.Timeout, "no answer in time"),
    (requests.exceptions.ProxyError, "the proxy didn't connect"),
    (requests.exceptions.ChunkedEncodingError, "the answer broke off"),
    (requests.exceptions.ConnectionError, "the connection failed or was closed without an answer"),
    (urllib3.exceptions.ReadTimeoutError, "no answer in time"),
    (urllib3.exceptions.HTTPError, "the answer broke off"),
)


def _failure(error: Exception, request: str) -> HttpError:
    """What a request that broke off means. The exception's own text stays out: it holds the whole URL."""
    if isinstance(error, requests.exceptions.SSLError) and "CERTIFICATE_VERIFY" in str(error):
        return Refused(request, "the server's certificate isn't trusted here; a proxy's own goes to REQUESTS_CA_BUNDLE")
    for kind, reason in _FAILURES:
        if isinstance(error, kind):
            return Unavailable(request, reason)
    return Unavailable(request, f"the request failed ({type(error).__name__})")
