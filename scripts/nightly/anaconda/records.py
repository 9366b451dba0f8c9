"""What the API's answers mean. Pure: no request is made here.

The API has no published description: the shapes are those that anaconda-client 1.16 reads.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone

from packaging.utils import canonicalize_name

from nightly.channel import Listing, RemoteFile
from nightly.json_types import Json

Record = dict[str, Json]

_NAME_AND_SIZE = 2
"""A name and a size are no proof: wheels of one project often have the same."""

BY_ID = "id:"
"""How the handle of a file begins whose id the server told."""


class Unreadable(ValueError):
    """An answer doesn't have the shape that it always had."""


@dataclass(frozen=True)
class Stage:
    """A file that was announced: where its bytes go, with which form fields, and what to commit afterwards."""

    url: str
    form: dict[str, str]
    dist_id: str

    @classmethod
    def parse(cls, answer: Json) -> Stage:
        """Read the answer of `POST /stage/...`."""
        record = _record(answer)
        url, form, dist_id = record.get("post_url"), record.get("form_data"), record.get("dist_id")
        if not isinstance(url, str) or not isinstance(form, dict) or not isinstance(dist_id, str):
            raise Unreadable("the announced file got no address, form or id")
        return cls(url, {key: str(value) for key, value in form.items()}, dist_id)


def listing(package: Json) -> Listing:
    """What `GET /package/ORG/NAME` says: every file of every version and label.

    Raises:
        Unreadable: the answer lacks its name or its list of files. It isn't taken for a package without files.
    """
    record = _record(package)
    name, files = record.get("name"), record.get("files")
    if not isinstance(name, str) or not isinstance(files, list):
        raise Unreadable("the package's record has no name or no list of files")
    versions = record.get("versions")
    known = [version for version in versions if isinstance(version, str)] if isinstance(versions, list) else []
    remote = tuple(remote_file(name, file) for file in files)
    return Listing(name, exists=True, files=remote, versions=frozenset(known) | {file.version for file in remote})


def remote_file(project: str, file: Json) -> RemoteFile:
    """One file of a package's record, or the answer of `GET /dist/...`.

    Raises:
        Unreadable: it has no name or version.
    """
    record = _record(file)
    basename, version = record.get("basename"), record.get("version")
    if not isinstance(basename, str) or not isinstance(version, str):
        raise Unreadable("a file's record has no name or no version")
    size, labels = record.get("size"), record.get("labels")
    known = [label for label in labels if isinstance(label, str)] if isinstance(labels, list) else []
    sha256, md5, time = _text(record, "sha256"), _text(record, "md5"), _text(record, "upload_time")
    return RemoteFile(
        project=project,
        version=version,
        filename=basename.rpartition("/")[2],
        size=size if isinstance(size, int) else None,
        sha256=sha256,
        md5=md5,
        uploaded_at=parse_time(time or ""),
        labels=frozenset(known),
        url=_address(_text(record, "download_url") or ""),
        handle=f"{BY_ID}{_text(record, '_id') or ''}"
        if _text(record, "_id")
        else f"{basename}#{sha256 or md5 or time}",
    )


def parse_time(text: str) -> datetime | None:
    """A time as the server writes it, with or without a fraction, in UTC; None for whatever else there is."""
    match = re.fullmatch(r"(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:?\d\d)?", text.strip())
    if not match:
        return None
    day, clock, fraction, zone = match.groups()
    zone = "+00:00" if zone in (None, "Z") else zone
    try:
        time = datetime.strptime(f"{day} {clock} {zone}", "%Y-%m-%d %H:%M:%S %z")
        return time.replace(microsecond=int((fraction or "0").ljust(6, "0")[:6])).astimezone(timezone.utc)
    except (ValueError, OverflowError):
        return None


def spelling(names: Iterable[str], project: str) -> str | None:
    """The one of the names that is the project's, whatever its spelling."""
    return next((name for name in names if canonicalize_name(name) == canonicalize_name(project)), None)


def is_same(one: RemoteFile, other: RemoteFile) -> bool:
    """Whether two records are of one and the same file: they tell at least one thing of it alike, and none otherwise.

    Two endpoints may not tell the same things, so that their handles can't be compared.
    """
    told = [(getattr(one, key), getattr(other, key)) for key in ("filename", "sha256", "md5", "uploaded_at", "size")]
    both = [(mine, yours) for mine, yours in told if mine is not None and yours is not None]
    return all(mine == yours for mine, yours in both) and len(both) > _NAME_AND_SIZE


def package_names(packages: Json) -> Sequence[str]:
    """The names in `GET /packages/ORG`.

    Raises:
        Unreadable: it isn't a list of packages.
    """
    if not isinstance(packages, list):
        raise Unreadable("the organization's packages aren't a list")
    names = [_record(package).get("name") for package in packages]
    return [name for name in names if isinstance(name, str)]


def _record(value: Json) -> Record:
    if not isinstance(value, dict):
        raise Unreadable("the answer isn't a record")
    return value


def _address(url: str) -> str:
    """The server leaves the scheme out."""
    return f"https:{url}" if url.startswith("//") else url


def _text(record: Record, key: str) -> str | None:
    value = record.get(key)
    return value if isinstance(value, str) and value else None
