"""Pages of an upstream's repository: what changed between two nightlies, and where to report it. Pure.

Addresses come from metadata of the nightlies themselves: only those of two hosts are believed, and put together anew.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timezone
from urllib.parse import quote, urlencode

_REPOSITORY = re.compile(
    r"(?:git\+)?https?://(?:www\.)?(github|gitlab)\.com/([A-Za-z0-9_.-]+(?:/[A-Za-z0-9_.-]+)+)/?(?:[?#].*)?", re.ASCII
)
_COMMIT = re.compile(r"[0-9a-f]{7,40}", re.ASCII)
_NO_NAMES = frozenset({"-", ".", ".."})


@dataclass(frozen=True)
class Repository:
    """A repository on github.com or gitlab.com. `path` is OWNER/NAME, on GitLab with groups before it."""

    host: str
    path: str

    @property
    def url(self) -> str:
        return f"https://{self.host}.com/{self.path}"

    @property
    def _pages(self) -> str:
        return f"{self.url}/-" if self.host == "gitlab" else self.url

    def commit(self, commit: str) -> str:
        """The page of a commit."""
        return f"{self._pages}/commit/{commit}"

    def compare(self, old: str | None, new: str | None) -> str:
        """The page of what changed from one commit to another; "" where they aren't known, or are one."""
        if not (is_commit(old) and is_commit(new)) or _is_one(str(old), str(new)):
            return ""
        return f"{self._pages}/compare/{old}...{new}"

    def commits(self, since: datetime, until: datetime) -> str:
        """The page of the commits of a time, where the host has one."""
        if self.host == "gitlab":
            return ""
        times = {"since": _utc(since), "until": _utc(until)}
        return f"{self.url}/commits?{urlencode(times)}"

    def new_issue(self, title: str, body: str) -> str:
        """The page on which an issue is written, filled in but not sent."""
        names = ("issue[title]", "issue[description]") if self.host == "gitlab" else ("title", "body")
        values = zip(names, (title, body), strict=True)
        return f"{self._pages}/issues/new?{urlencode(list(values), quote_via=quote, safe='', errors='replace')}"


def repository_of(url: str | None) -> Repository | None:
    """The repository that an address leads into, or None."""
    match = _REPOSITORY.fullmatch(url or "")
    if match is None:
        return None
    parts = match[2].partition("/-/")[0].split("/")
    parts = parts[:2] if match[1] == "github" else parts
    parts[-1] = parts[-1].removesuffix(".git")
    if not all(parts) or _NO_NAMES & {*parts}:
        return None
    return Repository(match[1], "/".join(parts))


def is_commit(value: str | None) -> bool:
    return bool(value and _COMMIT.fullmatch(value))


def _is_one(old: str, new: str) -> bool:
    """Whether it is one commit, which may be shortened."""
    return old.startswith(new) or new.startswith(old)


def _utc(moment: datetime) -> str:
    return moment.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
