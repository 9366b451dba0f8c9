"""Actions and workflows as data: what they declare is what the code reads, and no risk that YAML offers is taken."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

import upload
from nightly.report import Report

ROOT = Path(__file__).resolve().parent.parent
UPLOAD_DOORS = [ROOT / "action.yml", ROOT / ".github" / "actions" / "upload" / "action.yml"]
ACTIONS = sorted(
    path for glob in ("action.yml", "*/action.yml", ".github/actions/*/action.yml") for path in ROOT.glob(glob)
)
WORKFLOWS = sorted(ROOT.glob(".github/workflows/*.yml"))
TOKEN = "anaconda_nightly_upload_token"

Yaml = dict[str, Any]  # of any shape: the schemas are checked by check-jsonschema


def load(path: Path) -> Yaml:
    loaded: Yaml = yaml.safe_load(path.read_text(encoding="utf-8"))
    return loaded


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def steps(path: Path) -> Iterator[Yaml]:
    loaded = load(path)
    yield from loaded.get("runs", {}).get("steps", ())
    for job in loaded.get("jobs", {}).values():
        yield from job.get("steps", ())


each_door = pytest.mark.parametrize("door", UPLOAD_DOORS, ids=name_of)
each_action = pytest.mark.parametrize("action", ACTIONS, ids=name_of)
each_workflow = pytest.mark.parametrize("workflow", WORKFLOWS, ids=name_of)
each_file = pytest.mark.parametrize("file", [*ACTIONS, *WORKFLOWS], ids=name_of)


@each_door
def test_a_door_declares_the_inputs_of_the_command_with_their_defaults(door: Path) -> None:
    declared = {name: given.get("default", "") for name, given in load(door)["inputs"].items()}
    assert declared == {each.name: each.default for each in upload.INPUTS} | {TOKEN: ""}


@each_door
def test_only_the_artifacts_are_required(door: Path) -> None:
    required = [name for name, given in load(door)["inputs"].items() if given["required"]]
    assert required == ["artifacts_path"]


@each_door
def test_a_door_hands_every_input_over_by_the_variable_that_the_command_reads(door: Path) -> None:
    (step,) = steps(door)
    variables = {each.variable: each.name for each in upload.INPUTS} | {upload.TOKEN_VARIABLE: TOKEN}
    assert step["env"] == {variable: f"${{{{ inputs.{name} }}}}" for variable, name in variables.items()}


@each_door
def test_a_door_passes_on_every_output_that_the_command_sets(door: Path) -> None:
    outputs = {name: given["value"] for name, given in load(door)["outputs"].items()}
    set_by_command = [*Report("", "", ()).outputs, "report"]
    assert outputs == {name: f"${{{{ steps.upload.outputs.{name} }}}}" for name in set_by_command}
    assert [step["id"] for step in steps(door)] == ["upload"]


def test_both_doors_are_the_same_but_for_the_way_to_the_scripts() -> None:
    root, second = (door.read_text(encoding="utf-8") for door in UPLOAD_DOORS)
    assert second == root.replace('"$GITHUB_ACTION_PATH/scripts"', '"$GITHUB_ACTION_PATH/../../../scripts"')


@each_action
def test_a_door_leads_to_the_scripts(action: Path) -> None:
    (step,) = steps(action)
    (way, command) = re.findall(r'"\$GITHUB_ACTION_PATH(/\S+)" ([\w-]+);', step["run"])[0]
    assert (action.parent / way.lstrip("/")).resolve() == ROOT / "scripts"
    assert (ROOT / "scripts" / f"{command.replace('-', '_')}.py").is_file()


@each_file
def test_no_expression_is_pasted_into_a_program(file: Path) -> None:
    assert [step["run"] for step in steps(file) if "${{" in step.get("run", "")] == []


@each_file
def test_whatever_is_used_is_pinned_to_a_commit_whose_version_is_said(file: Path) -> None:
    lines = re.findall(r"\buses: *(.*)", file.read_text(encoding="utf-8"))
    pinned = re.compile(r"[\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+|\$/\S+|\./( # zizmor: ignore\[[\w-]+\] .+)?")
    assert [line for line in lines if not pinned.fullmatch(line)] == []
    assert len(lines) == sum("uses" in step for step in steps(file))


def test_an_action_has_one_version_in_all_workflows() -> None:
    pins = {use for path in WORKFLOWS for use in re.findall(r"uses: ([\w./-]+@[0-9a-f]{40})", path.read_text("utf-8"))}
    names = [use.partition("@")[0] for use in pins]
    assert len(names) == len(set(names)) > 0


@each_workflow
def test_a_workflow_grants_nothing_but_job_by_job(workflow: Path) -> None:
    loaded = load(workflow)
    assert loaded["permissions"] == {}
    granted = {right for job in loaded["jobs"].values() for right in job.get("permissions", {}).items()}
    assert granted <= {("contents", "read")}


@each_workflow
def test_no_job_runs_for_hours(workflow: Path) -> None:
    assert all(0 < job["timeout-minutes"] <= 60 for job in load(workflow)["jobs"].values())


@each_workflow
def test_a_checkout_leaves_no_credentials_behind(workflow: Path) -> None:
    checkouts = [step for step in steps(workflow) if step.get("uses", "").startswith("actions/checkout@")]
    assert all(step["with"]["persist-credentials"] is False for step in checkouts)


def test_the_closing_job_needs_every_other_one() -> None:
    jobs = load(ROOT / ".github" / "workflows" / "ci.yml")["jobs"]
    assert jobs["done"]["if"] == "always()"
    assert jobs["done"]["needs"] == [name for name in jobs if name != "done"]


def test_the_tests_run_on_three_systems_with_the_oldest_and_the_newest_python() -> None:
    matrix = load(ROOT / ".github" / "workflows" / "ci.yml")["jobs"]["test"]["strategy"]["matrix"]
    assert [label.partition("-")[0] for label in matrix["os"]] == ["ubuntu", "macos", "windows"]
    assert matrix["python"] == ["3.10", "3.14"]


def test_dependabot_looks_where_there_is_something_to_update_and_waits_a_week() -> None:
    updates = {update["package-ecosystem"]: update for update in load(ROOT / ".github" / "dependabot.yml")["updates"]}
    assert updates.keys() == {"github-actions", "pip"}
    assert {update["cooldown"]["default-days"] for update in updates.values()} == {7}
    locks = {f"/{lock.parent.name}" for lock in ROOT.glob("*/requirements.txt")}
    assert set(updates["pip"]["directories"]) == locks
