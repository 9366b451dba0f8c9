"""The storage behind anaconda.org, which behaves as S3 does: forms that were signed for, XML, no token ever."""

from __future__ import annotations

import base64
import hashlib
import re
import threading
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from xml.sax.saxutils import escape

from exchanges import Answer, Body, Request
from multipart import Form, read_form

_KEY = re.compile(r"/bucket/([0-9a-f]{24}/[0-9a-f]{24})")


@dataclass(frozen=True)
class StoredObject:
    md5: str
    size: int


class Storage:
    """Objects by their key, each one a file in `directory` named for the key's second part."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.received: dict[str, StoredObject] = {}

    def form_data(self, key: str) -> dict[str, str]:
        """What whoever sends the object has to send before it, in this order."""
        return {
            "key": key,
            "acl": "private",
            "success_action_status": "201",
            "policy": base64.b64encode(key.encode()).decode(),
            "x-amz-signature": _signature(key),
        }

    def signed_path(self, key: str) -> str:
        """Where the object is found for a while."""
        return f"/bucket/{key}?X-Amz-Expires=3600&X-Amz-Signature={_signature(key)}"

    def path(self, key: str) -> Path:
        return self.directory / key.partition("/")[2]

    def answer(self, request: Request, body: Body) -> Answer:
        if request.authorized:
            return s3_error(400, "InvalidArgument", "Only one auth mechanism allowed")
        if request.method == "POST":
            return self._store(request, body)
        if request.method in ("GET", "HEAD"):
            return self._fetch(request)
        return s3_error(405, "MethodNotAllowed", "The specified method is not allowed against this resource.")

    def _store(self, request: Request, body: Body) -> Answer:
        if "content-length" not in request.headers:
            return s3_error(411, "MissingContentLength", "You must provide the Content-Length HTTP header.")
        arriving = self.directory / f"arriving-{threading.get_ident()}"
        try:
            form = read_form(body, request.headers.get("content-type", ""), arriving)
        except ValueError as error:
            return s3_error(400, "MalformedPOSTRequest", str(error))
        if refusal := self._refusal(form):
            arriving.unlink(missing_ok=True)
            return refusal
        key = form.fields["key"]
        arriving.replace(self.path(key))
        self.received[key] = StoredObject(form.md5, form.size)
        return Answer(201, _created(key, form.md5), "application/xml", {"ETag": f'"{form.md5}"'})

    def _refusal(self, form: Form) -> Answer | None:
        signed = self.form_data(form.fields.get("key", ""))
        if form.order[: len(signed)] != tuple(signed) or {name: form.fields[name] for name in signed} != signed:
            return s3_error(403, "AccessDenied", "Invalid according to Policy: form_data comes first, as it was given.")
        if form.order[-1] != "file" or form.order.count("file") != 1:
            return s3_error(
                400, "InvalidArgument", "POST requires exactly one file upload per request, as the last field."
            )
        if form.fields.get("Content-MD5", _base64(form.md5)) != _base64(form.md5):
            return s3_error(400, "InvalidDigest", "The Content-MD5 you specified was invalid.")
        if form.fields.get("Content-Length", str(form.size)) != str(form.size):
            return s3_error(
                400, "IncompleteBody", "You did not provide the number of bytes specified by Content-Length."
            )
        return None

    def _fetch(self, request: Request) -> Answer:
        found = _KEY.fullmatch(request.plain_path)
        if not found:
            return s3_error(404, "NoSuchKey", "The specified key does not exist.")
        key = found[1]
        if parse_qs(urlsplit(request.path).query).get("X-Amz-Signature") != [_signature(key)]:
            return s3_error(403, "AccessDenied", "Request has no valid signature")
        if not self.path(key).exists():
            return s3_error(404, "NoSuchKey", "The specified key does not exist.")
        return Answer(200, content_type="application/octet-stream", file=self.path(key))


def _signature(key: str) -> str:
    return hashlib.sha256(f"storage's secret {key}".encode()).hexdigest()


def _base64(md5: str) -> str:
    return base64.b64encode(bytes.fromhex(md5)).decode()


def _created(key: str, md5: str) -> bytes:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<PostResponse><Location>/bucket/{key}</Location>'
        f"<Bucket>bucket</Bucket><Key>{key}</Key><ETag>&quot;{md5}&quot;</ETag></PostResponse>"
    ).encode()


def s3_error(status: int, code: str, message: str) -> Answer:
    """An error as S3 words it."""
    error = f"<Error><Code>{code}</Code><Message>{escape(message)}</Message></Error>"
    return Answer(status, f'<?xml version="1.0" encoding="UTF-8"?>\n{error}'.encode(), "application/xml")
