"""The hidden marker by which an issue is found again, and what was last said in it. Pure.

It is the first line of the body: what a title, a log or a project's name brings into the body can't forge it there.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from urllib.parse import quote, unquote

CURED = "cured"
"""The state of what is no longer so. No digest is spelled like this."""

_ISSUE = re.compile(
    r"\s*<!-- upload-nightly-action issue"
    r" kind=(\S*) key=(\S*) state=(\w+) content=(\w+) turn=([0-9]{1,9}) -->\r?\n?"
)


@dataclass(frozen=True)
class Marker:
    """What an issue is about, and what it said last.

    `kind` sets the issues of one command off from those of another, `key` one of them from the next. `state` and
    `content` are digests of the report's, and `turn` counts the changes of state.
    """

    kind: str
    key: str
    state: str
    content: str
    turn: int = 0

    def __str__(self) -> str:
        return (
            f"<!-- upload-nightly-action issue kind={_encode(self.kind)} key={_encode(self.key)}"
            f" state={self.state} content={self.content} turn={self.turn} -->"
        )

    @property
    def comment(self) -> str:
        """What marks the comment that tells of this state, so that it isn't told twice."""
        return f"<!-- upload-nightly-action comment turn={self.turn} state={self.state} -->"


def read_marker(body: str) -> Marker | None:
    """The marker that a body begins with, or None."""
    match = _ISSUE.match(body)
    if match is None:
        return None
    kind, key, state, content, turn = match.groups()
    return Marker(_decode(kind), _decode(key), state, content, int(turn))


def without_marker(body: str) -> str:
    return _ISSUE.sub("", body, count=1) if _ISSUE.match(body) else body


def digest(*parts: str) -> str:
    """A fingerprint of texts: 16 hexadecimal digits."""
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _encode(value: str) -> str:
    """Any text as a word that can't end a comment of HTML."""
    return quote(value, safe="", errors="surrogatepass").replace("-", "%2D")


def _decode(word: str) -> str:
    return unquote(word, errors="surrogatepass")
