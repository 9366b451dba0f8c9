"""Which nightlies were really there, and why the others weren't. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from nightly import markdown
from nightly.downstream.records.plan import Package
from nightly.downstream.records.proof import Proved
from nightly.downstream.telling import wording
from nightly.downstream.telling.detail import Detail
from nightly.downstream.telling.merging import proved_words
from nightly.downstream.telling.story import Story
from nightly.downstream.telling.upstream import is_commit, repository_of

_HEADERS = ("package", "state", "version", "uploaded", "commit", "reason")


def proof_table(story: Story, detail: Detail) -> str:
    """The section: what was proved of each package, the worst of all cells, and of others what was planned."""
    proved = [_proved(each, detail) for each in story.proof.packages]
    planned = [_planned(each, detail) for each in _only_planned(story)]
    if not proved and not planned:
        return ""
    number = proved_words(story.proof)
    words = f"{number} dependencies that are needed were really nightlies." if number else ""
    table = wording.table(_HEADERS, [*proved, *planned], detail.rows, "more package")
    return wording.section("What was really tested", words, table)


def _only_planned(story: Story) -> Iterator[Package]:
    """Packages of the plans of which nothing was proved, such as where nothing could be installed."""
    seen = {each.name for each in story.proof.packages}
    for package in (each for result in story.results if result.plan for each in result.plan.packages):
        if package.name not in seen:
            seen.add(package.name)
            yield package


def _proved(package: Proved, detail: Detail) -> tuple[str, ...]:
    return (
        wording.quoted(package.name, detail.width),
        package.state.value,
        _version(package.version or package.planned, detail),
        wording.minute(package.uploaded_at),
        _commit(package),
        markdown.text(wording.clip(package.reason, detail.width)),
    )


def _planned(package: Package, detail: Detail) -> tuple[str, ...]:
    return (
        wording.quoted(package.name, detail.width),
        f"planned: {package.state.value}",
        _version(package.version, detail),
        wording.minute(package.uploaded_at),
        "",
        markdown.text(wording.clip(package.reason, detail.width)),
    )


def _version(version: str | None, detail: Detail) -> str:
    return wording.quoted(version, detail.width) if version else ""


def _commit(package: Proved) -> str:
    if not is_commit(package.commit):
        return ""
    short = f"`{(package.commit or '')[:7]}`"
    repository = repository_of(package.source_url)
    return wording.link(short, repository.commit(str(package.commit))) if repository else short
