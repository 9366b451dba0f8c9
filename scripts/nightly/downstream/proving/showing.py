"""A proof as a table that a person reads, and as lines of a log. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from nightly import markdown
from nightly.downstream.records.proof import Proof, Proved

_HEADERS = ("package", "installed", "planned", "is it the nightly?", "uploaded (UTC)", "commit")
_COMMIT_SHOWN = 10


def headline(proof: Proof) -> str:
    """How many, in one line."""
    needed, nightlies = len(proof.needed), len(proof.nightlies)
    if not needed:
        return "None of the planned nightlies is installed"
    return f"{nightlies} of {needed} {'dependency' if needed == 1 else 'dependencies'} really nightly"


def proof_table(proof: Proof) -> str:
    """The proof in Markdown, a row for each package that is installed; the others in a line below."""
    table = markdown.table(_HEADERS, [_row(each) for each in proof.needed]) if proof.needed else ""
    return "\n\n".join(part for part in (table, _not_needed(proof)) if part)


def proof_lines(packages: Collection[Proved]) -> Iterator[str]:
    """Some of a proof for a log: each package with its state, its version and why."""
    width = max((len(each.name) for each in packages), default=0)
    versions = max((len(each.version or "") for each in packages), default=0)
    for each in packages:
        version = each.version or ""
        yield f"  {each.name:<{width}}  {each.state.value:<11}  {version:<{versions}}  {each.reason}".rstrip()


def _row(proved: Proved) -> tuple[str, ...]:
    uploaded = f"{proved.uploaded_at:%Y-%m-%d %H:%M}" if proved.uploaded_at else ""
    return (
        markdown.text(proved.name),
        _code(proved.version),
        _code(proved.planned),
        f"{markdown.text(proved.state.value)}: {markdown.text(proved.reason)}",
        uploaded,
        _code(proved.commit and proved.commit[:_COMMIT_SHOWN]),
    )


def _code(value: str | None) -> str:
    return markdown.code(value) if value else ""


def _not_needed(proof: Proof) -> str:
    names = [each.name for each in proof.packages if each not in proof.needed]
    return f"Not installed, so not needed: {', '.join(map(markdown.text, names))}." if names else ""
