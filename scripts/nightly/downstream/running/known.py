"""Failures that are known: each with an issue, and a day from which it is known no more."""

from __future__ import annotations

import configparser
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from nightly.downstream.records.proof import Proof
from nightly.downstream.records.result import Failure, Known
from nightly.errors import README, UserError

KEYS = ("issue", "expires", "package")

MOST_TESTS = 5_000
"""How many tests of an entry are told: one of a star alone covers all that there are."""


@dataclass(frozen=True)
class Entry:
    """Tests of which `pattern` says (only `*` is special) that they fail, up to and with the day `expires`.

    Only with this `package` installed, if it names one.
    """

    pattern: str
    issue: str
    expires: date
    package: Requirement | None = None

    @property
    def expression(self) -> str:
        """The pattern as a regular expression for a whole node id, in which a dot is any character."""
        return ".*".join(map(re.escape, self.pattern.split("*")))

    def covers(self, test: str) -> bool:
        return re.fullmatch(self.expression, test, re.DOTALL) is not None

    def is_expired(self, today: date) -> bool:
        return today > self.expires

    def concerns(self, proof: Proof | None) -> bool:
        """Whether the package is installed here in such a version. One that nobody has looked for isn't."""
        if self.package is None:
            return True
        name = canonicalize_name(self.package.name)
        found = [each.version for each in (proof.packages if proof else ()) if each.name == name]
        return any(version is not None and _is_in(version, self.package) for version in found)


def read_known(path: Path) -> tuple[Entry, ...]:
    """Read a file of known failures.

    Raises:
        UserError: it can't be read, or an entry isn't one.
    """
    # A node id may hold what configparser would take for a comment, a default or a reference to another value.
    parser = configparser.ConfigParser(interpolation=None, delimiters=("=",), default_section="\n")
    try:
        parser.read_string(path.read_text(encoding="utf-8-sig"), source=path.name)
    except (OSError, UnicodeDecodeError, configparser.Error) as error:
        raise _refused(f"The file of known failures {str(path)!r} can't be read: {error}") from error
    return tuple(_entry(path.name, name, dict(parser.items(name))) for name in parser.sections())


def sort_out(
    entries: Sequence[Entry], failures: Sequence[Failure], passed: Collection[str], proof: Proof | None, today: date
) -> tuple[tuple[Failure, ...], tuple[Known, ...]]:
    """The failures that nothing excuses, and what became of the entries that concern this environment."""
    valid = in_force(entries, proof, today)
    left = tuple(failure for failure in failures if not any(entry.covers(failure.test) for entry in valid))
    concerned = (entry for entry in entries if entry.concerns(proof))
    return left, tuple(_known(entry, failures, passed, today) for entry in concerned)


def in_force(entries: Sequence[Entry], proof: Proof | None, today: date) -> tuple[Entry, ...]:
    """The entries that excuse failures in this environment on this day."""
    return tuple(entry for entry in entries if entry.concerns(proof) and not entry.is_expired(today))


def _known(entry: Entry, failures: Sequence[Failure], passed: Collection[str], today: date) -> Known:
    if entry.is_expired(today):
        return Known(entry.pattern, entry.issue, entry.expires.isoformat(), is_expired=True)
    return Known(
        entry.pattern,
        entry.issue,
        entry.expires.isoformat(),
        is_expired=False,
        tests=tuple(failure.test for failure in failures if entry.covers(failure.test))[:MOST_TESTS],
        passed=tuple(test for test in passed if entry.covers(test))[:MOST_TESTS],
    )


def _is_in(version: str, package: Requirement) -> bool:
    try:
        return package.specifier.contains(Version(version), prereleases=True)
    except InvalidVersion:
        return False


def _entry(file: str, name: str, values: dict[str, str]) -> Entry:
    where = f"In {file}, the entry [{name}]"
    for key in values.keys() - set(KEYS):
        raise _refused(f"{where} has the key {key!r}, which means nothing.")
    if not re.fullmatch(r"https?://\S+", values.get("issue", "")):
        raise _refused(f"{where} needs an issue: the URL where its failure is dealt with.")
    return Entry(name.strip(), values["issue"], _day(where, values), _package(where, values.get("package", "")))


def _day(where: str, values: dict[str, str]) -> date:
    try:
        return date.fromisoformat(values.get("expires", ""))
    except ValueError as error:
        raise _refused(f"{where} needs a day on which it expires, as 2026-12-31.") from error


def _package(where: str, text: str) -> Requirement | None:
    if not text:
        return None
    try:
        package = Requirement(text)
    except InvalidRequirement as error:
        raise _refused(f"{where} can't depend on the package {text!r}: {error}") from error
    if package.extras or package.marker or package.url:
        raise _refused(f"{where} can't depend on {text!r}: only on a name and versions, as numpy >= 2.6.0.dev0.")
    return package


def _refused(what: str) -> UserError:
    return UserError(
        what,
        title="Bad known failures",
        do="An entry is a test's node id in brackets, in which * stands for anything, and below it issue = URL, "
        "expires = YYYY-MM-DD, and if it depends on it, package = name and versions.",
        more=f"{README}test-against-nightlies",
        exit_code=2,
    )
