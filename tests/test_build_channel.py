"""The mode of `build` that says which channel a run is for: the event's file, the outputs, and what is refused."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from nightly.building.modes import channel
from planning_runs import Caller, ModeRun

ON_GITHUB = {"repository": {"default_branch": "main", "fork": False, "name": "demo"}}
MERGED = {**ON_GITHUB, "head_commit": {"id": "1" * 40, "message": "Mend it [wheel build]"}}
IN_A_FORK = {**MERGED, "repository": {"default_branch": "main", "fork": True}}
STAGING = {"staging_organization": "demo-staging"}


def run(
    root: Path, event: str, payload: Mapping[str, object] | bytes, ref: str = "refs/heads/main", **inputs: str
) -> ModeRun:
    """Run the mode for an event with this file."""
    file = root / "event.json"
    file.write_bytes(payload if isinstance(payload, bytes) else json.dumps(payload).encode())
    variables = {"GITHUB_EVENT_NAME": event, "GITHUB_REF": ref, "GITHUB_EVENT_PATH": str(file)}
    return Caller(root, variables).run(channel.run, **inputs)


def test_a_schedule_is_for_nightlies_that_no_other_bytes_replace(tmp_path: Path) -> None:
    ran = run(tmp_path, "schedule", ON_GITHUB, nightly_labels="dev, main")
    assert ran.code == 0
    assert ran.outputs == {
        "channel": "nightly",
        "reason": ran.outputs["reason"],
        "organization": "scientific-python-nightly-wheels",
        "labels": "dev, main",
        "label": "main",
        "on_existing": "keep",
        "version_policy": "error",
        "missing_token": "error",
    }


def test_what_is_merged_is_for_staging_where_it_may_be_replaced(tmp_path: Path) -> None:
    ran = run(tmp_path, "push", MERGED, staging_organization="demo-staging", staging_labels="next\nlater")
    assert ran.code == 0
    assert ran.outputs == {
        "channel": "staging",
        "reason": "what is merged into main goes to staging",
        "organization": "demo-staging",
        "labels": "next, later",
        "label": "next",
        "on_existing": "replace",
        "version_policy": "warn",
        "missing_token": "error",
    }
    assert "Channel: staging, for what is merged into main goes to staging." in ran.log
    assert ran.summary.startswith("## Channel: staging\n\nWhy: what is merged into main")


def test_in_a_fork_it_is_normal_that_there_is_no_token(tmp_path: Path) -> None:
    ran = run(tmp_path, "push", IN_A_FORK, **STAGING)
    assert (ran.outputs["channel"], ran.outputs["missing_token"]) == ("staging", "skip")


def test_a_pull_request_is_for_no_channel_and_that_is_no_failure(tmp_path: Path) -> None:
    labelled = {**ON_GITHUB, "pull_request": {"labels": [{"name": "Build wheels"}]}}
    ran = run(tmp_path, "pull_request", labelled, "refs/pull/1/merge", channel="nightly", **STAGING)
    assert ran.code == 0
    assert ran.outputs.keys() == {"channel", "reason"}
    assert ran.outputs["channel"] == "none"


@pytest.mark.parametrize(("marker", "expected"), [("[wheel build]", "staging"), ("[other]", "none"), ("  ", "staging")])
def test_the_marker_is_looked_for_in_the_newest_commit(tmp_path: Path, marker: str, expected: str) -> None:
    assert run(tmp_path, "push", MERGED, marker=marker, **STAGING).outputs["channel"] == expected


@pytest.mark.parametrize("asked", ["none", "nightly", "staging", ""])
def test_a_dispatched_run_is_for_what_its_input_says(tmp_path: Path, asked: str) -> None:
    ran = run(tmp_path, "workflow_dispatch", ON_GITHUB, "refs/heads/any", channel=asked, **STAGING)
    assert ran.outputs["channel"] == (asked or "none")


def test_without_an_organization_a_push_is_for_no_channel(tmp_path: Path) -> None:
    ran = run(tmp_path, "push", MERGED)
    assert ran.code == 0
    assert ran.outputs["channel"] == "none"
    assert "staging_organization isn't set" in ran.outputs["reason"]


@pytest.mark.parametrize("name", ["nightly", "staging"])
def test_who_asks_for_a_channel_that_is_not_set_up_is_refused(tmp_path: Path, name: str) -> None:
    ran = run(tmp_path, "workflow_dispatch", ON_GITHUB, channel=name, **{f"{name}_organization": ""})
    assert ran.code == 2
    assert ran.outputs == {}
    assert f"{name}_organization" in str(ran.error)


@pytest.mark.parametrize(
    ("inputs", "named"),
    [
        ({"channel": "pypi"}, "'channel'"),
        ({"channel": "Nightly"}, "'channel'"),
        ({"nightly_organization": "a/b"}, "'nightly_organization'"),
        ({"staging_organization": "--x"}, "'staging_organization'"),
        ({"staging_labels": ""}, "'staging_labels'"),
        ({"nightly_labels": "a b"}, "'nightly_labels'"),
        ({"staging_organization": "scientific-python-nightly-wheels"}, "with the same label"),
        ({"staging_organization": "one", "nightly_organization": "one", "staging_labels": "a,main"}, "same label"),
    ],
)
def test_a_wrong_input_is_refused_by_its_name(tmp_path: Path, inputs: dict[str, str], named: str) -> None:
    ran = run(tmp_path, "schedule", ON_GITHUB, **inputs)
    assert ran.code == 2
    assert named in str(ran.error)


def test_one_organization_can_have_both_under_labels_of_their_own(tmp_path: Path) -> None:
    same = {"nightly_organization": "one", "staging_organization": "one", "staging_labels": "staging"}
    assert run(tmp_path, "push", MERGED, **same).outputs["label"] == "staging"


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff\xfe",
        b'{"repository": null}',
        b'{"repository": []}',
        b'{"repository": {"default_branch": 7}}',
        b'{"repository": {"default_branch": "main", "fork": "no"}}',
        b'{"repository": {"default_branch": "main"}, "head_commit": "Mend it"}',
        b"[" * 100_000,
    ],
    ids=lambda payload: payload[:40].decode("latin-1"),
)
def test_an_event_that_can_not_be_read_publishes_no_push_and_says_so(tmp_path: Path, payload: bytes) -> None:
    ran = run(tmp_path, "push", payload, **STAGING)
    assert (ran.code, ran.outputs["channel"]) == (0, "none")
    assert "The event's file tells nothing" in ran.log


@pytest.mark.parametrize("path", ["", "nowhere/event.json", "."])
def test_an_event_without_a_file_publishes_no_push(tmp_path: Path, path: str) -> None:
    variables = {"GITHUB_EVENT_NAME": "push", "GITHUB_REF": "refs/heads/main", "GITHUB_EVENT_PATH": path}
    ran = Caller(tmp_path, variables).run(channel.run, **STAGING)
    assert (ran.code, ran.outputs["channel"]) == (0, "none")
    assert "The event's file tells nothing" in ran.log


def test_away_from_github_there_is_no_channel(tmp_path: Path) -> None:
    assert Caller(tmp_path).run(channel.run).outputs["channel"] == "none"


def test_what_a_branch_is_called_does_nothing_in_the_summary_nor_in_the_outputs(tmp_path: Path) -> None:
    ref = "refs/heads/<b>@someone</b>\nchannel=nightly\n::error::x"
    ran = run(tmp_path, "push", MERGED, ref, **STAGING)
    assert ran.outputs["channel"] == "none"
    assert "<b>" not in ran.summary
    assert "@someone" not in ran.summary
    assert "\n::error" not in ran.log
