"""The workflows that publish to a channel and verify there, as data: what they may, and who gets the token."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from nightly.building.modes import cells, channel, install, sums
from test_doors import ROOT, Yaml, jobs, load, steps

PUBLISH, VERIFY = (ROOT / ".github" / "workflows" / f"{name}-channel.yml" for name in ("publish", "verify"))
BUILD = ROOT / ".github" / "actions" / "build" / "action.yml"
MODES = {"channel": channel, "sums": sums, "cells": cells, "install": install}
PASSED_ON = {"artifact", "projects"}
"""Inputs that no mode of ours reads."""

each_workflow = pytest.mark.parametrize("workflow", [PUBLISH, VERIFY], ids=["publish", "verify"])
each_mode = pytest.mark.parametrize("mode", MODES)


def called(workflow: Yaml) -> Yaml:
    """What it says of being called. YAML 1.1, which PyYAML reads, takes the key `on` for true."""
    found: Yaml = workflow[True]["workflow_call"]  # type: ignore[index]
    return found


@each_workflow
def test_no_job_asks_for_any_right_and_none_checks_anything_out(workflow: Path) -> None:
    assert [job["permissions"] for job in jobs(workflow).values()] == [{}, {}]
    assert not any("actions/checkout" in step["uses"] for step in steps(workflow))


def test_the_token_is_given_to_the_upload_alone_in_the_environment_of_the_channel() -> None:
    choose, publish = jobs(PUBLISH).values()
    assert "environment" not in choose
    assert publish["environment"] == "${{ needs.choose.outputs.channel }}"
    assert publish["if"] == "${{ needs.choose.outputs.channel != 'none' }}"
    with_secret = [step["id"] for step in publish["steps"] if "secrets." in str(step)]
    assert with_secret == ["upload"]
    assert "secrets." not in str(choose)
    assert "secrets." not in str(jobs(VERIFY))


def test_the_files_are_held_against_their_sums_before_anything_is_sent() -> None:
    download, check, upload = jobs(PUBLISH)["publish"]["steps"]
    assert download["with"]["path"] == check["with"]["files"] == upload["with"]["artifacts_path"] == "dist"
    assert check["with"]["mode"] == "sums"
    assert not any("if" in step or "continue-on-error" in step for step in (check, upload))


def test_no_two_runs_publish_the_same_to_one_channel_at_once_and_none_is_cut_short() -> None:
    concurrency = jobs(PUBLISH)["publish"]["concurrency"]
    assert concurrency["cancel-in-progress"] is False
    assert "needs.choose.outputs.channel" in concurrency["group"]
    assert "inputs.artifact" in concurrency["group"]


def test_what_publishing_takes_of_the_choice_is_what_the_choice_gives() -> None:
    choose, publish = jobs(PUBLISH).values()
    taken = set(re.findall(r"needs\.choose\.outputs\.(\w+)", str(publish)))
    given = {name: f"${{{{ steps.choose.outputs.{name} }}}}" for name in choose["outputs"]}
    assert choose["outputs"] == given
    assert taken <= given.keys() <= load(BUILD)["outputs"].keys()


@each_workflow
def test_an_input_means_the_same_to_the_workflow_as_to_the_mode(workflow: Path) -> None:
    declared = called(load(workflow))["inputs"]
    defaults = {each.name: each.default for mode in MODES.values() for each in mode.INPUTS}
    for name in declared.keys() - PASSED_ON:
        assert str(declared[name].get("default", "")) == defaults[name]
    handed = [step["with"] for step in steps(workflow) if "with" in step]
    assert all(any(f"inputs.{name} " in str(each) for each in handed) for name in declared)


@each_mode
def test_the_workflow_hands_a_mode_all_its_inputs(mode: str) -> None:
    (given,) = (
        step["with"] for path in (PUBLISH, VERIFY) for step in steps(path) if step.get("with", {}).get("mode") == mode
    )
    assert given.keys() == {"mode", *(each.name for each in MODES[mode].INPUTS)}


@each_mode
def test_the_door_takes_all_inputs_of_the_mode(mode: str) -> None:
    declared = {name: given.get("default", "") for name, given in load(BUILD)["inputs"].items()}
    assert {each.name: each.default for each in MODES[mode].INPUTS}.items() <= declared.items()
