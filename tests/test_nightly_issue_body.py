"""The issue's text: what to do first, who did it and how that is known, within what GitHub takes and harmless."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from cmarkgfm import github_flavored_markdown_to_html  # type: ignore[import-untyped]  # it has no types
from cmarkgfm.cmark import Options  # type: ignore[import-untyped]  # it has no types
from hypothesis import HealthCheck, example, given, settings

from nightly.downstream.records.experiment import Kind, Verdict
from nightly.downstream.records.plan import Package, State
from nightly.downstream.records.proof import Proof
from nightly.downstream.records.result import CellResult, End, Failure, Known, WarningCount
from nightly.downstream.records.snapshot import Trouble
from nightly.downstream.telling import issue_body
from nightly.downstream.telling.controls import failing
from nightly.downstream.telling.detail import ALL
from nightly.downstream.telling.groups import grouped
from nightly.downstream.telling.issue_body import report_of
from nightly.downstream.telling.reproducing import reproduction_lines
from nightly.downstream.telling.story import Story
from nightly.downstream.telling.summary import issue_preview, summary
from nightly.downstream.telling.warnings_table import warnings_table
from nightly.issue_text import LARGEST_BODY
from nightly.issues import sync
from test_markdown import ANY_TEXT, Page
from test_outcome import CELLS
from weeks import (
    FAILURES,
    IN1D,
    MONDAY,
    NO_PROOF,
    NUMPY,
    PANDAS,
    PLAN,
    PROOF,
    SCIPY,
    TRACEBACK,
    assert_expected,
    cell,
    culprit_numpy,
    failed,
    green_week,
    own,
    result,
    still,
    story,
    tried,
    weeks,
)

RED = failed()
WINDOWS = failed(cell(1, "3.14", "windows-latest"))
TESTS = failing(RED)
KNOWN = (
    Known(
        "tests/test_old.py::*", "https://github.com/scipy/scipy/issues/9", "2026-12-01", is_expired=False, tests=("t",)
    ),
    Known(
        "tests/test_gone.py::*",
        "https://github.com/scipy/scipy/issues/8",
        "2026-12-01",
        is_expired=False,
        passed=("a", "b"),
    ),
    Known("tests/test_late.py::*", "", "2026-01-01", is_expired=True),
)
CRASH = result(
    end=End.CRASHED,
    problem="SIGSEGV (segmentation fault)",
    stopped_in="tests/test_fft.py::test_fft",
    log_tail="test_fft.py Fatal Python error: Segmentation fault\n\nCurrent thread 0x1:\n  our/fft.py, line 9",
)
NO_INSTALL = result(
    end=End.CANNOT_INSTALL,
    proof=None,
    problem="other-project 1.0 requires numpy<2.6",
    log_tail="ERROR: Cannot install other-project and our-project\nERROR: ResolutionImpossible: for help visit",
    by_test=False,
)
STORIES = {
    "upstream-break": story(
        replace(RED, known=KNOWN),
        WINDOWS,
        result(cell(2, "3.13")),
        experiments=culprit_numpy(RED),
        history=green_week(),
    ),
    "upstream-break-interaction": story(RED, experiments=CELLS["an interaction"][1]),
    "upstream-break-which-is-not-shown": story(
        RED, experiments=CELLS["a nightly, and which isn't shown"][1], history=green_week()
    ),
    "own-break": story(RED, experiments=own(RED), history=green_week()),
    "tests-fail": story(RED),
    "crashed": story(CRASH, history=green_week()),
    "cannot-install": story(NO_INSTALL, result(cell(1, "3.13")), history=green_week()),
    "timed-out": story(
        result(end=End.TIMED_OUT, problem="it took more than 60 minutes", stopped_in="tests/test_a.py::test_a")
    ),
    "channel-moved": story(result(end=End.CHANNEL_MOVED, problem="numpy was replaced twice", proof=None)),
    "no-nightly": story(result(proof=NO_PROOF)),
    "channel-down": story(trouble=Trouble("502 Bad Gateway"), history=weeks("channel-down", "channel-down", "green")),
    "unknown": story(jobs={"plan": "failure", "test": "skipped"}, history=weeks("unknown", "unknown")),
}


@pytest.mark.parametrize("name", STORIES)
def test_the_issue_of_each_outcome_is_as_expected(name: str) -> None:
    report = report_of(STORIES[name])
    assert_expected(name, f"# {report.title}\n\n{report.body}\n")


@pytest.mark.parametrize("told", STORIES.values(), ids=STORIES)
def test_it_begins_with_what_to_do_and_leads_to_the_run(told: Story) -> None:
    first = report_of(told).body.partition("\n")[0]
    assert first.startswith("**What to do first:** ")
    assert told.scene.run_url in first


def body(told: Story) -> str:
    return report_of(told).body


CULPRIT = body(STORIES["upstream-break"])


@pytest.mark.parametrize(
    "gist",
    [
        "`2.6.0.dev0` (in the last green run)",
        "https://github.com/numpy/numpy/compare/1111111111111111111111111111111111111111...abcdef0123456789abcdef0123456789abcdef01",
        "With numpy back at 2.5.1 and every other nightly in place, 3 of 3 pass",
        f"**2 tests:** `{IN1D}`",
        "2 of 3 dependencies that are needed were really nightlies",
        "capped by our-project",
        "the failing tests pass with stable releases",
        "https://github.com/numpy/numpy/issues/new?title=",
        "nightly: ignore",
        "A green run, in which nightlies were really there, closes it.",
        "**2 tests of it passed**: take it out",
        "it has expired",
    ],
)
def test_it_says_all_that_a_maintainer_asks(gist: str) -> None:
    assert gist in CULPRIT


MIXED = (
    tried(RED, Kind.CONTROL, end=End.FAILED, tests={**still(RED), TESTS[0]: Verdict.PASSED}),
    tried(RED, Kind.WITHOUT, "numpy", index=1, end=End.FAILED, tests={**still(RED), TESTS[0]: Verdict.PASSED}),
    tried(RED, Kind.WITHOUT, "scipy", index=2, end=End.FAILED, tests=still(RED)),
)
"""One test is numpy's doing, and two are nobody's."""

ADVICE = {
    "a culprit, and failures of one's own": (
        story(RED, experiments=MIXED),
        "with stable releases these tests pass, and **numpy** breaks them.",
        "But 2 tests fail with stable releases too: mend that here.",
    ),
    "nobody named, and never green": (
        story(RED, experiments=CELLS["a nightly, and which isn't shown"][1]),
        "so a nightly breaks them. Which one isn't proved: try each alone.",
        "",
    ),
    "no nightly, and no test": (story(result(end=End.NO_NIGHTLY, proof=None)), "The tests didn't run.", ""),
    "no nightly, and failures": (
        story(replace(RED, end=End.NO_NIGHTLY, proof=NO_PROOF)),
        "ran with stable releases, and failed with them: mend that here.",
        "",
    ),
    "what can't be planned": (
        story(replace(NO_INSTALL, plan=None)),
        "it isn't the nightlies: none was chosen yet.",
        "other-project 1.0 requires numpy&#60;2.6",
    ),
    "an installation without an end": (
        story(result(end=End.TIMED_OUT, proof=None)),
        "see what the installation did last.",
        "",
    ),
    "a crash of nobody knows what": (story(result(end=End.CRASHED)), "run the tests with the line below.", ""),
    "nothing but skipped tests": (
        story(result(passed=0), history=weeks("unknown", "unknown")),
        "see why no test passed where none failed",
        "no test passed, and none failed",
    ),
    "trouble of an earlier attempt": (story(RED, trouble=Trouble("502 Bad Gateway")), "run the tests", ""),
}


@pytest.mark.parametrize(("told", "first", "then"), ADVICE.values(), ids=ADVICE)
def test_what_to_do_first_is_true_of_this_very_run(told: Story, first: str, then: str) -> None:
    assert first in body(told).partition("###")[0]
    assert then in body(told)
    assert "502" not in body(told)


def test_without_a_last_green_run_the_change_is_from_the_stable_release() -> None:
    text = body(story(RED, experiments=culprit_numpy(RED)))
    assert "`2.5.1` (stable) → `2.6.0.dev0`" in text
    assert "compare/" not in text


@pytest.mark.parametrize(
    ("uploaded_at", "day", "since"),
    [
        (MONDAY - timedelta(days=9), "2026-09-05", "2026-09-05T05%3A23%3A00Z"),
        (None, "2026-09-07", "2026-09-07T05%3A23%3A00Z"),
    ],
    ids=["since the wheel of then was uploaded", "since the green run"],
)
def test_without_commits_the_days_are_told(uploaded_at: datetime | None, day: str, since: str) -> None:
    history = green_week()
    assert history.green
    packages = tuple(replace(each, commit=None, uploaded_at=uploaded_at) for each in history.green.packages)
    told = story(
        RED, experiments=culprit_numpy(RED), history=replace(history, green=replace(history.green, packages=packages))
    )
    assert f"built between about {day} and 2026-09-13" in body(told)
    assert f"https://github.com/numpy/numpy/commits?since={since}&until=2026-09-13T03%3A23%3A00Z" in body(told)


def test_a_culprit_whose_wheel_was_there_when_it_was_green_is_said_to_be() -> None:
    history = green_week()
    assert history.green
    packages = tuple(replace(each, sha256s=("a" * 64,)) for each in history.green.packages)
    told = story(
        RED, experiments=culprit_numpy(RED), history=replace(history, green=replace(history.green, packages=packages))
    )
    assert "the same wheel as in the last green run, so something else has changed as well" in body(told)


def test_failures_with_one_last_line_are_one_group_with_one_traceback() -> None:
    failures = [Failure(f"t{number}", "ValueError: no", TRACEBACK) for number in range(12)]
    (group,) = grouped([failed(failures=failures)])
    assert (len(group.tests), group.message) == (12, "ValueError: no")
    text = body(story(failed(failures=failures)))
    assert text.count("tests/test_mean.py:7: in test_mean") == 1


def test_a_file_that_cannot_be_collected_is_no_test() -> None:
    text = body(story(failed(failures=[Failure("tests/test_a.py", "ImportError: no", is_collection=True)])))
    assert "**1 file can't be collected:** `ImportError: no`" in text


def test_a_failure_of_some_cells_says_of_which() -> None:
    text = body(story(failed(), failed(cell(1, "3.13"), FAILURES[:2])))
    assert "**1 test on ubuntu-latest, Python 3.14:** `assert 3 == 4`" in text


def test_the_lines_for_a_laptop_name_the_culprit_alone_where_it_is_proved() -> None:
    for line in reproduction_lines(RED, ("numpy",), TESTS, 100):
        words = shlex.split(line.partition(" && ")[0])
        assert words[-1] == f"numpy @ {NUMPY.url}#sha256={NUMPY.sha256}"
        assert "scipy" not in line
        assert shlex.split(line)[-1] == FAILURES[0].test
    assert all("scipy @ " in line for line in reproduction_lines(RED, (), TESTS, 100))


def test_the_lines_are_what_pip_and_uv_take() -> None:
    pip, uv = reproduction_lines(RED, ("numpy",), TESTS, 100)
    assert pip.startswith("python -m pip install --no-deps --force-reinstall 'numpy @ https://")
    assert uv.startswith("uv pip install --no-deps --reinstall 'numpy @ https://")


@pytest.mark.parametrize("evil", ["$(id)", "`id`", "'; id; '", "a\nid", '"', "!!", "é"])
def test_no_name_of_a_test_or_a_wheel_gets_out_of_its_quotes(evil: str) -> None:
    package = replace(NUMPY, url=f"https://example.org/{evil}.whl")
    ended = replace(failed(failures=[Failure(f"t[{evil}]", "m")]), plan=replace(PLAN, packages=(package,)))
    for line in reproduction_lines(ended, (), failing(ended), 100):
        assert "\n" not in line
        parsed = shlex.split(line, posix=True)
        allowed = {
            "python",
            "-m",
            "pip",
            "install",
            "--no-deps",
            "--force-reinstall",
            "uv",
            "--reinstall",
            "&&",
            "pytest",
        }
        rest = [word for word in parsed if word not in allowed]
        assert [word.partition(" @ ")[0] for word in rest[:1]] == ["numpy"]
        assert len(rest) <= 2


def test_what_would_be_an_option_of_an_installer_or_of_pytest_is_left_out() -> None:
    options = [replace(NUMPY, name="--index-url=https://example.org"), replace(NUMPY, url="-rhttps://example.org")]
    ended = replace(failed(failures=[Failure("-pevil", "m")]), plan=replace(PLAN, packages=(SCIPY, *options)))
    for line in reproduction_lines(ended, (), failing(ended), 100):
        assert "example.org" not in line
        assert "pytest" not in line
        assert "scipy @ " in line


def test_what_fails_without_nightlies_too_is_run_without_them() -> None:
    section = body(STORIES["own-break"]).partition("### On a laptop")[2].partition("###")[0]
    assert "with stable releases" in section
    assert "install" not in section


def test_where_the_installation_fails_the_lines_make_the_installer_resolve() -> None:
    pip, uv = reproduction_lines(NO_INSTALL, (), (), 100)
    assert pip.startswith("python -m pip install . 'numpy @ https://")
    assert uv.startswith("uv pip install . 'numpy @ https://")
    assert "--no-deps" not in pip + uv


def test_where_nobody_is_proved_it_says_what_has_changed_since_the_last_green_run() -> None:
    text = body(STORIES["upstream-break-which-is-not-shown"])
    section = text.partition("### What has changed since the last green run")[2].partition("###")[0]
    assert "numpy/compare/" in section
    assert "scipy" not in section
    assert "since the last green run\n\n- " not in CULPRIT


def test_what_cannot_be_reproduced_by_wheels_has_no_lines() -> None:
    assert "### On a laptop" not in body(story(result(proof=NO_PROOF)))
    assert "### On a laptop" not in body(STORIES["channel-down"])


MANY = [
    failed(
        cell(index, f"3.{index}"),
        [Failure(f"tests/test_{n % 50}.py::test_{n}", f"AssertionError: {n}", TRACEBACK * 20) for n in range(3000)],
        log_tail="x" * 20_000,
        known=KNOWN * 100,
    )
    for index in range(40)
]
LONG = "*@user #1 <b> `x` | " * 5000
HUGE: dict[str, Sequence[CellResult]] = {
    "3,000 failures in each of 40 cells": MANY,
    "a collection error of 100,000 characters": [
        failed(failures=[Failure("", "E" * 100_140, "T" * 100_140, is_collection=True)])
    ],
    "two of them": [failed(failures=[Failure(name, LONG, LONG, is_collection=True) for name in ("a", LONG)])],
    "a problem and a log without an end": [replace(CRASH, problem=LONG, stopped_in=LONG, log_tail=LONG)],
    "500 packages": [
        replace(
            RED,
            proof=Proof((), tuple(replace(PROOF.packages[0], name=f"p{n}", reason=LONG) for n in range(500))),
            plan=replace(
                PLAN,
                packages=tuple(
                    replace(NUMPY, name=f"p{n}", url=f"https://example.org/{n}" + "x" * 900) for n in range(500)
                ),
            ),
        )
    ],
}


@pytest.mark.parametrize("results", HUGE.values(), ids=HUGE)
def test_it_is_never_longer_than_github_takes_and_keeps_what_matters(results: Sequence[CellResult]) -> None:
    told = story(*results, experiments=culprit_numpy(results[0]), history=green_week())
    report = report_of(told)
    (action,) = sync([report], [], "nightlies").actions
    assert len(action.body or "") <= LARGEST_BODY
    assert "cut here" not in (action.body or "")
    assert (action.body or "").startswith(str(action.marker))
    for gist in ("**What to do first:**", "### How it was shown", "### What was really tested", "nightly: ignore"):
        assert gist in report.body
    assert len((summary(told) + issue_preview(told, "why")).encode()) < 1_000_000


def test_tracebacks_are_cut_before_the_lists() -> None:
    failures = [Failure(f"tests/test_a.py::test_{n}", f"assert {n}", "T" * 20_000) for n in range(30)]
    text = body(story(failed(failures=failures)))
    assert all(f"`assert {n}`" in text for n in range(30))
    assert "TTTT" in text


def test_a_link_that_comes_last_doesnt_make_it_too_long() -> None:
    """A peer's reporter cut the text to the limit, and then put a link before it: 65,560 characters."""
    for length in range(64_000, 66_000, 50):
        failures = [Failure("t", "m", "x" * 6000)] + [
            Failure(f"t{n}", f"{n}" + "y" * 250) for n in range(length // 290)
        ]
        (action,) = sync([report_of(story(failed(failures=failures)))], [], "nightlies").actions
        assert len(action.body or "") <= LARGEST_BODY


EVIL = (
    "@user #12 <script>alert(1)</script> <!-- --> ``` ~~~ </details> | [a](http://b) ![i](http://b) \x1b[31mred "
    "<img src=x onerror=alert(1)> &lt; www.example.org"
)


def evil_story(text: str) -> Story:
    """A story in which everything that a job may say is this text."""
    package = Package(text, State.CAPPED, text, text, text, text, text, None, text, text, text)
    proof = Proof(
        (text,),
        (replace(PROOF.packages[0], reason=text, version=text, commit=text, source_url=text), PROOF.packages[1]),
    )
    ended = failed(
        replace(cell(), python=text, os=text),
        [Failure(text, text, text), Failure(f"{text}2", text)],
        problem=text,
        plan=replace(PLAN, packages=(*PLAN.packages, package)),
        proof=proof,
        known=(Known(text, text, text, is_expired=False, tests=(text,)),),
        stopped_in=text,
        warnings=(WarningCount(text, text, text, 3, text),),
        log_tail=text,
        platform=text,
    )
    history = green_week()
    assert history.green
    hostile = tuple(replace(each, version=text, commit=text) for each in history.green.packages)
    past = replace(history, weeks=(replace(history.weeks[0], outcome=text, culprits=(text,), run_url=text),))
    return story(
        ended,
        experiments=culprit_numpy(ended),
        history=replace(past, green=replace(history.green, packages=hostile)),
        jobs={text: "failure"},
    )


ALLOWED = {"p", "strong", "a", "code", "pre", "h2", "h3", "ul", "li", "table", "thead", "tbody", "tr", "th", "td"}
ALLOWED |= {"details", "summary", "hr", "sub", "em"}


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(ANY_TEXT)
@example("https://example.org/half-a-character-\ud800")
def test_whatever_was_said_is_shown_as_it_is_and_does_nothing(text: str) -> None:
    told = evil_story(text)
    for markdown in (report_of(told).body, summary(told)):
        page = Page(markdown)
        assert page.tags <= ALLOWED
        links = [value or "" for name, value in page.attributes if name == "href"]
        assert {name for name, _ in page.attributes} <= {"href"}
        assert all(link.startswith(("https://github.com/", "https://")) for link in links)


def test_mentions_references_tags_and_escapes_are_harmless() -> None:
    told = evil_story(EVIL)
    page = Page(report_of(told).body)
    assert page.tags <= ALLOWED
    assert "\x1b" not in report_of(told).body
    outside = re.sub(r"<(code|pre)>.*?</\1>", "", _html(report_of(told).body), flags=re.DOTALL)
    assert not re.search(r"@user|#12", outside)
    assert _html(report_of(told).body).count("<details>") == _html(report_of(told).body).count("</details>")


def _html(markdown: str) -> str:
    html: str = github_flavored_markdown_to_html(markdown, options=Options.CMARK_OPT_UNSAFE)
    return html


@pytest.mark.parametrize("told", STORIES.values(), ids=STORIES)
def test_each_section_is_rendered_as_what_it_is(told: Story) -> None:
    page = Page(report_of(told).body)
    assert page.tags <= ALLOWED
    assert "###" not in page.text
    assert "| ---" not in page.text


def test_warnings_are_by_project_deprecations_first() -> None:
    found = (
        WarningCount("numpy", "DeprecationWarning", "np.in1d goes", 7, "our/mean.py:3"),
        WarningCount("numpy", "RuntimeWarning", "divide", 90),
        WarningCount("scipy", "UserWarning", "slow", 100),
        WarningCount("", "FutureWarning", "later", 1),
    )
    table = warnings_table([result(warnings=found), result(cell(1), warnings=found)], ALL)
    rows = [line for line in table.splitlines() if line.startswith("| ")][2:]
    assert [[cell.strip() for cell in row.split("|")[1:5]] for row in rows] == [
        ["`numpy`", "`DeprecationWarning`", "np.in1d goes", "14"],
        ["`numpy`", "`RuntimeWarning`", "divide", "180"],
        ["(not known)", "`FutureWarning`", "later", "2"],
        ["`scipy`", "`UserWarning`", "slow", "200"],
    ]


def test_the_summary_has_the_warnings_and_the_issue_has_not() -> None:
    told = story(replace(RED, warnings=(WarningCount("numpy", "DeprecationWarning", "np.in1d goes", 7),)))
    assert "np.in1d goes" in summary(told)
    assert "np.in1d goes" not in body(told)


def test_a_control_that_told_nothing_says_why() -> None:
    shown = tried(RED, Kind.CONTROL, end=End.CANNOT_INSTALL, tests={}, problem="no such release")
    assert "cannot-install: no such release" in body(story(RED, experiments=(shown,)))


def test_what_could_not_be_read_is_told() -> None:
    told = replace(story(RED), notes=("cell 3: result.json isn't JSON",))
    for text in (issue_body.issue_body(told), summary(told)):
        assert "result.json isn't JSON" in text


def test_a_package_of_which_nothing_is_proved_has_what_was_planned() -> None:
    text = body(STORIES["cannot-install"])
    assert "`numpy` | nightly" in text
    only_planned = body(story(NO_INSTALL))
    assert "| `pandas` | planned: capped |" in only_planned
    assert str(PANDAS.version) in only_planned
