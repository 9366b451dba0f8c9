"""What a run leaves for machines and for people, whatever the files are called and the servers say."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from cmarkgfm import github_flavored_markdown_to_html  # type: ignore[import-untyped]  # it has no types
from cmarkgfm.cmark import Options  # type: ignore[import-untyped]  # it has no types
from hypothesis import given
from hypothesis import strategies as st

from nightly.channel import Outcome, State
from nightly.errors import UserError
from nightly.plan import Action, Step
from nightly.report import Report
from nightly.summary import failure_summary, headline, install_lines, outcome_line, plan_lines, size, summary
from outcomes import outcome, wheel

INDEX = "https://pypi.anaconda.org/org/simple"
OURS = {"h2", "h3", "p", "table", "thead", "tbody", "tr", "th", "td", "code", "pre", "details", "summary", "ul", "li"}
HOSTILE = [
    "<script>alert(1)</script>",
    "`x`",
    "``` \n",
    "|",
    "\n# Title",
    "@org/team",
    "#12",
    "[a](https://b.c)",
    "![](x)",
]
HOSTILE += [
    "</details>",
    "<!--",
    "https://b.c",
    "\x1b[31m",
    "::error::x",
    "%0A",
    "\\",
    "**",
    "</code></td>",
    "\n\n",
    "- ",
]

hostile = st.lists(st.sampled_from(HOSTILE) | st.text(max_size=3)).map("".join)


class Page(HTMLParser):
    """The tags and attributes of a page as GitHub renders it, before it takes anything out."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str | None]] = []
        self.rows = 0
        self.feed(github_flavored_markdown_to_html(text, options=Options.CMARK_OPT_UNSAFE))
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += attrs
        self.rows += tag == "tr"

    def handle_comment(self, data: str) -> None:
        self.tags.add(f"comment {data}")


def report_of(*outcomes: Outcome) -> Report:
    return Report("https://api.anaconda.org/org", INDEX, outcomes)


def named(filename: str, state: State, said: str) -> Outcome:
    return outcome(state, reason=said, warning=said, of=replace(wheel(), path=Path("x", filename)))


@given(filename=hostile, said=hostile, warnings=st.lists(hostile, max_size=2))
def test_a_summary_is_our_markup_alone(filename: str, said: str, warnings: Sequence[str]) -> None:
    outcomes = [named(filename, state, said) for state in State]
    page = Page(summary(report_of(*outcomes), warnings))
    assert page.tags <= OURS
    assert page.attributes == []
    assert page.rows == (1 + 1) + (1 + 1) + (1 + len(State))


@given(what=hostile, means=hostile, do=hostile, title=hostile)
def test_the_summary_of_a_refusal_is_our_markup_alone(what: str, means: str, do: str, title: str) -> None:
    page = Page(failure_summary(UserError(what, title=title, means=means, do=do)))
    assert page.tags <= {"h2", "pre", "code", "p"}
    assert page.attributes == []


def test_outputs_are_lists_of_names_in_order() -> None:
    last, first = (outcome(of=wheel(tag=tag)) for tag in ("py3-none-win32", "py3-none-any"))
    outputs = report_of(last, first, outcome(State.FAILED, of=wheel("other"))).outputs
    assert json.loads(outputs["uploaded"]) == [first.wheel.filename, last.wheel.filename]
    assert json.loads(outputs["failed"]) == ["other-1.0.dev1-py3-none-any.whl"]
    assert outputs["skipped"] == outputs["replaced"] == "[]"
    assert outputs["index_url"] == INDEX


def test_versions_are_ordered_as_versions() -> None:
    versions = ["1.10", "1.9", "1.10.dev2", "1.10.dev10"]
    outcomes = [outcome(of=wheel("Demo_Pkg", version)) for version in versions]
    assert report_of(*outcomes, outcome(of=wheel("a"))).versions == {
        "Demo_Pkg": ["1.9", "1.10.dev2", "1.10.dev10", "1.10"],
        "a": ["1.0.dev1"],
    }


def test_a_report_has_a_row_for_each_file() -> None:
    uploaded = outcome(of=wheel(content=b"12345"))
    failed = outcome(State.FAILED, reason="Why: \N{SNOWMAN}", of=wheel("a"))
    report = json.loads(report_of(uploaded, failed).json)
    assert report["channel"] == "https://api.anaconda.org/org"
    assert [row["filename"] for row in report["files"]] == [failed.wheel.filename, uploaded.wheel.filename]
    assert report["files"][0]["reason"] == "Why: \N{SNOWMAN}"
    assert report["files"][1] == {
        "filename": "demo_pkg-1.0.dev1-py3-none-any.whl",
        "project": "demo-pkg",
        "version": "1.0.dev1",
        "sha256": uploaded.wheel.sha256,
        "size": 5,
        "state": "uploaded",
        "reason": "",
        "seconds": 1.235,
        "url": "https://example.org/file",
    }


def test_a_warning_is_the_reason_of_what_has_none() -> None:
    report = json.loads(report_of(outcome(State.REPLACED, warning="Old one lost")).json)
    assert report["files"][0]["reason"] == "Old one lost"


def test_the_headline_counts_failures_first() -> None:
    assert headline(report_of()) == "0 wheels: nothing to do"
    assert headline(report_of(outcome())) == "1 wheel: 1 uploaded"
    mixed = (outcome(), outcome(State.SKIPPED), outcome(State.SKIPPED), outcome(State.FAILED))
    assert headline(report_of(*mixed)) == "4 wheels: 1 failed, 1 uploaded, 2 skipped"


def test_the_highest_version_that_is_there_is_the_one_to_install() -> None:
    outcomes = [
        outcome(of=wheel(version="1.9")),
        outcome(State.SKIPPED, of=wheel(version="1.10")),
        outcome(State.FAILED, of=wheel(version="1.11")),
        outcome(State.REPLACED, of=wheel("another")),
    ]
    assert install_lines(report_of(*outcomes)) == [
        f"pip install --extra-index-url {INDEX} 'another==1.0.dev1' 'demo-pkg==1.10'",
        f"uv pip install --index {INDEX} 'another==1.0.dev1' 'demo-pkg==1.10'",
    ]


@pytest.mark.parametrize("state", [State.FAILED, State.PLANNED])
def test_what_isnt_there_isnt_to_be_installed(state: State) -> None:
    report = report_of(outcome(state))
    assert install_lines(report) == []
    assert "pip install" not in summary(report, [])


def test_many_failures_are_shown_up_to_a_number_and_counted_beyond() -> None:
    failed = [outcome(State.FAILED, reason="no", of=wheel(tag=f"cp{n:03}-none-any")) for n in range(60)]
    text = summary(report_of(*failed), [])
    assert text.index("### What failed") < text.index("<details>")
    assert "and 10 more" in text


def test_warnings_are_in_the_summary() -> None:
    assert "- Warning: The token expires" in summary(report_of(outcome()), ["The token expires"])


def test_a_plan_is_a_table_in_columns() -> None:
    steps = [Step(wheel(content=b"x" * 1500), Action.REPLACE), Step(wheel("a"), Action.SKIP)]
    assert list(plan_lines(steps)) == [
        "  replace  demo_pkg-1.0.dev1-py3-none-any.whl  1.5 kB",
        "  skip     a-1.0.dev1-py3-none-any.whl            0 B",
    ]
    assert list(plan_lines([])) == []


def test_an_outcomes_line_says_all_of_it() -> None:
    line = outcome_line(7, 48, outcome(State.FAILED, reason="HTTP 402: full"))
    assert line == "[ 7/48] failed   demo_pkg-1.0.dev1-py3-none-any.whl (0 B) in 1.2 s: HTTP 402: full"


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 kB"),
        (99_900, "99.9 kB"),
        (123_456, "123 kB"),
        (4_000_000, "4.0 MB"),
        (2_500_000_000, "2.50 GB"),
    ],
)
def test_sizes_are_as_people_read_them(amount: int, text: str) -> None:
    assert size(amount) == text
