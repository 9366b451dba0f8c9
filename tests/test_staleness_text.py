"""What an issue says of a project, and that it says the same until something happens."""

from __future__ import annotations

from dataclasses import replace

import pytest

from channel_files import remote
from looking import DAY, POLICY, look, uploads
from nightly.issues import Report
from rules import Policy, Rules
from staleness import Finding
from staleness_text import Scene, key_of, line_of, project_of, report_of

SCENE = Scene("https://pypi.anaconda.org/nightly-wheels/simple", "cleanup/roster.yml")
MORTAL = replace(POLICY, rules=Rules(floor=0, coverage=0, allow_empty=True))
GONE = Finding("demo", is_gone=True)


def after(days: int, policy: Policy = POLICY) -> Finding:
    """What is found so long after the last of a night's uploads."""
    (finding,) = look(uploads([1, 1, 1, 1]), policy, days * DAY)
    return finding


def left_behind(days: int) -> Finding:
    """What is found while Windows is so far behind the other nights."""
    (finding,) = look([*uploads([1, 1, 1, 1]), remote("0.9.dev1", "win", days * DAY)])
    return finding


def report(finding: Finding) -> Report:
    return report_of(finding, SCENE, "someone/demo")


SAID = {
    "quiet": (after(5), "since 2026-06-01", ["since 2026-06-01 12:00 UTC", "every 1 d", "2026-08-30 12:00 UTC"]),
    "over": (after(95), "since 2026-06-01", ["it is all that there is"]),
    "about to go": (after(25, MORTAL), "since 2026-06-01", ["starts to go on 2026-07-01 12:00 UTC"]),
    "going": (after(31, MORTAL), "since 2026-06-01", ["starts to go with the next cleanup"]),
    "behind": (left_behind(10), "for cp312-cp312-win_amd64", ["win&#95;amd64", "2026-05-22 12:00 UTC", "| 5 |"]),
    "the last": (left_behind(85), "are about to go", ["2026-06-06 12:00 UTC"]),
    "gone": (GONE, "gone from", ["no files", "everyone's right to upload", "#access"]),
}


@pytest.mark.parametrize(("finding", "title", "gists"), SAID.values(), ids=SAID)
def test_an_issue_says_what_is_odd_and_when_what_goes(finding: Finding, title: str, gists: list[str]) -> None:
    said = report(finding)
    assert said.title.startswith("demo")
    assert title in said.title
    for gist in (*gists, SCENE.index_url.replace("https:", "https&#58;"), "https://github.com/someone/demo/actions"):
        assert gist in said.body
    assert "cleanup/roster.yml" in said.body


def test_every_stage_is_another_state_so_that_it_is_told_by_a_comment() -> None:
    findings = [after(5), after(84), after(95), left_behind(10), left_behind(85), GONE]
    assert len({report(finding).state for finding in findings}) == len(findings)


@pytest.mark.parametrize("days", [range(3, 83), range(83, 90), range(90, 400, 31)], ids=["quiet", "ending", "over"])
def test_between_two_stages_the_text_is_the_same_day_by_day(days: range) -> None:
    assert len({(said.title, said.body, said.state) for said in (report(after(day)) for day in days)}) == 1


def test_a_comment_names_what_is_new() -> None:
    assert "from 2026-08-30 12:00 UTC on" in report(after(84)).news
    assert "about to go for cp312-cp312-win&#95;amd64" in report(left_behind(85)).news


def test_many_platforms_are_named_by_a_few() -> None:
    finding = replace(left_behind(10), gaps=tuple(replace(left_behind(10).gaps[0], key=f"k{n}") for n in range(9)))
    assert report(finding).title.endswith("for k0, k1, k2 and 6 more")
    assert line_of(finding) == "no new wheels for k0, k1, k2 and 6 more"


def test_a_name_is_only_a_name() -> None:
    """A channel's projects are named by whoever may upload to it."""
    nasty = report_of(replace(GONE, project="@everyone <!-- [x](y) #1"), SCENE)
    assert "@everyone" not in nasty.body
    assert "<!--" not in nasty.body
    assert "](y)" not in nasty.body


@pytest.mark.parametrize("project", ["numpy", "Scikit_Learn", "zope.interface"])
def test_a_project_is_found_again_by_its_key_in_any_spelling(project: str) -> None:
    assert key_of(project) == key_of(project.upper().replace("_", "-"))
    assert key_of(project_of(key_of(project))) == key_of(project)
    assert project_of("cleanup") == ""
