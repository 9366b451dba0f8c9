"""The issue: its title, its text within what GitHub takes, and what is said when it changes. Pure."""

from __future__ import annotations

from nightly import markdown
from nightly.downstream.telling import tables, wording
from nightly.downstream.telling.advice import advice
from nightly.downstream.telling.culprits import changed, culprits, how_shown
from nightly.downstream.telling.detail import Detail, fitted
from nightly.downstream.telling.failures import failures, troubles
from nightly.downstream.telling.headline import headline, title
from nightly.downstream.telling.lifecycle import IGNORE
from nightly.downstream.telling.proof_table import proof_table
from nightly.downstream.telling.reproducing import reproducing
from nightly.downstream.telling.story import Story
from nightly.downstream.telling.upstream_report import upstream_links
from nightly.issue_text import LARGEST_BODY
from nightly.issues import Report

ROOM = LARGEST_BODY - 1536
"""In characters: the marker comes before the text."""


def report_of(story: Story) -> Report:
    """What `nightly.issues` keeps an issue of. Its key is the name, of which each project has one issue."""
    return Report(
        key=story.scene.name,
        title=title(story),
        body=issue_body(story),
        state=story.state,
        news=f"This is another matter now: {_said(story)}. The description above has the rest.",
    )


def issue_body(story: Story) -> str:
    """The text, with less and less detail until it fits."""
    return fitted(lambda detail: _body(story, detail), ROOM)


def recovery(story: Story) -> str:
    """With what the issue is closed."""
    return f"{wording.link('This run', story.scene.run_url)} is green: {_said(story)}."


def _body(story: Story, detail: Detail) -> str:
    return wording.joined(
        (
            advice(story),
            culprits(story),
            changed(story),
            how_shown(story, detail.width),
            failures(story, detail),
            troubles(story, detail),
            proof_table(story, detail),
            tables.controls(story, detail),
            reproducing(story, detail),
            tables.cells(story, detail),
            tables.history(story, detail),
            upstream_links(story, detail),
            tables.known_failures(story, detail),
            tables.notes(story, detail),
            _footer(),
        )
    )


def _said(story: Story) -> str:
    return markdown.text(wording.clip(headline(story)))


def _footer() -> str:
    return (
        "---\n\n<sub>Each run edits this issue; a comment says when it has become another matter. A green run, in "
        "which nightlies were really there, closes it. To hear no more of it until other tests fail, give it the "
        f"label <code>{IGNORE}</code> and close it. Closed without that label, the next red run reopens it.</sub>"
    )
