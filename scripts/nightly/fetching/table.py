"""What was fetched, for release notes and for a log. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from nightly import markdown
from nightly.fetching.files import Fetched, IndexFile
from nightly.summary import size as spelled_size

RELEASE_FILES = "RELEASE-FILES.md"


def release_files(files: Sequence[Fetched], title: str) -> str:
    """A Markdown table of all files, as release notes show them."""
    rows = [
        (markdown.code(file.path.name), spelled_size(file.size).replace(" ", "&nbsp;"), markdown.code(file.sha256))
        for file in sorted(files, key=lambda file: file.path.name)
    ]
    return f"## {markdown.text(title)}\n\n{markdown.table(('file', 'size', 'SHA-256'), rows)}\n"


def listed_lines(files: Sequence[IndexFile]) -> Iterator[str]:
    """A line for each file: its name, its size and its hash, as far as they're told."""
    width = max((len(file.filename) for file in files), default=0)
    for file in files:
        hashed = f"sha256={file.sha256}" if file.sha256 else f"md5={file.md5}" if file.md5 else "no hash"
        amount = "" if file.size is None else spelled_size(file.size)
        yanked = "" if file.yanked is None else f"  yanked: {file.yanked or 'no reason given'}"
        yield f"  {file.filename:<{width}}  {amount:>8}  {hashed}{yanked}"


def fetched_line(number: int, total: int, file: Fetched) -> str:
    """One file that is there now, as a line of the log."""
    how = "kept   " if file.kept else "fetched"
    return f"[{number:>{len(str(total))}}/{total}] {how} {file.path.name} ({spelled_size(file.size)})"


def some(names: Sequence[str], most: int = 10) -> str:
    """The first of the names, and how many more there are."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
