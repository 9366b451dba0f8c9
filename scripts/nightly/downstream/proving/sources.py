"""Where a project's source is, as its metadata says. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

_LABELS = (
    *("source", "sourcecode", "repository", "sources", "code", "github", "gitlab", "development", "homepage", "home"),
    *("bugtracker", "issuetracker", "issues", "tracker", "bugreports", "bugs", "changelog", "releasenotes", "download"),
)
"""Labels of Project-URL, normalised, those first that most surely lead to the project's own repository."""

_HOSTS = ("github.com", "gitlab.com")
_NO_OWNERS = frozenset({"sponsors", "orgs", "apps", "marketplace", "topics", "users", "groups"})
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")


def source_url(urls: Mapping[str, str], home_page: str) -> str | None:
    """https://github.com/OWNER/REPO (or gitlab.com), None where nothing leads there."""
    by_label = {re.sub(r"[\W_]", "", label).lower(): url for label, url in urls.items()}
    return next((found for url in _candidates(by_label, home_page) if (found := _repository(url))), None)


def _candidates(by_label: Mapping[str, str], home_page: str) -> Iterator[str]:
    for label in _LABELS:
        if label == "homepage":
            yield home_page
        yield by_label.get(label, "")


def _repository(url: str) -> str | None:
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return None
    owner, _, rest = parts.path.strip("/").partition("/")
    name = rest.partition("/")[0].removesuffix(".git")
    if parts.scheme != "https" or parts.netloc.lower() not in _HOSTS or owner.lower() in _NO_OWNERS:
        return None
    if parts.netloc.lower() == "gitlab.com" and rest.partition("/-/")[0].count("/"):
        return None  # a group in a group: where the name ends can't be told
    if not _NAME.fullmatch(owner) or not _NAME.fullmatch(name):
        return None
    return f"https://{parts.netloc.lower()}/{owner}/{name}"
