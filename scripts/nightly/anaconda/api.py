"""The endpoints of anaconda.org, a method each. Reading and writing are two classes: a reader can't change anything."""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from pathlib import Path
from threading import BoundedSemaphore
from typing import TypeVar
from urllib.parse import quote, urljoin

import requests
from requests_toolbelt import MultipartEncoder, MultipartEncoderMonitor  # type: ignore[import-untyped]  # has no types

from nightly.anaconda import payloads, records
from nightly.anaconda.records import Stage
from nightly.answers import Answer
from nightly.auth import Anonymous, Auth, Token
from nightly.channel import FileLost, Listing, RemoteFile
from nightly.http import Http
from nightly.http_errors import HttpError, Refused, Unavailable, refusal
from nightly.json_types import Json
from nightly.retry import retrying
from nightly.wheels import Wheel, hashes

T = TypeVar("T")

_HEADERS = {
    "Accept": "application/json",
    "Content-Type": "application/json",
    "x-binstar-api-version": "1.14.2",  # every known client sends one
}
_REDIRECTS = 5
_CHUNK = 256 * 1024
_LARGEST_REFUSAL = 64 * 1024


class AnacondaReader:
    """What can be asked of an organization.

    The methods whose names end in `now` ask once, all others again while the service is unavailable. Each raises
    `Unavailable` and `Refused`, as those names say.
    """

    def __init__(self, http: Http, url: str, organization: str, token: Token | None) -> None:
        self.http = http
        self.url = url.rstrip("/")
        self.organization = organization
        self._auth = token or Anonymous()

    def authentication_now(self) -> Answer:
        """What the server says of the token. Whether that has its scopes and expiry isn't documented."""
        return self._ask("GET", "authentication")

    def user(self) -> Answer:
        """The organization's own record."""
        return self._get("user", self.organization)

    def packages(self) -> Sequence[str]:
        """The names of all packages of the organization; there is no paging."""
        return _readable(records.package_names, self._get("packages", self.organization).json)

    def package(self, name: str) -> Listing | None:
        """All files of a package, or None where the server finds no such package *or no right to it*."""
        return retrying(lambda _: self.package_now(name), self.http.patience)

    def package_now(self, name: str) -> Listing | None:
        """The same, asked once."""
        record = self._find("package", self.organization, name)
        return None if record is None else _readable(records.listing, record)

    def file_now(self, name: str, version: str, filename: str) -> RemoteFile | None:
        """One file's record, or None where there is none."""
        record = self._find("dist", self.organization, name, version, filename)
        return None if record is None else _readable(lambda json: records.remote_file(name, json), record)

    def download(self, file: RemoteFile, target: Path) -> None:
        """Write a file to disk. It comes from this API, whatever host its record names.

        Raises:
            FileLost: the server lists it, but its storage has lost it.
            Unavailable: also where what comes isn't what is listed.
        """
        url = self._url("download", self.organization, file.project, file.version, file.filename)
        retrying(lambda _: self._download_now(url, file, target), self.http.patience)

    def _download_now(self, url: str, file: RemoteFile, target: Path) -> None:
        self._download(url, target, self._auth)
        size, sha256, md5 = hashes(target)
        if file.sha256 not in (None, sha256) or file.md5 not in (None, md5) or file.size not in (None, size):
            raise Unavailable(f"GET {url}", "what came isn't the file that is listed", 200)

    def _get(self, *path: str) -> Answer:
        return retrying(lambda _: self._ask("GET", *path), self.http.patience)

    def _ask(self, method: str, *path: str, body: Json = None) -> Answer:
        return self.http.ask(method, self._url(*path), auth=self._auth, body=body, headers=_HEADERS)

    def _find(self, *path: str) -> Json:
        try:
            return self._ask("GET", *path).json
        except Refused as error:
            if error.status in (404, 410):
                return None
            raise

    def _url(self, *path: str) -> str:
        return "/".join((self.url, *(quote(part, safe="") for part in path)))

    def _refusal(self, response: requests.Response) -> HttpError:
        request = f"{response.request.method} {(response.url or '').partition('?')[0]}"
        return refusal(self.http.reply(response, _LARGEST_REFUSAL), request)

    def _download(self, url: str, target: Path, auth: Auth, redirects: int = _REDIRECTS) -> None:
        with self.http.open("GET", url, auth=auth) as response:
            if response.status_code == 200:
                _save(response, target)
                return
            if not (response.is_redirect and redirects):
                raise _no_file(self._refusal(response))
            address = urljoin(url, response.headers["Location"])
        # Storage is another host: it gets no token, and refuses a request that brings one.
        self._download(address, target, Anonymous(), redirects - 1)


class AnacondaWriter(AnacondaReader):
    """What can be changed in an organization. Nothing here is tried again: its caller knows what is safe to repeat."""

    def __init__(self, http: Http, url: str, organization: str, token: Token | None, parallel: int) -> None:
        super().__init__(http, url, organization, token)
        self.parallel = parallel
        self._wire = BoundedSemaphore(parallel)

    def create_package(self, wheel: Wheel) -> None:
        self._ask("POST", "package", self.organization, wheel.name, body=payloads.package_payload(wheel))

    def create_release(self, name: str, wheel: Wheel) -> None:
        body = payloads.release_payload(wheel)
        self._ask("POST", "release", self.organization, name, wheel.version, body=body)

    def stage(self, name: str, wheel: Wheel, labels: frozenset[str]) -> Stage:
        """Announce a file. Refused with 409 where it is there, with 404 where its release or package isn't."""
        path = ("stage", self.organization, name, wheel.version, wheel.filename)
        return _readable(Stage.parse, self._ask("POST", *path, body=payloads.stage_payload(wheel, labels)).json)

    def send(self, stage: Stage, wheel: Wheel, sent: Callable[[int], None]) -> None:
        """Send an announced file's bytes to storage, which is another host and gets no token.

        It waits for its turn: no more than `parallel` files are on the wire at once.

        Raises:
            Unavailable: whatever went wrong, for a new stage may mend even a refusal.
        """
        with self._wire, wheel.path.open("rb") as file:
            fields = [*stage.form.items(), *_checksums(wheel).items()]
            encoder = MultipartEncoder([*fields, ("file", (wheel.filename, file, "application/octet-stream"))])
            body = MultipartEncoderMonitor(encoder, _Increments(sent))
            headers = {"Content-Type": encoder.content_type}
            with self.http.open("POST", stage.url, auth=Anonymous(), data=body, headers=headers) as response:
                if response.status_code not in (200, 201, 204):
                    raise _to_be_mended(self._refusal(response))

    def commit(self, name: str, wheel: Wheel, stage: Stage) -> RemoteFile:
        """Put a sent file on the channel. Refused with 404 where its stage was collected with the release."""
        path = ("commit", self.organization, name, wheel.version, wheel.filename)
        answer = self._ask("POST", *path, body={"dist_id": stage.dist_id}).json
        return _readable(lambda json: records.remote_file(name, json), answer)

    def delete(self, file: RemoteFile) -> None:
        """Delete one file: by its id where the server told it, so that no other file of its name can go instead."""
        by_id = file.handle.removeprefix(records.BY_ID)
        last = (file.filename,) if by_id == file.handle else ("-", by_id)
        self._ask("DELETE", "dist", self.organization, file.project, file.version, *last)

    def add_label(self, file: RemoteFile, label: str) -> None:
        body: Json = {"package": file.project, "version": file.version, "basename": file.filename}
        self._ask("POST", "channels", self.organization, label, body=body)


class _Increments:
    """Turns the encoder's running total into what was added."""

    def __init__(self, sent: Callable[[int], None]) -> None:
        self._sent = sent
        self._total = 0

    def __call__(self, monitor: MultipartEncoderMonitor) -> None:
        self._sent(monitor.bytes_read - self._total)
        self._total = monitor.bytes_read


def _checksums(wheel: Wheel) -> dict[str, str]:
    """What storage checks the bytes against: as form fields, as anaconda-client sends them."""
    md5 = base64.b64encode(bytes.fromhex(wheel.md5)).decode()
    return {"Content-Length": str(wheel.size), "Content-MD5": md5}


def _save(response: requests.Response, target: Path) -> None:
    with target.open("wb") as file:
        for chunk in response.iter_content(_CHUNK):
            file.write(chunk)


def _no_file(error: HttpError) -> HttpError | FileLost:
    return FileLost(error.request) if error.status == 404 and error.reason == "NoSuchKey" else error


def _to_be_mended(error: HttpError) -> Unavailable:
    return error if isinstance(error, Unavailable) else Unavailable(error.request, error.reason, error.status)


def _readable(parse: Callable[[Json], T], answer: Json) -> T:
    """Half an answer is no answer: the same request may bring a whole one."""
    try:
        return parse(answer)
    except records.Unreadable as error:
        raise Unavailable("the API's answer", str(error)) from error
