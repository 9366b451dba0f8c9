"""What has to be there before a fetch is whole: so many files, or those that a manifest names."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from packaging.utils import canonicalize_name
from packaging.version import Version

from nightly.building.identifiers import missing as missing_identifiers
from nightly.building.records import BuildInfo, BuildPlan
from nightly.data import LARGEST, Unreadable, from_json
from nightly.errors import UserError, bad_input
from nightly.fetching.choosing import Wanted
from nightly.fetching.files import IndexFile
from nightly.fetching.kinds import SDIST, Named, parse_name
from nightly.fetching.names import is_file_name, safe_name
from nightly.sums import parse_sums

_MOST = 1_000_000


@dataclass(frozen=True)
class Expected:
    """At least `count` files; those with these hashes, by their names; a wheel for each of the build identifiers."""

    count: int = 1
    hashes: Mapping[str, str] = field(default_factory=dict)
    identifiers: tuple[str, ...] = ()
    sdist: bool = False

    def missing(self, files: Sequence[IndexFile]) -> tuple[str, ...]:
        """What isn't among the files, said for people."""
        there = {file.filename: file.sha256 for file in files}
        named = [each for file in files if (each := parse_name(file.filename))]
        lacking = [name for name in sorted(self.hashes) if name not in there]
        other = [
            f"{name} (with other bytes there)"
            for name, sha256 in sorted(self.hashes.items())
            if there.get(name) not in (None, sha256)
        ]
        wheels = missing_identifiers([each.tags for each in named], self.identifiers)
        sdist = ["the sdist"] if self.sdist and not any(SDIST in each.kinds for each in named) else []
        found = (*lacking, *other, *wheels, *sdist)
        short = self.count - len(files)
        return found or ((f"{short} more file{'s' * (short != 1)}",) if short > 0 else ())

    def take(self, files: Sequence[IndexFile]) -> tuple[IndexFile, ...]:
        """The files, if they are named, with the hashes that they ought to have."""
        if not self.hashes:
            return tuple(files)
        known = [file for file in files if file.filename in self.hashes]
        return tuple(replace(file, sha256=file.sha256 or self.hashes[file.filename]) for file in known)


def read_expected(value: str, wanted: Wanted) -> Expected:
    """What the input `wait_for` says, as far as it is wanted.

    Raises:
        UserError: it's neither a number nor a manifest, or a manifest of something else.
    """
    if not value:
        return Expected()
    if value.isascii() and value.isdigit():
        if not 1 <= int(value[:9]) <= _MOST:
            raise _no_manifest(value, f"a number has to be from 1 to {_MOST}")
        return Expected(int(value))
    try:
        with Path(value).open("rb") as file:
            content = file.read(LARGEST + 1)
        return parse_manifest(content.decode("utf-8-sig"), wanted)
    except OSError as error:
        raise _no_manifest(value, error.strerror or "it can't be read") from error
    except ValueError as error:  # Unreadable, UnsafeName and what isn't UTF-8 are some
        raise _no_manifest(value, str(error)) from error


def parse_manifest(text: str, wanted: Wanted) -> Expected:
    """What a manifest says: SHA256SUMS, BUILD-INFO.json or build-plan.json.

    Raises:
        ValueError: it's none of them, or speaks of nothing that is wanted.
    """
    if not text.lstrip().startswith("{"):
        return _of_hashes({_last(name): sha256 for name, sha256 in parse_sums(text).items()}, wanted)
    try:
        record = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Unreadable("it isn't JSON") from error
    if "identifiers" in record:
        return _of_plan(from_json(BuildPlan, record, "the plan"), wanted)
    info = from_json(BuildInfo, record, "it")
    return _of_hashes({file.filename: file.sha256 for file in info.files}, wanted)


def _of_hashes(hashes: Mapping[str, str], wanted: Wanted) -> Expected:
    names = [safe_name(name) for name in hashes if is_file_name(name)]
    taken = [name for name in names if (named := parse_name(name)) and wanted.take(named)]
    if not taken:
        raise Unreadable(f"it names no file of {wanted.project} {wanted.version} that is asked for")
    return Expected(len(taken), {name: hashes[name].lower() for name in taken})


def _of_plan(plan: BuildPlan, wanted: Wanted) -> Expected:
    planned = Named(canonicalize_name(plan.project), Version(plan.version or str(wanted.version)))
    if not wanted.is_of_version(planned):
        raise Unreadable(f"it is the plan of {plan.project} {plan.version}")
    if wanted.filters.narrow:
        raise Unreadable("a plan is of all files: leave out --type, --arch and --python, or wait for a number of files")
    return Expected(1, identifiers=plan.identifiers, sdist=plan.sdist)


def _last(path: str) -> str:
    return path.replace("\\", "/").rpartition("/")[2]


def _no_manifest(value: str, why: str) -> UserError:
    allowed = "a number of files, or the path of a SHA256SUMS, BUILD-INFO.json or build-plan.json"
    return bad_input("wait_for", f"{value}", f"{allowed}; and this isn't it: {why}")
