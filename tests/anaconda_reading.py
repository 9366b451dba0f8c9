"""The endpoints of api.anaconda.org that change nothing."""

from __future__ import annotations

from anaconda_calls import Call, redirect
from anaconda_model import Refused, not_found, timestamp
from anaconda_records import (
    file_record,
    file_records,
    listed_package_record,
    owner_record,
    package_record,
    release_record,
)
from exchanges import Answer, Json, json_answer


def root(_: Call) -> Answer:
    return json_answer({"ok": 1})


def scopes(_: Call) -> Answer:
    return json_answer(
        {"api:read": "Allow read access", "api:write": "Allow write access", "pypi:upload": "Allow uploads"}
    )


def authentication(call: Call) -> Answer:
    if call.token is None or call.behavior.authentication == 401:
        raise Refused(401, "User is not authorized to perform this operation")
    if call.behavior.authentication == 404:
        raise Refused(404, "Not Found")
    about: dict[str, Json] = {"id": "5f0c0ffee5f0c0ffee5f0c0f", "application": "nightly"}
    if call.behavior.authentication == "full":
        expires = call.token.expires
        about |= {"scopes": [*sorted(call.token.scopes)], "expires": timestamp(expires) if expires else None}
    return json_answer(about)


def authentication_type(_: Call) -> Answer:
    return json_answer({"authentication_type": "password"})


def own_user(call: Call) -> Answer:
    return json_answer(owner_record(call.needs("api:read").login, organization=False))


def user(call: Call, login: str) -> Answer:
    users = {token.login for token in call.state.tokens.values()}
    if login not in call.state.owners and login not in users:
        raise not_found(login)
    return json_answer(owner_record(login, organization=login not in users))


def organizations(call: Call, *_: str) -> Answer:
    return json_answer([owner_record(name, organization=True) for name in call.state.owners])


def packages(call: Call, owner: str) -> Answer:
    packages = call.state.packages(owner).values()
    return json_answer([listed_package_record(owner, package) for package in packages if package.files])


def package(call: Call, owner: str, name: str) -> Answer:
    return json_answer(package_record(owner, call.state.package(owner, name), call.style))


def package_files(call: Call, owner: str, name: str) -> Answer:
    return json_answer(file_records(call.state.package(owner, name).files, call.style))


def release(call: Call, owner: str, name: str, version: str) -> Answer:
    return json_answer(release_record(call.state.release(owner, name, version), call.style))


def file(call: Call, owner: str, name: str, version: str, basename: str) -> Answer:
    return json_answer(file_record(call.state.file(owner, name, version, basename), call.style))


def download(call: Call, owner: str, name: str, version: str, basename: str) -> Answer:
    return redirect(call, call.state.file(owner, name, version, basename))


def collaborators(call: Call, owner: str, name: str) -> Answer:
    return json_answer([{"login": login} for login in sorted(call.state.package(owner, name).collaborators)])


def labels(call: Call, owner: str) -> Answer:
    files = [file for package in call.state.packages(owner).values() for file in package.files]
    labels = {label for file in files for label in file.labels}
    return json_answer({label: {"is_locked": False} for label in sorted(labels)})


def label(call: Call, owner: str, label: str) -> Answer:
    files = [file for package in call.state.packages(owner).values() for file in package.files]
    labelled = [file for file in files if label in file.labels]
    if not labelled:
        raise not_found(label)
    return json_answer({"is_locked": False, "files": file_records(labelled, call.style)})
