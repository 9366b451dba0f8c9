"""What a channel's own admins are told: promises that end, and a cleanup that doesn't run."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest
from packaging.specifiers import SpecifierSet

from nightly.github.records import Run
from rules import Exemption, Pin, Policy
from upkeep import last_cleanup, overdue_report, policy_report

NOW = datetime(2026, 6, 10, 3, 43, tzinfo=timezone.utc)
DAY = timedelta(days=1)


def run(days: float, conclusion: str | None = "success", event: str = "schedule") -> Run:
    """A run of the cleanup so many days ago."""
    at = NOW - days * DAY
    return Run(int(days * 10), event, "main", "completed", conclusion, at, at, "https://github.com/o/r/actions/runs/1")


@pytest.mark.parametrize(("days", "told"), [(-3, True), (0, True), (7, True), (8, False), (None, False)])
def test_a_promise_is_told_of_a_week_before_it_ends(days: int | None, told: bool) -> None:  # noqa: FBT001 - a table
    until = None if days is None else (NOW + days * DAY).date()
    policy = Policy(exempt=(Exemption("openblas", "by hand", until, line=12),), source="cleanup/policy.yml")
    assert (policy_report(policy, NOW) is not None) is told


def test_the_promises_that_end_are_named_with_their_lines_and_days() -> None:
    day = NOW.date() + DAY
    pin = Pin("scipy-openblas64", SpecifierSet("==0.3.*"), "needed", day, line=20)
    policy = Policy(exempt=(Exemption("glob:x-*", "by hand", day, line=12),), pin=(pin,), source="cleanup/policy.yml")
    report = policy_report(policy, NOW)
    assert report
    for gist in (
        "cleanup/policy.yml",
        "line 12",
        "glob",
        "line 20",
        "scipy-openblas64",
        "2026-06-11",
        "deletes nothing",
    ):
        assert gist in report.body.replace("&#45;", "-")
    later = policy_report(replace(policy, pin=(replace(pin, until=day + DAY),)), NOW)
    assert later
    assert later.state != report.state


RUNS = {
    "yesterday's": ([run(1)], False),
    "yesterday's, which failed and was reported": ([run(1, "failure"), run(5)], False),
    "too long ago": ([run(2.1)], True),
    "none": ([], True),
    "by hand alone": ([run(1, event="workflow_dispatch")], True),
    "stopped, or never begun": ([run(1, "cancelled"), run(1.5, "startup_failure"), run(4)], True),
    "under way": ([run(0, None), run(1)], False),
}


@pytest.mark.parametrize(("runs", "told"), RUNS.values(), ids=RUNS)
def test_a_cleanup_longer_ago_than_two_days_is_told_of(runs: list[Run], told: bool) -> None:  # noqa: FBT001 - a table
    report = overdue_report("cleanup.yml", last_cleanup(runs), NOW)
    assert (report is not None) is told


def test_the_last_cleanup_is_named_with_its_page() -> None:
    report = overdue_report("cleanup.yml", run(3), NOW)
    assert report
    assert "[The last one](https://github.com/o/r/actions/runs/1) began on 2026-06-07 03:43 UTC." in report.body
