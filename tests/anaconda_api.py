"""The endpoints of api.anaconda.org, by method and path."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import unquote

import anaconda_reading as reading
import anaconda_writing as writing
from anaconda_calls import Call
from anaconda_model import Refused
from exchanges import Answer, Request

Endpoint = Callable[..., Answer]


def answer(call: Call, request: Request) -> Answer:
    """Find the endpoint and call it."""
    method = "GET" if request.method == "HEAD" else request.method
    matches = [
        (verb, endpoint, found) for verb, path, endpoint in ROUTES if (found := path.fullmatch(request.plain_path))
    ]
    for verb, endpoint, found in matches:
        if verb == method:
            return endpoint(call, *(unquote(part) for part in found.groups()))
    if matches:
        return Answer(405, b"Method Not Allowed", "text/plain")
    raise Refused(404, "Not Found")


def _route(method: str, path: str, endpoint: Endpoint) -> tuple[str, re.Pattern[str], Endpoint]:
    return method, re.compile(path.replace("*", "([^/]+)")), endpoint


ROUTES = (
    _route("GET", "/", reading.root),
    _route("GET", "/scopes", reading.scopes),
    _route("GET", "/authentication", reading.authentication),
    _route("GET", "/authentication-type", reading.authentication_type),
    _route("GET", "/user", reading.own_user),
    _route("GET", "/user/orgs", reading.organizations),
    _route("GET", "/users/*/orgs", reading.organizations),
    _route("GET", "/user/*", reading.user),
    _route("GET", "/packages/*", reading.packages),
    _route("GET", "/packages/*/*/collaborators", reading.collaborators),
    _route("PUT", "/packages/*/*/collaborators/*", writing.add_collaborator),
    _route("DELETE", "/packages/*/*/collaborators/*", writing.remove_collaborator),
    _route("GET", "/package/*/*", reading.package),
    _route("GET", "/package/*/*/files", reading.package_files),
    _route("POST", "/package/*/*", writing.create_package),
    _route("PATCH", "/package/*/*", writing.update_package),
    _route("DELETE", "/package/*/*", writing.delete_package),
    _route("GET", "/release/*/*/*", reading.release),
    _route("POST", "/release/*/*/*", writing.create_release),
    _route("PATCH", "/release/*/*/*", writing.update_release),
    _route("DELETE", "/release/*/*/*", writing.delete_release),
    _route("GET", "/dist/*/*/*/*", reading.file),
    _route("DELETE", "/dist/*/*/*/*", writing.delete_file),
    _route("DELETE", "/dist/*/*/*/-/*", writing.delete_file_by_id),
    _route("POST", "/stage/*/*/*/*", writing.stage),
    _route("POST", "/commit/*/*/*/*", writing.commit),
    _route("GET", "/download/*/*/*/*", reading.download),
    _route("GET", "/channels/*", reading.labels),
    _route("GET", "/channels/*/*", reading.label),
    _route("POST", "/channels/*/*", writing.add_label),
    _route("DELETE", "/channels/*/*", writing.remove_label),
)
