"""README as data: its headings, tables, links and snippets."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from textwrap import indent

import yaml

ROOT = Path(__file__).resolve().parent.parent
PAGES = sorted((*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")))

REPOSITORY = "org/upload-nightly-action"
ACTION = f"{REPOSITORY}@main"
PIN = f"@{'0' * 40}  # main"

_FENCED = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_JOB = """\
name: Snippet

on: workflow_dispatch

permissions: {}

concurrency:
  group: snippet
  cancel-in-progress: false

jobs:
  snippet:
    name: Snippet
    runs-on: ubuntu-latest
    environment: nightly-wheels
    permissions: {}
    steps:
"""


@dataclass(frozen=True)
class Snippet:
    """A piece of code on a page: in YAML, a whole workflow or steps of a job."""

    text: str
    page: str
    line: int

    @property
    def name(self) -> str:
        return f"{self.page}-{self.line}"

    @property
    def is_workflow(self) -> bool:
        return "jobs" in yaml.safe_load(self.text)

    @property
    def workflow(self) -> str:
        """A whole workflow, in which what's ours is pinned as a user should."""
        whole = self.text if self.is_workflow else _JOB + indent(self.text, " " * 6)
        return re.sub(rf"({re.escape(REPOSITORY)}[\w./-]*)@main", rf"\1{PIN}", whole)


def templates() -> list[Snippet]:
    """The workflows that a project can copy as whole files."""
    return [
        Snippet(path.read_text(encoding="utf-8"), f"template-{path.stem}", 1)
        for path in sorted(ROOT.glob("templates/*.yml"))
    ]


@cache
def text(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def snippets(page: Path, language: str) -> Iterator[Snippet]:
    """The pieces of code in a language, with the line that each begins at."""
    for match in _FENCED.finditer(text(page)):
        if match[1] == language:
            yield Snippet(match[2], page.stem, text(page).count("\n", 0, match.start()) + 2)


def prose(page: Path) -> str:
    """The page without its pieces of code."""
    return _FENCED.sub("", text(page))


def slugs(page: Path) -> set[str]:
    """The anchors of the headings, as GitHub makes them: lower case, only word characters and hyphens for spaces."""
    headings = re.findall(r"^#+ +(.+?) *$", prose(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def links(page: Path) -> list[str]:
    """Where the page's links lead."""
    return re.findall(r"\]\(([^)\s]+)\)", prose(page))


def section(page: Path, heading: str) -> str:
    """What stands below a heading, up to the next one of its level or a higher one."""
    found = re.search(rf"^(#+) {re.escape(heading)}\n", prose(page), re.MULTILINE)
    assert found, heading
    rest = prose(page)[found.end() :]
    return re.split(rf"^#{{1,{len(found[1])}}} ", rest, maxsplit=1, flags=re.MULTILINE)[0]


def table(markdown: str) -> list[list[str]]:
    """The cells of every row of the tables in a text, without the headings."""
    rows: list[list[str]] = []
    for line in markdown.splitlines():
        if re.fullmatch(r"\|( --- \|)+", line):
            rows.pop()
        elif line.startswith("|"):
            rows.append([cell.strip() for cell in line.strip("|").split("|")])
    return rows


def code(cell: str) -> str:
    """What a cell has between backticks at its start, or all of it."""
    match = re.match(r"`([^`]*)`", cell)
    return match[1] if match else cell
