"""The endpoints of api.anaconda.org: what each does and answers, in the words that were recorded."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import unquote

from anaconda_records import (
    Style,
    file_record,
    file_records,
    listed_package_record,
    owner_record,
    package_record,
    release_record,
)
from anaconda_state import Lag, Package, Refused, State, StoredFile, Token, already_exists, not_found, timestamp
from anaconda_storage import Storage
from exchanges import Answer, Json, Request, json_answer


@dataclass(frozen=True)
class Behavior:
    """What isn't known of anaconda.org, or changes: by default what was recorded, else what is hardest on a client.

    `authentication` is how it answers about a token: with scopes and expiry, "bare" without, or with that status.
    `staged_conflict`: a second stage of a name that is staged, but not committed, is answered 409. `quota` is in bytes
    for each organisation. `headers` are added to every answer of the API.
    """

    style: Style = field(default_factory=Style)
    authentication: Literal["full", "bare", 401, 404] = "full"
    staged_conflict: bool = False
    quota: int = 40 << 30
    lag: Lag = field(default_factory=Lag)
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Call:
    """A request to an endpoint, and all that the endpoint works on."""

    state: State
    storage: Storage
    storage_url: str
    behavior: Behavior
    token: Token | None
    body: dict[str, Json]

    @property
    def style(self) -> Style:
        return self.behavior.style

    def needs(self, scope: str) -> Token:
        """The token, which covers the scope."""
        if self.token is None:
            raise Refused(401, "User is not authorized to perform this operation")
        _check_scope(self.token, scope)
        return self.token

    def writable(self, owner: str, name: str) -> Package:
        """A package that may be written to. That it isn't there, and that there's no right to it, look the same."""
        token = self.needs("api:write")
        package = self.state.package(owner, name)
        if not (token.owner or token.login in (owner, *package.collaborators)):
            raise not_found(name)
        return package


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


def identify(state: State, request: Request) -> Token | None:
    """Whose request it is, None without a token. A bad token is refused even where none is needed."""
    header = request.headers.get("authorization")
    if header is None:
        return None
    kind, _, secret = header.partition(" ")
    token = state.tokens.get(secret)
    if kind != "token" or token is None:
        raise Refused(401, "Invalid authentication token")
    if token.expired:
        raise Refused(401, "Authentication token has expired")
    # Which scope it takes to ask about the token itself isn't known.
    if request.method in ("GET", "HEAD") and request.plain_path not in ("/", "/authentication"):
        _check_scope(token, "api:read")
    return token


def _check_scope(token: Token, scope: str) -> None:
    if not token.covers(scope):
        message = "Authentication token does not have the sufficient scope to perform this action expected: "
        raise Refused(401, message + scope)


def _root(_: Call) -> Answer:
    return json_answer({"ok": 1})


def _scopes(_: Call) -> Answer:
    return json_answer(
        {"api:read": "Allow read access", "api:write": "Allow write access", "pypi:upload": "Allow uploads"}
    )


def _authentication(call: Call) -> Answer:
    if call.token is None or call.behavior.authentication == 401:
        raise Refused(401, "User is not authorized to perform this operation")
    if call.behavior.authentication == 404:
        raise Refused(404, "Not Found")
    about: dict[str, Json] = {"id": "5f0c0ffee5f0c0ffee5f0c0f", "application": "nightly"}
    if call.behavior.authentication == "full":
        expires = call.token.expires
        about |= {"scopes": [*sorted(call.token.scopes)], "expires": timestamp(expires) if expires else None}
    return json_answer(about)


def _authentication_type(_: Call) -> Answer:
    return json_answer({"authentication_type": "password"})


def _own_user(call: Call) -> Answer:
    return json_answer(owner_record(call.needs("api:read").login, organization=False))


def _user(call: Call, login: str) -> Answer:
    users = {token.login for token in call.state.tokens.values()}
    if login not in call.state.owners and login not in users:
        raise not_found(login)
    return json_answer(owner_record(login, organization=login not in users))


def _organizations(call: Call, *_: str) -> Answer:
    return json_answer([owner_record(name, organization=True) for name in call.state.owners])


def _packages(call: Call, owner: str) -> Answer:
    packages = call.state.packages(owner).values()
    return json_answer([listed_package_record(owner, package) for package in packages if package.files])


def _package(call: Call, owner: str, name: str) -> Answer:
    return json_answer(package_record(owner, call.state.package(owner, name), call.style))


def _package_files(call: Call, owner: str, name: str) -> Answer:
    return json_answer(file_records(call.state.package(owner, name).files, call.style))


def _create_package(call: Call, owner: str, name: str) -> Answer:
    token = call.needs("api:write")
    packages = call.state.packages(owner)
    if not (token.owner or token.login == owner):
        who, whose = (f"<User: _login={login}>" for login in (token.login, owner))
        raise Refused(401, f'User "{who}" has not enough permissions to create "{whose}/{name}" package')
    if call.body.get("public") is not True:
        raise Refused(400, "You can not create a private package.")
    if name in packages:
        raise Refused(409, f'"{name}" already exists')
    package = call.state.create_package(owner, name, _attributes(call.body))
    return json_answer(package_record(owner, package, call.style))


def _update_package(call: Call, owner: str, name: str) -> Answer:
    package = call.writable(owner, name)
    package.attrs |= _attributes(call.body)
    return json_answer(package_record(owner, package, call.style))


def _delete_package(call: Call, owner: str, name: str) -> Answer:
    call.writable(owner, name)
    call.state.delete_package(owner, name)
    return Answer(201)


def _release(call: Call, owner: str, name: str, version: str) -> Answer:
    return json_answer(release_record(call.state.release(owner, name, version), call.style))


def _create_release(call: Call, owner: str, name: str, version: str) -> Answer:
    if version in call.writable(owner, name).releases:
        raise Refused(409, f"release {version} already exists for package {name}")
    return json_answer(release_record(call.state.create_release(owner, name, version, call.body), call.style))


def _update_release(call: Call, owner: str, name: str, version: str) -> Answer:
    call.writable(owner, name)
    release = call.state.release(owner, name, version)
    release.attrs |= _attributes(call.body)
    return json_answer(release_record(release, call.style))


def _delete_release(call: Call, owner: str, name: str, version: str) -> Answer:
    call.writable(owner, name)
    call.state.delete_release(owner, name, version)
    return Answer(201)


def _file(call: Call, owner: str, name: str, version: str, basename: str) -> Answer:
    return json_answer(file_record(call.state.file(owner, name, version, basename), call.style))


def _delete_file(call: Call, owner: str, name: str, version: str, basename: str) -> Answer:
    call.writable(owner, name)
    file = call.state.file(owner, name, version, basename)
    call.state.delete_file(file)
    return json_answer(file_record(file, call.style))


def _delete_file_by_id(call: Call, owner: str, name: str, version: str, identity: str) -> Answer:
    call.writable(owner, name)
    for file in call.state.release(owner, name, version).files.values():
        if file.id == identity:
            call.state.delete_file(file)
            return json_answer(file_record(file, call.style))
    raise not_found(identity)


def _stage(call: Call, owner: str, name: str, version: str, basename: str) -> Answer:
    package = call.writable(owner, name)
    call.needs("pypi:upload")
    release = call.state.release(owner, name, version)
    if call.behavior.staged_conflict and basename in {staged.basename for staged in release.staged.values()}:
        raise already_exists(basename, name, version)
    staged = call.state.stage(owner, name, version, basename, call.body)
    _check_quota(call, owner)
    return json_answer(
        {
            "post_url": f"{call.storage_url}/",
            "form_data": dict(call.storage.form_data(f"{package.id}/{staged.id}")),
            "dist_id": staged.id,
        }
    )


def _check_quota(call: Call, owner: str) -> None:
    used = sum(file.size for package in call.state.packages(owner).values() for file in package.files)
    if used >= call.behavior.quota:
        raise Refused(
            402,
            f"Storage requirements exceeded ({call.behavior.quota} bytes). Payment is required to add a file. "
            "Please go to https://anaconda.org/binstar.settings/billing to update your plan",
        )


def _commit(call: Call, owner: str, name: str, version: str, basename: str) -> Answer:
    package = call.writable(owner, name)
    call.needs("pypi:upload")
    identity = str(call.body.get("dist_id"))
    key = f"{package.id}/{identity}"
    release = package.releases.get(version)
    staged = release.staged.get(identity) if release else None
    received = call.storage.received.get(key)
    if release is None or staged is None or staged.basename != basename or received is None:
        raise Refused(404, f"Invalid dist_id ObjectId({identity!r}) does not exist")
    sha256, labels = staged.announced.get("sha256"), staged.announced.get("channels")
    file = StoredFile(
        id=identity,
        owner=owner,
        package=name,
        version=version,
        basename=basename,
        size=received.size,
        md5=received.md5,
        sha256=str(sha256) if sha256 else None,
        upload_time=timestamp(),
        labels=tuple(str(label) for label in labels) if isinstance(labels, list) and labels else ("main",),
        path=staged.path,
        attrs=staged.announced.get("attrs"),
        dependencies=staged.announced.get("dependencies"),
    )
    call.state.add(file, call.behavior.lag)
    del release.staged[identity]
    return json_answer(file_record(file, call.style) | {"url": f"http://anaconda.invalid/{owner}/{name}"})


def _download(call: Call, owner: str, name: str, version: str, basename: str) -> Answer:
    return redirect(call, call.state.file(owner, name, version, basename))


def redirect(call: Call, file: StoredFile) -> Answer:
    """To where storage has the file's bytes, or has lost them."""
    package = call.state.package(file.owner, file.package)
    location = call.storage_url + call.storage.signed_path(f"{package.id}/{file.id}")
    return Answer(302, headers={"Location": location})


def _collaborators(call: Call, owner: str, name: str) -> Answer:
    return json_answer([{"login": login} for login in sorted(call.state.package(owner, name).collaborators)])


def _add_collaborator(call: Call, owner: str, name: str, login: str) -> Answer:
    call.writable(owner, name).collaborators.add(login)
    return Answer(201)


def _remove_collaborator(call: Call, owner: str, name: str, login: str) -> Answer:
    call.writable(owner, name).collaborators.discard(login)
    return Answer(201)


def _labels(call: Call, owner: str) -> Answer:
    files = [file for package in call.state.packages(owner).values() for file in package.files]
    labels = {label for file in files for label in file.labels}
    return json_answer({label: {"is_locked": False} for label in sorted(labels)})


def _label(call: Call, owner: str, label: str) -> Answer:
    files = [file for package in call.state.packages(owner).values() for file in package.files]
    labelled = [file for file in files if label in file.labels]
    if not labelled:
        raise not_found(label)
    return json_answer({"is_locked": False, "files": file_records(labelled, call.style)})


def _add_label(call: Call, owner: str, label: str) -> Answer:
    for file in _chosen(call, owner):
        call.state.set_labels(file, tuple(dict.fromkeys((*file.labels, label))))
    return Answer(201)


def _remove_label(call: Call, owner: str, label: str) -> Answer:
    for file in _chosen(call, owner):
        call.state.set_labels(file, tuple(other for other in file.labels if other != label))
    return Answer(201)


def _chosen(call: Call, owner: str) -> Iterable[StoredFile]:
    """The files that the body chooses: of a package, a version or a name, and of all where it says nothing."""
    name = call.body.get("package")
    names = [str(name)] if name else list(call.state.packages(owner))
    files = [file for name in names for file in call.writable(owner, name).files]
    wanted = {"version": call.body.get("version"), "basename": call.body.get("basename")}
    return [file for file in files if all(value in (None, getattr(file, key)) for key, value in wanted.items())]


def _attributes(body: Mapping[str, Json]) -> dict[str, Json]:
    attributes = body.get("public_attrs")
    return dict(attributes) if isinstance(attributes, dict) else {}


def _route(method: str, path: str, endpoint: Endpoint) -> tuple[str, re.Pattern[str], Endpoint]:
    return method, re.compile(path.replace("*", "([^/]+)")), endpoint


ROUTES = (
    _route("GET", "/", _root),
    _route("GET", "/scopes", _scopes),
    _route("GET", "/authentication", _authentication),
    _route("GET", "/authentication-type", _authentication_type),
    _route("GET", "/user", _own_user),
    _route("GET", "/user/orgs", _organizations),
    _route("GET", "/users/*/orgs", _organizations),
    _route("GET", "/user/*", _user),
    _route("GET", "/packages/*", _packages),
    _route("GET", "/packages/*/*/collaborators", _collaborators),
    _route("PUT", "/packages/*/*/collaborators/*", _add_collaborator),
    _route("DELETE", "/packages/*/*/collaborators/*", _remove_collaborator),
    _route("GET", "/package/*/*", _package),
    _route("GET", "/package/*/*/files", _package_files),
    _route("POST", "/package/*/*", _create_package),
    _route("PATCH", "/package/*/*", _update_package),
    _route("DELETE", "/package/*/*", _delete_package),
    _route("GET", "/release/*/*/*", _release),
    _route("POST", "/release/*/*/*", _create_release),
    _route("PATCH", "/release/*/*/*", _update_release),
    _route("DELETE", "/release/*/*/*", _delete_release),
    _route("GET", "/dist/*/*/*/*", _file),
    _route("DELETE", "/dist/*/*/*/*", _delete_file),
    _route("DELETE", "/dist/*/*/*/-/*", _delete_file_by_id),
    _route("POST", "/stage/*/*/*/*", _stage),
    _route("POST", "/commit/*/*/*/*", _commit),
    _route("GET", "/download/*/*/*/*", _download),
    _route("GET", "/channels/*", _labels),
    _route("GET", "/channels/*/*", _label),
    _route("POST", "/channels/*/*", _add_label),
    _route("DELETE", "/channels/*/*", _remove_label),
)
