"""Links into an upstream's repository: what changed, and a report that is filled in and never sent."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timezone
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightly.downstream.records.experiment import Kind, Verdict
from nightly.downstream.records.result import End, Failure
from nightly.downstream.telling.story import Story
from nightly.downstream.telling.upstream import Repository, repository_of
from nightly.downstream.telling.upstream_report import LONGEST_URL, report_url
from weeks import (
    IN1D,
    NEW,
    NUMPY,
    OLD,
    PROOF,
    TRACEBACK,
    cell,
    culprit_numpy,
    failed,
    green_week,
    result,
    still,
    story,
    tried,
)

GITHUB, GITLAB = Repository("github", "numpy/numpy"), Repository("gitlab", "group/sub/project")
RED = failed()
*FIRST, LAST = (failure.test for failure in RED.failures)
NAMES = ("numpy", "scipy")


@pytest.mark.parametrize(
    ("url", "repository"),
    [
        ("https://github.com/numpy/numpy", GITHUB),
        ("https://github.com/numpy/numpy/", GITHUB),
        ("https://www.github.com/numpy/numpy.git", GITHUB),
        ("git+https://github.com/numpy/numpy.git", GITHUB),
        ("https://github.com/numpy/numpy/issues", GITHUB),
        ("https://github.com/numpy/numpy/tree/main#readme", GITHUB),
        ("https://gitlab.com/group/sub/project", GITLAB),
        ("https://gitlab.com/group/sub/project/-/tree/main", GITLAB),
        ("https://github.com/numpy", None),
        ("https://github.com.example.org/numpy/numpy", None),
        ("https://example.org/https://github.com/numpy/numpy", None),
        ("https://github.com/../..", None),
        ("https://github.com/a b/c", None),
        ("javascript:alert(1)//github.com/numpy/numpy", None),
        ("https://github.com/numpy/numpy\n)](http://b)", None),
        ("", None),
        (None, None),
    ],
)
def test_a_repository_is_believed_on_two_hosts_alone(url: str | None, repository: Repository | None) -> None:
    assert repository_of(url) == repository


@given(st.text())
def test_no_address_leads_anywhere_else(url: str) -> None:
    found = repository_of(f"https://github.com/{url}")
    assert found is None or urlsplit(found.url).hostname == "github.com"


def test_two_commits_are_compared() -> None:
    assert GITHUB.compare("1" * 7, NEW) == f"https://github.com/numpy/numpy/compare/1111111...{NEW}"
    assert GITLAB.compare(OLD, NEW) == f"https://gitlab.com/group/sub/project/-/compare/{OLD}...{NEW}"


@pytest.mark.parametrize(
    ("old", "new"), [(None, NEW), (OLD, None), (NEW[:7], NEW), ("main", NEW), (OLD, "x/../..")], ids=str
)
def test_what_is_no_two_commits_is_not_compared(old: str | None, new: str | None) -> None:
    assert GITHUB.compare(old, new) == ""


def test_the_commits_of_a_time_are_a_page_on_github() -> None:
    since, until = (datetime(2026, 9, day, tzinfo=timezone.utc) for day in (7, 13))
    assert GITHUB.commits(since, until) == (
        "https://github.com/numpy/numpy/commits?since=2026-09-07T00%3A00%3A00Z&until=2026-09-13T00%3A00%3A00Z"
    )
    assert GITLAB.commits(since, until) == ""


def told(failures: list[Failure] | None = None, source: str = "https://github.com/numpy/numpy") -> Story:
    """A story in which numpy is the culprit."""
    packages = (replace(PROOF.packages[0], source_url=source), *PROOF.packages[1:])
    ended = replace(failed(failures=failures or RED.failures), proof=replace(PROOF, packages=packages))
    return story(ended, experiments=culprit_numpy(ended), history=green_week())


def filled_in(url: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


def link(a_story: Story) -> str:
    (cause,) = a_story.causes
    return report_url(a_story, cause, "numpy")


def test_the_report_says_what_an_upstream_asks_first() -> None:
    url = link(told())
    assert url.startswith("https://github.com/numpy/numpy/issues/new?title=")
    fields = filled_in(url)
    assert fields["title"] == "3 tests of nightly/channel fail with the nightly 2.6.0.dev0"
    for gist in (
        "fail with the nightly wheel `2.6.0.dev0` of numpy",
        "With numpy back at 2.5.1 and every other nightly in place, 3 of 3 pass",
        f"https://github.com/numpy/numpy/compare/{OLD}...{NEW}",
        TRACEBACK,
        f"python -m pip install --no-deps --force-reinstall 'numpy @ {NUMPY.url}",
        "https://github.com/nightly/channel/actions/runs/42",
    ):
        assert gist in fields["body"]


def test_gitlab_has_other_names_for_it() -> None:
    url = link(told(source="https://gitlab.com/group/sub/project"))
    assert url.startswith("https://gitlab.com/group/sub/project/-/issues/new?")
    assert set(filled_in(url)) == {"issue[title]", "issue[description]"}


def test_where_the_repository_is_not_known_there_is_no_link() -> None:
    assert link(told(source="https://numpy.example.org")) == ""


@pytest.mark.parametrize("text", ["x" * 100_000, "é" * 100_000, "@user `` ``` |\n" * 9000, "\x1b[31m" * 9000])
def test_its_address_is_never_too_long(text: str) -> None:
    url = link(told([Failure(text, text, text)]))
    assert 0 < len(url) <= LONGEST_URL


BOTH = (
    tried(RED, Kind.CONTROL),
    tried(RED, Kind.WITHOUT, "numpy", index=1, end=End.FAILED, tests={**still(RED), LAST: Verdict.PASSED}),
    tried(
        RED,
        Kind.WITHOUT,
        "scipy",
        index=2,
        end=End.FAILED,
        tests={**dict.fromkeys(FIRST, Verdict.PASSED), LAST: Verdict.FAILED},
    ),
)
"""The first tests fail for scipy, and the last for numpy."""


def test_each_culprit_gets_a_test_that_it_breaks() -> None:
    a_story = story(RED, experiments=BOTH)
    commands = {
        name: filled_in(report_url(a_story, cause, name))["body"].partition(" && ")[2]
        for cause in a_story.causes
        for name in cause.projects
    }
    assert commands["scipy"].startswith(f"python -m pytest '{FIRST[0]}'")
    assert commands["numpy"].startswith(f"python -m pytest {LAST}")


def test_the_environment_is_that_in_which_it_was_shown() -> None:
    crash = result(cell(1, "3.13"), End.CRASHED, stopped_in="tests/test_b.py::test_b", platform="win-amd64")
    shown = [
        tried(crash, Kind.CONTROL),
        tried(crash, Kind.WITHOUT, "numpy", index=1, end=End.CRASHED, tests={crash.stopped_in: Verdict.FAILED}),
        tried(crash, Kind.WITHOUT, "scipy", index=2),
    ]
    a_story = story(RED, crash, experiments=[*culprit_numpy(RED), *shown])
    bodies = {
        name: filled_in(report_url(a_story, cause, name))["body"] for cause in a_story.causes for name in cause.projects
    }
    assert "Python 3.13, win-amd64" in bodies["scipy"]
    assert "python -m pytest tests/test_b.py::test_b" in bodies["scipy"]
    assert "linux-x86_64" in bodies["numpy"]


def test_an_interaction_is_reproduced_with_all_who_take_part() -> None:
    a_story = story(RED, experiments=[tried(RED, Kind.CONTROL), *(tried(RED, Kind.WITHOUT, name) for name in NAMES)])
    (cause,) = a_story.causes
    for name in NAMES:
        body = filled_in(report_url(a_story, cause, name))["body"]
        assert all(f"'{each} @ https://" in body for each in NAMES)


def test_half_a_character_in_a_version_is_no_trouble() -> None:
    broken = replace(PROOF.packages[0], version="2.6\ud800")
    ended = replace(RED, proof=replace(PROOF, packages=(broken, *PROOF.packages[1:])))
    shown = [
        replace(each, installed={**(each.installed or {}), "numpy": "2.6\ud800"})
        if each.experiment.suspect == "scipy"
        else each
        for each in culprit_numpy(ended)
    ]
    assert filled_in(link(story(ended, experiments=shown)))["title"].endswith("with the nightly 2.6?")


@given(st.text(max_size=2000))
def test_what_a_test_said_stays_in_its_field(text: str) -> None:
    url = link(told([Failure(text, text or IN1D, text)]))
    assert set(filled_in(url)) == {"title", "body"}
    assert not set(url) & set(" <>()[]\"'`\n")
    assert len(url) <= LONGEST_URL
