"""The endpoints of api.anaconda.org that change something."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from anaconda_calls import Call
from anaconda_model import Refused, StoredFile, already_exists, not_found, timestamp
from anaconda_records import file_record, package_record, release_record
from exchanges import Answer, Json, json_answer


def create_package(call: Call, owner: str, name: str) -> Answer:
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


def update_package(call: Call, owner: str, name: str) -> Answer:
    package = call.writable(owner, name)
    package.attrs |= _attributes(call.body)
    return json_answer(package_record(owner, package, call.style))


def delete_package(call: Call, owner: str, name: str) -> Answer:
    call.writable(owner, name)
    call.state.delete_package(owner, name)
    return Answer(201)


def create_release(call: Call, owner: str, name: str, version: str) -> Answer:
    if version in call.writable(owner, name).releases:
        raise Refused(409, f"release {version} already exists for package {name}")
    return json_answer(release_record(call.state.create_release(owner, name, version, call.body), call.style))


def update_release(call: Call, owner: str, name: str, version: str) -> Answer:
    call.writable(owner, name)
    release = call.state.release(owner, name, version)
    release.attrs |= _attributes(call.body)
    return json_answer(release_record(release, call.style))


def delete_release(call: Call, owner: str, name: str, version: str) -> Answer:
    call.writable(owner, name)
    call.state.delete_release(owner, name, version)
    return Answer(201)


def delete_file(call: Call, owner: str, name: str, version: str, basename: str) -> Answer:
    call.writable(owner, name)
    file = call.state.file(owner, name, version, basename)
    call.state.delete_file(file)
    return json_answer(file_record(file, call.style))


def delete_file_by_id(call: Call, owner: str, name: str, version: str, identity: str) -> Answer:
    call.writable(owner, name)
    for file in call.state.release(owner, name, version).files.values():
        if file.id == identity:
            call.state.delete_file(file)
            return json_answer(file_record(file, call.style))
    raise not_found(identity)


def stage(call: Call, owner: str, name: str, version: str, basename: str) -> Answer:
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


def commit(call: Call, owner: str, name: str, version: str, basename: str) -> Answer:
    package = call.writable(owner, name)
    call.needs("pypi:upload")
    identity = str(call.body.get("dist_id"))
    release = package.releases.get(version)
    staged = release.staged.get(identity) if release else None
    received = call.storage.received.get(f"{package.id}/{identity}")
    if release is None or staged is None or staged.basename != basename or received is None:
        raise Refused(404, f"Invalid dist_id ObjectId({identity!r}) does not exist")
    file = StoredFile(
        id=identity,
        owner=owner,
        package=name,
        version=version,
        basename=basename,
        size=received.size,
        md5=received.md5,
        sha256=staged.sha256,
        upload_time=timestamp(),
        labels=staged.labels,
        path=staged.path,
        attrs=staged.announced.get("attrs") or {},
        dependencies=staged.announced.get("dependencies") or [],
    )
    call.state.add(file, call.behavior.lag)
    del release.staged[identity]
    return json_answer(file_record(file, call.style) | {"url": f"http://anaconda.invalid/{owner}/{name}"})


def add_collaborator(call: Call, owner: str, name: str, login: str) -> Answer:
    call.writable(owner, name).collaborators.add(login)
    return Answer(201)


def remove_collaborator(call: Call, owner: str, name: str, login: str) -> Answer:
    call.writable(owner, name).collaborators.discard(login)
    return Answer(201)


def add_label(call: Call, owner: str, label: str) -> Answer:
    for file in _chosen(call, owner):
        call.state.set_labels(file, tuple(dict.fromkeys((*file.labels, label))))
    return Answer(201)


def remove_label(call: Call, owner: str, label: str) -> Answer:
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
