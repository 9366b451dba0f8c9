"""The summary of the run, which is there whether or not there is an issue. Pure."""

from __future__ import annotations

from nightly import markdown
from nightly.downstream.telling import tables, wording
from nightly.downstream.telling.advice import advice
from nightly.downstream.telling.culprits import changed, culprits, how_shown
from nightly.downstream.telling.detail import Detail, fitted
from nightly.downstream.telling.failures import failures, troubles
from nightly.downstream.telling.headline import headline
from nightly.downstream.telling.issue_body import issue_body
from nightly.downstream.telling.proof_table import proof_table
from nightly.downstream.telling.story import Story
from nightly.downstream.telling.warnings_table import warnings_table

ROOM = 150_000
"""In characters: a step's summary holds 1 MiB, a character up to 4 bytes, and the issue's text may follow."""


def summary(story: Story) -> str:
    """How the run ended, what was really tested, and whose doing it is."""
    return fitted(lambda detail: _summary(story, detail), ROOM) + "\n"


def issue_preview(story: Story, why: str) -> str:
    """The issue's text, where there is none to write it to."""
    return f"\n---\n\n{why}\n\n{wording.folded('What the issue would say', issue_body(story))}\n"


def _summary(story: Story, detail: Detail) -> str:
    return wording.joined(
        (
            f"## {markdown.text(f'{story.outcome.value}: {headline(story)}')}",
            advice(story),
            culprits(story),
            changed(story),
            how_shown(story, detail.width),
            tables.cells(story, detail),
            proof_table(story, detail),
            failures(story, detail),
            troubles(story, detail),
            tables.controls(story, detail),
            warnings_table(story.results, detail),
            tables.known_failures(story, detail),
            tables.history(story, detail),
            tables.notes(story, detail),
        )
    )
