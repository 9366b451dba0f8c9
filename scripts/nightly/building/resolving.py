"""Which commit is meant: any name of one, resolved to its full hash, once for all jobs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches

from nightly.building.checkout import Checkout
from nightly.errors import UserError, bad_input

_NEAR = 5
_FULL = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_SHORT = re.compile(r"(?:.+-\d+-g)?([0-9a-fA-F]{4,63})")
"""The beginning of a hash, alone or as `git describe` says it."""

_NAME = re.compile(r"(?![-/])(?!.*(?:\.\.|@\{|//))(?P<name>[^\s\x00-\x1f\x7f~^:?*\[\\]+)(?P<way>(?:[~^]\d{0,9})*)")
"""What a ref may be called (git-check-ref-format), and the way from there to an ancestor."""


@dataclass(frozen=True)
class Commit:
    """A commit: its full hash, what `git describe --tags` says of it, and its time (seconds since 1970)."""

    sha: str
    describe: str
    epoch: int


def wanted_ref(source_ref: str, nightly_source_ref: str, event: str) -> str:
    """Which name counts for an event. Empty, the commit is meant that was checked out."""
    return nightly_source_ref.strip() if event == "schedule" and nightly_source_ref.strip() else source_ref.strip()


def resolve(source: Checkout, wanted: str) -> Commit:
    """The commit that a branch, a tag, a hash, its beginning or a full ref (`refs/pull/1/head`) names.

    Branches are those of the remote `origin`. `~` and `^` lead to ancestors, as in git.

    Raises:
        UserError: it names no commit, or several.
    """
    sha = _sha(source, wanted) if wanted else source.ask("rev-parse", "HEAD^{commit}")
    return Commit(
        sha=sha,
        describe=source.ask("describe", "--tags", "--always", sha),
        epoch=int(source.ask("show", "--no-patch", "--format=%ct", sha)),
    )


def _sha(source: Checkout, wanted: str) -> str:
    parts = _NAME.fullmatch(wanted)
    if parts is None:
        raise bad_input("source_ref", wanted, "a branch, a tag, a hash of a commit, or a full ref such as refs/tags/v1")
    found = dict(_meanings(source, parts["name"]))
    if len(set(found.values())) > 1:
        raise _ambiguous(wanted, found)
    if not found:
        raise _unknown(source, wanted)
    return _ancestor(source, next(iter(found.values())), wanted, parts["way"])


def _meanings(source: Checkout, name: str) -> Iterator[tuple[str, str]]:
    """All that a name may mean, each with its commit."""
    if _FULL.fullmatch(name):
        ways = [(name, name)]
    elif name.startswith("refs/"):
        ways = [(name, re.sub(r"^refs/heads/", "refs/remotes/origin/", name))]
    else:
        ways = [(f"refs/heads/{name}", f"refs/remotes/origin/{name}"), (f"refs/tags/{name}", f"refs/tags/{name}")]
        ways += [(f"commit {each}", each) for each in _beginning_with(source, name)]
    known = [(meaning, sha) for meaning, way in ways if (sha := _commit(source, way))]
    if not known and len(ways) == 1 and (sha := _fetched(source, name)):
        known = [(name, sha)]
    yield from known


def _beginning_with(source: Checkout, name: str) -> tuple[str, ...]:
    """Full hashes of commits."""
    short = _SHORT.fullmatch(name)
    if short is None:
        return ()
    objects = source.try_to("rev-parse", f"--disambiguate={short[1].lower()}") or ""
    return tuple(each for each in objects.splitlines() if source.try_to("cat-file", "-t", each) == "commit")


def _fetched(source: Checkout, name: str) -> str:
    """What isn't on a branch or a tag (a pull request's head, a commit that was pushed over) may still be there."""
    fetched = source.try_to("fetch", "--quiet", "--no-tags", "--no-recurse-submodules", "origin", name)
    return "" if fetched is None else _commit(source, "FETCH_HEAD")


def _commit(source: Checkout, way: str) -> str:
    return source.try_to("rev-parse", "--verify", "--quiet", "--end-of-options", f"{way}^{{commit}}") or ""


def _ancestor(source: Checkout, sha: str, wanted: str, way: str) -> str:
    found = _commit(source, sha + way)
    if not found:
        raise UserError(f"{wanted!r} is no commit: {sha} has no such ancestor.", title="No such commit", exit_code=2)
    return found


def _ambiguous(wanted: str, found: dict[str, str]) -> UserError:
    return UserError(
        "\n".join([f"{wanted!r} names several commits.", *(f"{name} is {sha}." for name, sha in found.items())]),
        title="Ambiguous commit",
        means="A branch and a tag have the same name, or a hash was cut too short.",
        do="Write which is meant: refs/heads/NAME, refs/tags/NAME, or the full hash.",
        exit_code=2,
    )


def _unknown(source: Checkout, wanted: str) -> UserError:
    refs = source.ask("for-each-ref", "--format=%(refname:lstrip=2)", "refs/tags", "refs/remotes/origin")
    names = [each.removeprefix("origin/") for each in refs.splitlines() if each != "origin/HEAD"]
    near = get_close_matches(wanted, names, _NEAR, 0.5)
    return UserError(
        f"{wanted!r} names no commit of the source." + (f" There are: {', '.join(near)}." if near else ""),
        title="No such commit",
        means="It was misspelt, or deleted meanwhile, or is in another repository (a fork has no tags unless they were "
        "pushed to it).",
        do="Name a branch, a tag, a hash of a commit, or a full ref such as refs/pull/1/head, of the repository "
        "`source_repository`.",
        exit_code=2,
    )
