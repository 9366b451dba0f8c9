"""One issue for each thing that is wrong: opened once, kept quietly, closed when over, and never against people."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

import pytest
from cmarkgfm import github_flavored_markdown_to_html  # type: ignore[import-untyped]  # it has no types
from cmarkgfm.cmark import Options  # type: ignore[import-untyped]  # it has no types
from hypothesis import given
from hypothesis import strategies as st

from nightly import issue_text, markdown
from nightly.github.records import Issue
from nightly.issues import Action, Report, Step, Sync, Tracked, preview, sync, tracked
from nightly.marker import CURED, Marker, digest, read_marker, without_marker

BOT = "github-actions[bot]"
KIND = "freshness"


def report(key: str = "numpy", state: str = "quiet", text: str = "For 15 days.") -> Report:
    return Report(key, f"{key} is {state}", text, state, f"It is {state} now.")


@dataclass
class Repository:
    """The issues of a repository, to which plans are applied as GitHub would."""

    issues: dict[int, Issue] = field(default_factory=dict)
    comments: list[tuple[int, str]] = field(default_factory=list)

    def apply(self, plan: Sync) -> None:
        for action in plan.actions:
            number = action.number or len(self.issues) + 1
            old = self.issues.get(number) or Issue(
                number, "", "", BOT, "open", f"https://github.com/o/n/issues/{number}"
            )
            self.issues[number] = replace(
                old,
                title=old.title if action.title is None else action.title,
                body=old.body if action.body is None else action.body,
                state={Step.CLOSE: "closed", Step.REOPEN: "open"}.get(action.step, old.state),
            )
            self.comments += [(number, action.comment)] * bool(action.comment)

    def sync(self, *wanted: Report, at_most: int = 10, unknown: Sequence[str] = ()) -> list[tuple[Step, str]]:
        """Bring it in line, and say what was done to which key."""
        plan = sync(wanted, self.tracked(), KIND, at_most=at_most, unknown=unknown)
        self.apply(plan)
        return [(action.step, action.marker.key) for action in plan.actions]

    def tracked(self) -> tuple[Tracked, ...]:
        return tracked(self.issues.values(), BOT, KIND)

    def by_hand(self, number: int, state: str) -> None:
        self.issues[number] = replace(self.issues[number], state=state)

    def add(self, issue: Issue) -> None:
        self.issues[issue.number] = issue


@pytest.fixture
def repository() -> Repository:
    """A repository that a report was made in."""
    made = Repository()
    made.sync(report())
    return made


def test_what_is_new_is_opened_with_its_marker_first(repository: Repository) -> None:
    issue = repository.issues[1]
    assert issue.title == "numpy is quiet"
    assert issue.body == f"{Marker(KIND, 'numpy', digest('quiet'), digest(issue.title, 'For 15 days.'))}\nFor 15 days."
    assert repository.comments == []


def test_nothing_is_done_the_second_time(repository: Repository) -> None:
    assert repository.sync(report()) == []


def test_a_text_that_changes_is_edited_without_a_comment(repository: Repository) -> None:
    assert repository.sync(report(text="For 16 days.")) == [(Step.EDIT, "numpy")]
    assert repository.issues[1].body.endswith("\nFor 16 days.")
    assert repository.comments == []


def test_a_state_that_changes_is_commented_on(repository: Repository) -> None:
    assert repository.sync(report(state="gone")) == [(Step.COMMENT, "numpy")]
    assert repository.issues[1].title == "numpy is gone"
    assert [text.partition("\n")[2] for _, text in repository.comments] == ["It is gone now."]


def test_what_is_over_is_closed_with_a_comment(repository: Repository) -> None:
    assert repository.sync() == [(Step.CLOSE, "numpy")]
    assert not repository.issues[1].is_open
    assert "over" in repository.comments[0][1]
    assert repository.issues[1].body.endswith("For 15 days.")
    assert repository.sync() == []


def test_what_comes_back_reopens_its_issue_even_in_the_same_state(repository: Repository) -> None:
    repository.sync()
    assert repository.sync(report()) == [(Step.REOPEN, "numpy")]
    assert list(repository.issues) == [1]
    assert len({text.partition("\n")[0] for _, text in repository.comments}) == len(repository.comments) == 2


def test_what_a_person_closed_stays_closed_while_nothing_new_happens(repository: Repository) -> None:
    repository.by_hand(1, "closed")
    assert repository.sync(report()) == []
    assert repository.sync(report(text="For 16 days.")) == []
    assert repository.sync(report(state="gone")) == [(Step.REOPEN, "numpy")]


def test_what_a_person_closed_may_come_back_after_it_was_over(repository: Repository) -> None:
    repository.by_hand(1, "closed")
    assert repository.sync() == [(Step.EDIT, "numpy")]
    assert repository.comments == []
    assert repository.sync(report()) == [(Step.REOPEN, "numpy")]


def test_what_a_person_reopened_after_it_was_over_stays_open(repository: Repository) -> None:
    repository.sync()
    repository.by_hand(1, "open")
    assert repository.sync() == []
    assert repository.sync(report()) == [(Step.COMMENT, "numpy")]


def test_what_a_person_wrote_stays_until_the_report_changes(repository: Repository) -> None:
    issue = repository.issues[1]
    repository.add(replace(issue, title="My title", body=issue.body.replace("\n", "\r\n") + "\r\nMy notes."))
    assert repository.sync(report()) == []
    assert repository.sync(report(text="For 16 days.")) == [(Step.EDIT, "numpy")]


def test_of_what_nothing_is_known_nothing_is_said(repository: Repository) -> None:
    assert repository.sync(unknown=["numpy"]) == []
    assert repository.sync(report(state="gone"), report("scipy"), unknown=["numpy"]) == [(Step.OPEN, "scipy")]


def test_no_more_are_opened_or_reopened_than_allowed(repository: Repository) -> None:
    repository.sync()
    wanted = [report("numpy", "gone"), report("a"), report("b"), report("c")]
    plan = sync(wanted, repository.tracked(), KIND, at_most=2)
    assert [(action.step, action.marker.key) for action in plan.actions] == [(Step.REOPEN, "numpy"), (Step.OPEN, "a")]
    assert plan.postponed == ("b", "c")
    repository.apply(plan)
    assert repository.sync(*wanted) == [(Step.OPEN, "b"), (Step.OPEN, "c")]


def test_a_limit_holds_back_no_close_and_no_comment(repository: Repository) -> None:
    repository.sync(report(), report("scipy"))
    assert repository.sync(report(state="gone"), at_most=0) == [(Step.CLOSE, "scipy"), (Step.COMMENT, "numpy")]


def test_of_two_issues_of_one_key_the_older_one_goes_on(repository: Repository) -> None:
    repository.add(replace(repository.issues[1], number=7))
    assert repository.sync(report()) == [(Step.CLOSE, "numpy")]
    assert (repository.issues[1].is_open, repository.issues[7].is_open) == (True, False)
    assert repository.comments[0][0] == 7
    assert "#1" in repository.comments[0][1]
    assert repository.sync(report()) == []


ISSUE = Issue(5, "numpy is quiet", str(Marker(KIND, "numpy", "s", "c")), BOT, "open", "")
OTHERS = {
    "someone's, with our marker": replace(ISSUE, author="someone"),
    "a pull request": replace(ISSUE, is_pull_request=True),
    "one without a marker": replace(ISSUE, body="numpy"),
    "one with its marker elsewhere": replace(ISSUE, body=f"Look:\n{ISSUE.body}"),
    "one of another kind": replace(ISSUE, body=str(Marker("failure", "numpy", "s", "c"))),
    "one with a broken marker": replace(ISSUE, body=ISSUE.body.replace("key=", "")),
    "one without a body": replace(ISSUE, body=""),
}


@pytest.mark.parametrize("other", OTHERS.values(), ids=OTHERS)
def test_what_is_not_ours_is_never_touched(other: Issue) -> None:
    repository = Repository({5: other})
    assert repository.sync() == []
    assert repository.sync(report()) == [(Step.OPEN, "numpy")]
    assert repository.issues[5] == other


def test_a_login_is_compared_as_github_does() -> None:
    assert tracked([ISSUE], "GitHub-Actions[bot]", KIND)


HOSTILE = ["-->", "--><script>", "a b", "x\ny", "kind=failure", "ä€", "%2D", "-", "\ud800", "@user/#1"]


@pytest.mark.parametrize("key", HOSTILE)
def test_a_marker_holds_any_key_and_ends_only_at_its_end(key: str) -> None:
    marker = Marker(key, key, digest("s"), CURED, 12)
    assert read_marker(f"{marker}\r\nbody") == marker
    assert without_marker(f"{marker}\r\nbody\n") == "body\n"
    assert str(marker).count("-->") == 1
    assert "visible" not in github_flavored_markdown_to_html(str(marker))
    assert github_flavored_markdown_to_html(f"{marker}\ntext").replace("\n", "").endswith("--><p>text</p>")


def test_a_body_cannot_forge_a_marker() -> None:
    forged = Marker("failure", "other", "s", "c", 9)
    repository = Repository()
    repository.sync(report(text=f"{forged}\nbody"))
    marker = read_marker(repository.issues[1].body)
    assert marker
    assert (marker.kind, marker.key) == (KIND, "numpy")


@pytest.mark.parametrize(
    ("value", "title"),
    [
        ("a\nb\tc", "a b c"),
        ("ping @user/team about #12", "ping @\u2060user/team about #\u206012"),
        ("\x1b[31mred\x1b[0m \u202etxt", "red txt"),
        ("", "(no title)"),
        (" \n ", "(no title)"),
        ("t" * 256, "t" * 256),
        ("t" * 257, "t" * 255 + "…"),
    ],
    ids=["lines", "mentions", "controls", "nothing", "spaces", "just fits", "too long"],
)
def test_a_title_is_one_line_that_mentions_nobody(value: str, title: str) -> None:
    assert issue_text.title(value) == title


def test_a_body_that_fits_is_whole() -> None:
    assert issue_text.body("head", "b" * (65_536 - 5)) == "head\n" + "b" * (65_536 - 5)


LONG = {
    "lines": "A line of text.\n" * 9_000,
    "one line": "x" * 70_000,
    "wide characters": "\N{GRINNING FACE}\n" * 40_000,
    "a code block": markdown.fenced("A line of ``` code.\n" * 9_000),
    "a code block of tildes": "~~~~ text\n" + "```\n" * 20_000,
    "folded": "<details><summary>All</summary>\n\n" + "A line.\n" * 9_000,
    "folded code": "<details>\n\n" + markdown.fenced("A </details> line.\n" * 9_000),
    "a table": markdown.table(["a"], [["b"]] * 20_000),
}


@pytest.mark.parametrize("text", LONG.values(), ids=LONG)
def test_a_body_that_is_too_long_is_cut_between_lines_and_what_is_open_is_closed(text: str) -> None:
    body = issue_text.body("<!-- head -->", text)
    assert 65_000 < len(body) <= 65_536
    assert body.startswith("<!-- head -->\n" + text[:60_000])
    page = github_flavored_markdown_to_html(body, options=Options.CMARK_OPT_UNSAFE)
    assert page.rstrip().endswith("<p><em>This was longer than GitHub takes, and is cut here.</em></p>")
    assert page.count("<details>") == page.count("</details>") == text.count("<details>")


def test_a_preview_says_what_would_be_posted_in_printable_lines(repository: Repository) -> None:
    plan = sync([report(state="gone", text="a\x1b[31m\nb"), report("x")], repository.tracked(), KIND, at_most=0)
    assert list(preview(plan)) == [
        "would comment on #1 (numpy): its state changed",
        "  title:",
        "  | numpy is gone",
        "  body:",
        "  | a",
        "  | b",
        "  comment:",
        "  | It is gone now.",
        "would leave x to the next run: enough was opened in this one",
    ]


def test_a_preview_of_a_new_issue_has_no_number() -> None:
    assert next(preview(sync([report()], [], KIND))) == "would open a new issue (numpy): it is new"


KEYS = st.sampled_from(["numpy", "scipy", "a-->b", ""])
STATES = st.sampled_from(["quiet", "gone", "cured"])
REPORTS = st.dictionaries(KEYS, st.builds(report, state=STATES, text=st.sampled_from(["x", "y", "@all #1 -->"])))
NIGHT = st.tuples(REPORTS, st.sets(KEYS), st.integers(0, 3), st.dictionaries(st.integers(1, 5), st.booleans()))


def wanted(reports: dict[str, Report]) -> list[Report]:
    return [replace(each, key=key) for key, each in reports.items()]


def live(repository: Repository, nights: Iterable[tuple[dict[str, Report], set[str], int, dict[int, bool]]]) -> None:
    """Let nights go over a repository whose people close and reopen what they like."""
    for reports, unknown, at_most, people in nights:
        repository.sync(*wanted(reports), at_most=at_most, unknown=sorted(unknown))
        for number in people.keys() & repository.issues.keys():
            repository.by_hand(number, "open" if people[number] else "closed")


@given(st.lists(NIGHT, max_size=6), REPORTS)
def test_after_any_history_a_second_sync_does_nothing(
    nights: list[tuple[dict[str, Report], set[str], int, dict[int, bool]]], reports: dict[str, Report]
) -> None:
    repository = Repository()
    live(repository, nights)
    repository.sync(*wanted(reports))
    assert repository.sync(*wanted(reports)) == []


@given(st.lists(NIGHT, max_size=6))
def test_after_any_history_there_is_one_issue_of_a_key(
    nights: list[tuple[dict[str, Report], set[str], int, dict[int, bool]]],
) -> None:
    repository = Repository()
    live(repository, nights)
    keys = [each.marker.key for each in repository.tracked()]
    assert len(keys) == len(set(keys)) == len(repository.issues)


@given(st.lists(NIGHT, max_size=5), NIGHT)
def test_a_run_opens_no_more_than_allowed_and_forgets_nothing(
    nights: list[tuple[dict[str, Report], set[str], int, dict[int, bool]]],
    night: tuple[dict[str, Report], set[str], int, dict[int, bool]],
) -> None:
    repository = Repository()
    live(repository, nights)
    reports, unknown, at_most, _ = night
    plan = sync(wanted(reports), repository.tracked(), KIND, at_most=at_most, unknown=unknown)
    loud = [action for action in plan.actions if action.step in (Step.OPEN, Step.REOPEN)]
    assert len(loud) <= at_most
    everything = sync(wanted(reports), repository.tracked(), KIND, at_most=99, unknown=unknown)
    done = {action.marker.key for action in plan.actions} | set(plan.postponed)
    assert done == {action.marker.key for action in everything.actions}
    assert not unknown & done


@given(st.lists(NIGHT, min_size=1, max_size=6))
def test_what_is_closed_by_hand_stays_so_while_its_state_does(
    nights: list[tuple[dict[str, Report], set[str], int, dict[int, bool]]],
) -> None:
    repository = Repository()
    live(repository, nights)
    reports = nights[-1][0]
    repository.sync(*wanted(reports))
    for number in repository.issues:
        repository.by_hand(number, "closed")
    other_text = {key: replace(each, body="another") for key, each in reports.items()}
    assert repository.sync(*wanted(other_text)) == []


@given(st.lists(NIGHT, max_size=6))
def test_people_are_notified_of_changes_of_state_alone(
    nights: list[tuple[dict[str, Report], set[str], int, dict[int, bool]]],
) -> None:
    repository = Repository()
    live(repository, nights)
    before: dict[str, str] = {each.marker.key: each.marker.state for each in repository.tracked()}
    for reports, unknown, at_most, _ in nights:
        plan = sync(wanted(reports), repository.tracked(), KIND, at_most=at_most, unknown=unknown)
        told: list[Action] = [action for action in plan.actions if action.comment]
        assert all(action.marker.state != before[action.marker.key] for action in told)
        repository.apply(plan)
        before = {each.marker.key: each.marker.state for each in repository.tracked()}


@given(st.text(), st.text())
def test_any_text_makes_an_issue_that_github_takes_and_we_find_again(title: str, body: str) -> None:
    action = sync([Report("k", title, body, "s")], [], KIND).actions[0]
    assert 0 < len(action.title or "") <= 256
    assert len((action.title or "").splitlines()) == 1
    assert len(action.body or "") <= 65_536
    (action.body or "").encode()
    assert read_marker(action.body or "") == action.marker
