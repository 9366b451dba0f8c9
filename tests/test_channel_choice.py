"""Which channel a run publishes to: every row of the table, and what lies beside it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from nightly.releasing.channel_choice import Asked, Destination, Trigger, choose

MAIN = "refs/heads/main"
PULL = "refs/pull/12/merge"
NIGHTLY, STAGING, NONE = Destination.NIGHTLY, Destination.STAGING, Destination.NONE


@pytest.mark.parametrize(
    ("event", "ref", "expected", "because"),
    [
        ("pull_request", PULL, NONE, "labels decide only what is built"),
        ("pull_request", MAIN, NONE, "labels decide only what is built"),
        ("pull_request_target", MAIN, NONE, "may be a stranger's"),
        ("schedule", MAIN, NIGHTLY, "on a schedule"),
        ("schedule", "refs/heads/other", NONE, "nightlies are of the default branch main"),
        ("schedule", "refs/heads/maintenance/1.x", NONE, "nightlies are of the default branch main"),
        ("schedule", "refs/tags/main", NONE, "nightlies are of the default branch main"),
        ("push", MAIN, STAGING, "merged into main"),
        ("push", "refs/heads/maintenance/1.2", STAGING, "merged into maintenance/1.2"),
        ("push", "refs/heads/maintenance/1.2/fixes", STAGING, "merged into maintenance/1.2/fixes"),
        ("push", "refs/heads/v1.2.x", STAGING, "merged into v1.2.x"),
        ("push", "refs/heads/v.x", STAGING, "merged into v.x"),
        ("push", "refs/heads/maintenance", NONE, "neither the default branch"),
        ("push", "refs/heads/maintenance/", NONE, "neither the default branch"),
        ("push", "refs/heads/my-maintenance/1.2", NONE, "neither the default branch"),
        ("push", "refs/heads/v1.2", NONE, "neither the default branch"),
        ("push", "refs/heads/v1/2.x", NONE, "neither the default branch"),
        ("push", "refs/heads/v1.x-fix", NONE, "neither the default branch"),
        ("push", "refs/heads/dev1.x", NONE, "neither the default branch"),
        ("push", "refs/heads/feature/main", NONE, "neither the default branch"),
        ("push", "refs/heads/Main", NONE, "neither the default branch"),
        ("push", "refs/heads/main\n", NONE, "neither the default branch"),
        ("push", "refs/heads/dependabot/pip/main", NONE, "neither the default branch"),
        ("push", "refs/heads/gh-readonly-queue/main/pr-1", NONE, "neither the default branch"),
        ("push", "main", NONE, "neither the default branch"),
        ("push", "v1.x", NONE, "neither the default branch"),
        ("push", "refs/tags/v1.2.0", STAGING, "the tag v1.2.0 makes a candidate"),
        ("push", "refs/tags/v1.2.0rc1", STAGING, "the tag v1.2.0rc1 makes a candidate"),
        ("push", "refs/tags/1.2.0", NONE, "isn't named like a release"),
        ("push", "refs/tags/release-v1.2.0", NONE, "isn't named like a release"),
        ("push", "refs/tags/v1/2", NONE, "isn't named like a release"),
        ("push", "refs/tags/main", NONE, "isn't named like a release"),
        ("push", "refs/tags/maintenance/1.2", NONE, "isn't named like a release"),
        ("push", "refs/notes/v1", NONE, "neither the default branch"),
        ("merge_group", "refs/heads/gh-readonly-queue/main/pr-1", NONE, "isn't merged yet"),
        ("merge_group", MAIN, NONE, "isn't merged yet"),
        ("workflow_dispatch", MAIN, NONE, "has named no channel"),
        ("repository_dispatch", MAIN, NONE, "has named no channel"),
        ("workflow_run", MAIN, NONE, "the event workflow_run publishes nothing"),
        ("release", "refs/tags/v1.2.0", NONE, "the event release publishes nothing"),
        ("create", "refs/tags/v1.2.0", NONE, "the event create publishes nothing"),
        ("Push", MAIN, NONE, "the event Push publishes nothing"),
        ("something_new", MAIN, NONE, "the event something_new publishes nothing"),
        ("", MAIN, NONE, "of no name"),
        *((event, "", NONE, "no branch and no tag") for event in ("push", "schedule", "workflow_dispatch")),
    ],
)
def test_a_run_publishes_where_its_event_and_ref_say(event: str, ref: str, expected: Destination, because: str) -> None:
    choice = choose(Trigger(event, ref, "main"), Asked())
    assert choice.destination is expected
    assert because in choice.reason


@pytest.mark.parametrize("destination", Destination)
@pytest.mark.parametrize("ref", [MAIN, "refs/heads/any", "refs/tags/any"])
@pytest.mark.parametrize("event", ["workflow_dispatch", "repository_dispatch"])
def test_a_dispatched_run_publishes_where_it_is_asked_to(event: str, ref: str, destination: Destination) -> None:
    assert choose(Trigger(event, ref, "main"), Asked(destination, marker="[wheel build]")).destination is destination


@pytest.mark.parametrize("destination", Destination)
@pytest.mark.parametrize("event", ["pull_request", "pull_request_target", "push", "schedule", "merge_group", "release"])
def test_no_other_run_is_moved_by_what_a_dispatch_would_ask_for(event: str, destination: Destination) -> None:
    trigger = Trigger(event, MAIN, "main")
    assert choose(trigger, Asked(destination)) == choose(trigger, Asked())


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("Mend it [wheel build]", STAGING),
        ("Mend it\n\n[wheel build]\n", STAGING),
        ("Mend it", NONE),
        ("Mend it [wheel  build]", NONE),
        ("Mend it [Wheel Build]", NONE),
        ("", NONE),
    ],
)
def test_a_pushed_commit_needs_the_marker_where_one_is_asked_for(message: str, expected: Destination) -> None:
    choice = choose(Trigger("push", MAIN, "main", message), Asked(marker="[wheel build]"))
    assert choice.destination is expected
    assert expected is STAGING or "has no [wheel build]" in choice.reason


@pytest.mark.parametrize(("event", "ref", "expected"), [("push", "refs/tags/v1", STAGING), ("schedule", MAIN, NIGHTLY)])
def test_neither_a_tag_nor_a_schedule_needs_the_marker(event: str, ref: str, expected: Destination) -> None:
    assert choose(Trigger(event, ref, "main", "Mend it"), Asked(marker="[wheel build]")).destination is expected


def test_a_branch_is_the_default_one_by_its_whole_name() -> None:
    trigger = Trigger("push", "refs/heads/release/main", "release/main")
    assert choose(trigger, Asked()).destination is STAGING
    assert choose(replace(trigger, default_branch="main"), Asked()).destination is NONE


@pytest.mark.parametrize("ref", [MAIN, "refs/heads/", "refs/heads/any"])
def test_no_push_to_a_branch_is_published_where_the_default_branch_is_not_known(ref: str) -> None:
    choice = choose(Trigger("push", ref), Asked())
    assert choice.destination is NONE
    assert "which isn't known" in choice.reason


def test_a_schedule_makes_a_nightly_also_where_its_event_names_no_default_branch() -> None:
    """GitHub documents no payload for it, and starts it for the default branch alone."""
    assert choose(Trigger("schedule", MAIN), Asked()).destination is NIGHTLY
