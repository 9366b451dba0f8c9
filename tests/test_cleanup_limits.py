"""Which plans are carried out: fresh ones, made for this, within the limits or confirmed as they are."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from admission import refusal
from apply import Application
from channel_files import NOW as THEN
from channel_files import remote
from cleaning import DAY, NOW, POLICY, Cleaning
from nightly.channel import Deletion, End, Listing, Outcome, Progress, RemoteFile, Upload
from plan import Plan
from planning import Terms, make_plan
from retention import decide
from rules import Limits, Policy, Rules
from uploading import SLOW, Run

HOUR = timedelta(hours=1)


def refused(run: Run, code: int, said: str) -> None:
    """It says why, and nothing was asked to change."""
    assert run.code == code, run.log
    assert said in run.log
    assert not run.writes


def test_a_plan_of_six_hours_ago_is_carried_out(cleaning: Cleaning) -> None:
    cleaning.nights(4)
    cleaning.plan()
    assert cleaning.apply(now=NOW + 6 * HOUR).code == 0
    assert len(cleaning.site.names()) == 2


@pytest.mark.parametrize(
    ("later", "said"),
    [(6 * HOUR + timedelta(seconds=1), "more than 6 hours ago"), (-HOUR, "still to come")],
    ids=["old", "from the future"],
)
def test_a_plan_of_another_time_is_refused(cleaning: Cleaning, later: timedelta, said: str) -> None:
    names = cleaning.nights(4)
    cleaning.plan()
    refused(cleaning.apply(now=NOW + later), 2, said)
    assert cleaning.site.names() == names


def test_two_runners_clocks_may_differ_by_a_minute(cleaning: Cleaning) -> None:
    cleaning.nights(4)
    cleaning.plan()
    assert cleaning.apply(now=NOW - timedelta(minutes=1)).code == 0


def test_a_plan_by_another_policy_is_refused(cleaning: Cleaning) -> None:
    names = cleaning.nights(4)
    cleaning.plan()
    cleaning.rule(POLICY.replace("keep: 2", "keep: 1"))
    refused(cleaning.apply(), 2, "another policy")
    assert cleaning.site.names() == names


def test_a_policy_with_another_comment_is_the_same(cleaning: Cleaning) -> None:
    cleaning.nights(4)
    cleaning.plan()
    cleaning.rule("# as before\n" + POLICY)
    assert cleaning.apply().code == 0


def test_a_plan_for_another_channel_is_refused(cleaning: Cleaning) -> None:
    names = cleaning.nights(4)
    cleaning.plan()
    refused(cleaning.apply(channel=str(cleaning.root / "other")), 2, "The plan is for ")
    assert cleaning.site.names() == names


def test_a_plan_for_another_label_is_refused(online: Cleaning) -> None:
    online.nights(4)
    online.plan()
    refused(online.apply(label="rc"), 2, "label main")


MALFORMED = {
    "no JSON": lambda text: text[:-20],
    "a list": lambda _: "[]",
    "another format": lambda text: text.replace('"format": 1', '"format": 2'),
    "no files": lambda text: text.replace('"files": [', '"rows": ['),
    "another decision": lambda text: text.replace('"decision": "keep"', '"decision": "delete"'),
    "no such decision": lambda text: text.replace('"decision": "keep"', '"decision": "kep"'),
    "no such rule": lambda text: text.replace('"rule": "beyond-keep"', '"rule": "because"'),
    "figures of another rule": lambda text: text.replace('"place":', '"plaice":'),
    "a name that is a number": lambda text: text.replace('"project": "demo-pkg"', '"project": 7'),
    "a size that is text": lambda text: text.replace('"size": ', '"size": "", "x": '),
    "a time that is none": lambda text: text.replace('"now": "2', '"now": "x'),
    "a time without a zone": lambda text: text.replace('+00:00",\n  "digest"', '",\n  "digest"'),
    "another file": lambda text: text.replace("dev0-", "dev3-"),
}


@pytest.mark.parametrize("spoil", MALFORMED.values(), ids=MALFORMED)
def test_what_isnt_a_plan_to_the_letter_is_refused(cleaning: Cleaning, spoil: Callable[[str], str]) -> None:
    names = cleaning.nights(4)
    cleaning.plan()
    text = cleaning.plan_file.read_text(encoding="utf-8")
    assert spoil(text) != text
    cleaning.plan_file.write_text(spoil(text), encoding="utf-8")
    refused(cleaning.apply(), 2, "can't be read as a plan")
    assert cleaning.site.names() == names


def test_a_plan_that_isnt_there_is_refused(cleaning: Cleaning) -> None:
    refused(cleaning.apply(), 2, "plan.json can't be read as a plan")


@pytest.mark.parametrize("mode", ["apply", "plan-and-apply"])
def test_without_a_token_nothing_can_be_deleted(online: Cleaning, mode: str) -> None:
    online.nights(4)
    online.plan()
    run = online.run(mode, *[str(online.plan_file)] * (mode == "apply"), anaconda_token="")
    refused(run, 2, "There is no token")


LIMITS = {
    "files": ("files: 5", "It deletes 6 files, where the limit is 5."),
    "bytes": ("bytes: 4 kB", "where the limit is 4 kB."),
    "the channel's share": (
        "channel_share: 30 %\n  channel_share_above: 9",
        "It deletes 6 of the 10 files of the channel, where the limit is 30 % of them.",
    ),
    "a project's share": (
        "project_share: 60 %\n  project_share_above: 7",
        "It deletes 6 of the 8 files of demo-pkg, where the limit is 60 % of them.",
    ),
}


@pytest.mark.parametrize(("limit", "said"), LIMITS.values(), ids=LIMITS)
def test_beyond_a_limit_nothing_goes_and_it_says_what_would_and_how_it_may(
    cleaning: Cleaning, limit: str, said: str
) -> None:
    cleaning.rule(f"{POLICY}limits:\n  {limit}\n")
    names = [*cleaning.nights(8), *cleaning.nights(2, name="other")]
    assert cleaning.plan().code == 0
    run = cleaning.apply()
    refused(run, 3, said)
    assert cleaning.site.names() == names
    assert f"--confirm {cleaning.planned['digest']}" in run.log
    assert f"    delete {names[0]}: version 8, and only the newest 2 stay\n" in run.log
    assert said in run.summary
    assert cleaning.planned["digest"] in run.summary
    assert run.outputs["digest"] == cleaning.planned["digest"]
    assert run.outputs["plan"] == str(cleaning.plan_file)
    assert names[5].replace("_", "&#95;") in run.summary
    assert run.names("deleted") == []


@pytest.mark.parametrize("limit", ["files: 6", "bytes: 99 kB", "channel_share_above: 10", "project_share_above: 8"])
def test_at_a_limit_a_plan_is_carried_out(cleaning: Cleaning, limit: str) -> None:
    cleaning.rule(f"{POLICY}limits:\n  {limit}\n")
    cleaning.nights(8)
    cleaning.nights(2, name="other")
    cleaning.plan()
    assert cleaning.apply().code == 0
    assert len(cleaning.site.names()) == 4


def test_confirmed_by_its_digest_exactly_that_set_goes(cleaning: Cleaning) -> None:
    cleaning.rule(f"{POLICY}limits: {{files: 1}}\n")
    names = cleaning.nights(4)
    digest = cleaning.plan().outputs["digest"]
    assert cleaning.apply().code == 3
    assert cleaning.apply(confirm=digest).code == 0
    assert cleaning.site.names() == names[2:]


def test_a_fresh_plan_of_the_same_set_has_the_same_digest(cleaning: Cleaning) -> None:
    cleaning.rule(f"{POLICY}limits: {{files: 1}}\n")
    names = cleaning.nights(4)
    digest = cleaning.plan().outputs["digest"]
    cleaning.add("1.0.dev3", -0.01, "win")
    assert cleaning.plan(now=NOW + 5 * HOUR).outputs["digest"] == digest
    assert cleaning.apply(now=NOW + 5 * HOUR, confirm=digest).code == 0
    assert cleaning.site.names()[0] == names[2]


def test_another_set_than_the_confirmed_one_is_refused(cleaning: Cleaning) -> None:
    cleaning.rule(f"{POLICY}limits: {{files: 1}}\n")
    names = cleaning.nights(4)
    digest = cleaning.plan().outputs["digest"]
    cleaning.add("1.0.dev4", 0.01)
    fresh = cleaning.plan().outputs["digest"]
    assert fresh != digest
    run = cleaning.apply(confirm=digest)
    refused(run, 2, digest)
    assert fresh in run.log
    assert len(cleaning.site.names()) == len(names) + 1


def test_what_is_confirmed_holds_within_the_limits_too(cleaning: Cleaning) -> None:
    cleaning.nights(4)
    cleaning.plan()
    refused(cleaning.apply(confirm="0" * 64), 2, "0" * 64)


def test_the_digest_is_of_one_channel_alone() -> None:
    plan = planned([remote("1.0.dev1", age=40 * DAY), remote("1.0.dev2")], Policy(Rules(keep=1, coverage=0)))
    assert len(plan.going) == 1
    assert replace(plan, channel="elsewhere").digest != plan.digest
    assert replace(plan, labels=("rc",)).digest != plan.digest


def planned(files: Sequence[RemoteFile], policy: Policy) -> Plan:
    """The plan of a channel that holds these files."""
    return Plan(decide(files, policy, THEN, ["main"]), "memory", ("main",), policy.digest, THEN)


class Memory:
    """A channel in memory, which deletes whatever it's told to."""

    identity = index_url = "memory"

    def __init__(self, files: Sequence[RemoteFile]) -> None:
        self.files = list(files)

    def check(self) -> Sequence[str]:
        return ()

    def projects(self) -> Sequence[str]:
        return sorted({file.project for file in self.files})

    def listing(self, project: str) -> Listing:
        own = tuple(file for file in self.files if file.project == project)
        return Listing(project, bool(own), own, frozenset(file.version for file in own))

    def address(self, file: RemoteFile) -> str:
        return file.url

    def fetch(self, file: RemoteFile, target: Path) -> None:
        raise NotImplementedError

    def indexed(self, project: str) -> frozenset[str]:
        return frozenset(file.filename for file in self.listing(project).files)

    def publish(self, uploads: Sequence[Upload], progress: Progress) -> Iterator[Outcome]:
        raise NotImplementedError

    def delete(self, files: Sequence[RemoteFile]) -> Iterator[Deletion]:
        for file in files:
            self.files.remove(file)
            yield Deletion(file, End.DELETED)


FILES = st.lists(
    st.builds(
        remote,
        version=st.integers(0, 30).map("1.0.dev{}".format),
        tag=st.sampled_from(["linux", "win", "mac"]),
        age=st.none() | st.integers(0, 100).map(timedelta),
        project=st.sampled_from(["alpha", "beta", "gamma"]),
        size=st.none() | st.integers(0, 10**9),
    ),
    max_size=60,
    unique_by=lambda file: file.handle,
)
SHARES = st.integers(1, 100).map(lambda percent: percent / 100)
LIMIT = st.builds(
    Limits,
    files=st.integers(0, 60),
    bytes=st.integers(0, 10**10),
    channel_share=SHARES,
    channel_share_above=st.integers(0, 40),
    project_share=SHARES,
    project_share_above=st.integers(0, 20),
)
RULES = st.builds(Rules, keep=st.integers(1, 5), floor=st.integers(0, 1), coverage=st.integers(0, 1))


@given(FILES, RULES, LIMIT)
def test_what_isnt_confirmed_never_exceeds_the_limits(files: list[RemoteFile], rules: Rules, limits: Limits) -> None:
    policy = Policy(rules, limits=limits)
    channel = Memory(files)
    plan, _ = make_plan(channel, Terms(policy, ("main",), THEN), SLOW)
    if refusal(plan, policy, confirmed="") is None:
        Application(channel, plan, SLOW, lambda _: None).run(policy, THEN)
    gone = set(files) - set(channel.files)
    assert len(gone) <= limits.files or not gone
    assert sum(file.size or 0 for file in gone) <= limits.bytes
    assert within(gone, files, limits.channel_share, limits.channel_share_above)
    for project in ("alpha", "beta", "gamma"):
        own = [file for file in files if file.project == project]
        assert within(gone & set(own), own, limits.project_share, limits.project_share_above)


def within(gone: set[RemoteFile], there: Sequence[RemoteFile], share: float, above: int) -> bool:
    return len(there) <= above or round(len(gone) * 100) <= round(share * 100) * len(there)


@given(FILES, RULES)
def test_what_is_confirmed_is_exactly_what_goes(files: list[RemoteFile], rules: Rules) -> None:
    policy = Policy(rules, limits=Limits(files=0))
    channel = Memory(files)
    plan, _ = make_plan(channel, Terms(policy, ("main",), THEN), SLOW)
    assert refusal(plan, policy, confirmed=plan.digest) is None
    Application(channel, plan, SLOW, lambda _: None).run(policy, THEN)
    assert set(files) - set(channel.files) == set(plan.going)
    again, _ = make_plan(channel, Terms(policy, ("main",), THEN), SLOW)
    assert again.going == ()
