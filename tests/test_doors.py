"""Actions and workflows as data: what they declare is what the code reads, and no risk that YAML offers is taken."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest
import yaml

import check
import cleanup
import freshness
import keep_alive
import last_artifact
import modes
import report_failure
import report_upload
from nightly import channel_inputs, dispatching, upload_options
from nightly.building.modes import cells, channel, install, plan, release, sdist, source, sums, wheels
from nightly.downstream.modes import experiment, report, snapshot, suspects
from nightly.downstream.modes import test as testing
from nightly.launcher import commands
from nightly.options import Input
from nightly.report import Report

ROOT = Path(__file__).resolve().parent.parent
ACTIONS = sorted(
    path for glob in ("action.yml", "*/action.yml", ".github/actions/*/action.yml") for path in ROOT.glob(glob)
)
WORKFLOWS = sorted(ROOT.glob(".github/workflows/*.yml"))


@dataclass(frozen=True)
class Door:
    """What a door is to hand over: the command's inputs, those that must be given, and tokens by their variables."""

    path: str
    inputs: Sequence[Input]
    required: Sequence[str] = ()
    tokens: Mapping[str, str] = field(default_factory=dict)
    outputs: Sequence[str] = ()
    defaults: Mapping[str, str] = field(default_factory=dict)


ANACONDA_TOKEN = {"anaconda_token": channel_inputs.TOKEN_VARIABLE}
GITHUB_TOKEN = {"github_token": "INPUT_GITHUB_TOKEN"}
OF_THE_JOB = {"github_token": "${{ github.token }}"}
OF_A_WEEK = (experiment, report, snapshot, suspects, testing)
OF_A_BUILD = (plan, source, sdist, wheels, channel, sums, release, cells, install)
ELSEWHERE = ("attempt", *(each.name for each in channel_inputs.CHANNEL_INPUTS if not each.name.endswith("_url")))
"""Inputs that only a person gives: the workflow has one for all channels, and a runner counts its attempts."""

OF_A_CLEANUP = (modes.MODE, *channel_inputs.CHANNEL_INPUTS, modes.POLICY, modes.PLAN, modes.PREVIOUS)

DOORS = [
    *(
        Door(
            path,
            inputs=(*upload_options.INPUTS, report_upload.REPORT_FAILURES),
            required=["artifacts_path"],
            tokens={"anaconda_nightly_upload_token": upload_options.TOKEN_VARIABLE, **GITHUB_TOKEN},
            outputs=[*Report("", "", ()).outputs, "report"],
            defaults={"report_failures": "false", **OF_THE_JOB},
        )
        for path in ("action.yml", ".github/actions/upload/action.yml")
    ),
    Door(
        "cleanup/action.yml",
        inputs=(*OF_A_CLEANUP, modes.CONFIRM, modes.GRACE),
        required=["policy"],
        tokens=ANACONDA_TOKEN,
        outputs=list(cleanup.OUTPUTS),
        defaults={"mode": "plan"},
    ),
    Door(
        ".github/actions/freshness/action.yml",
        inputs=freshness.INPUTS,
        required=["policy"],
        tokens={**ANACONDA_TOKEN, **GITHUB_TOKEN, "projects_token": freshness.PROJECTS_TOKEN_VARIABLE},
        defaults=OF_THE_JOB,
    ),
    Door(
        ".github/actions/report-failure/action.yml",
        inputs=report_failure.INPUTS,
        required=["needs"],
        tokens=GITHUB_TOKEN,
        defaults=OF_THE_JOB,
    ),
    Door(".github/actions/keep-alive/action.yml", inputs=keep_alive.INPUTS, tokens=GITHUB_TOKEN, defaults=OF_THE_JOB),
    Door(
        ".github/actions/last-artifact/action.yml",
        inputs=last_artifact.INPUTS,
        required=["name", "file"],
        tokens=GITHUB_TOKEN,
        outputs=["path"],
        defaults=OF_THE_JOB,
    ),
    Door(
        ".github/actions/nightlies/action.yml",
        inputs=(dispatching.MODE, *(each for mode in OF_A_WEEK for each in mode.INPUTS if each.name not in ELSEWHERE)),
        required=["mode"],
        tokens=GITHUB_TOKEN,
        outputs=["matrix", "experiments", "results", "outcome", "culprit", "issue_url", "report"],
        defaults={"channels": "scientific-python-nightly-wheels"},
    ),
    Door(
        ".github/actions/build/action.yml",
        inputs=(dispatching.MODE, *(each for mode in OF_A_BUILD for each in mode.INPUTS)),
        required=["mode"],
        tokens=GITHUB_TOKEN,
        outputs=[
            "source_sha",
            "describe",
            "version",
            "tag",
            "matrix",
            "results",
            "channel",
            "reason",
            "organization",
            "labels",
            "label",
            "on_existing",
            "version_policy",
            "missing_token",
        ],
    ),
    Door(
        ".github/actions/check/action.yml",
        inputs=(check.PATHS, *check.INPUTS),
        required=["paths"],
        outputs=["version", "files", "complete", "directory"],
    ),
]

PREPARE = ".github/actions/prepare/action.yml"
"""It has no command of ours: it only uses actions of others, and runs the caller's own."""

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


def jobs(path: Path) -> dict[str, Yaml]:
    found: dict[str, Yaml] = load(path).get("jobs", {})
    return found


each_door = pytest.mark.parametrize("door", DOORS, ids=lambda door: door.path)
each_workflow = pytest.mark.parametrize("workflow", WORKFLOWS, ids=name_of)
each_file = pytest.mark.parametrize("file", [*ACTIONS, *WORKFLOWS], ids=name_of)


def test_every_door_is_held_to_its_command() -> None:
    assert sorted([PREPARE, *(door.path for door in DOORS)]) == [name_of(action) for action in ACTIONS]


@each_door
def test_a_door_declares_the_inputs_of_the_command_with_their_defaults(door: Door) -> None:
    declared = {name: given.get("default", "") for name, given in load(ROOT / door.path)["inputs"].items()}
    defaults = {each.name: each.default for each in door.inputs} | dict.fromkeys(door.tokens, "")
    assert declared == {**defaults, **door.defaults}


@each_door
def test_only_what_nobody_can_guess_is_required(door: Door) -> None:
    required = [name for name, given in load(ROOT / door.path)["inputs"].items() if given["required"]]
    assert required == list(door.required)


@each_door
def test_a_door_hands_every_input_over_by_the_variable_that_the_command_reads(door: Door) -> None:
    given = [each for step in steps(ROOT / door.path) for each in step["env"].items() if "inputs." in each[1]]
    variables = {each.variable: each.name for each in door.inputs}
    variables |= {variable: name for name, variable in door.tokens.items()}
    assert dict(given) == {variable: f"${{{{ inputs.{name} }}}}" for variable, name in variables.items()}


@each_door
def test_a_door_passes_on_every_output_that_the_command_sets(door: Door) -> None:
    step = next(steps(ROOT / door.path))
    outputs = {name: given["value"] for name, given in load(ROOT / door.path).get("outputs", {}).items()}
    assert outputs == {name: f"${{{{ steps.{step['id']}.outputs.{name} }}}}" for name in door.outputs}


def test_both_doors_of_the_upload_are_the_same_but_for_the_way_to_the_scripts() -> None:
    root, second = ((ROOT / door.path).read_text(encoding="utf-8") for door in DOORS[:2])
    assert second == root.replace('"$GITHUB_ACTION_PATH/scripts"', '"$GITHUB_ACTION_PATH/../../../scripts"')


@each_door
def test_a_door_leads_to_the_scripts(door: Door) -> None:
    action = ROOT / door.path
    for step in steps(action):
        (way, command) = re.findall(r'"\$GITHUB_ACTION_PATH(/\S+)" ([\w-]+);', step["run"])[0]
        assert (action.parent / way.lstrip("/")).resolve() == ROOT / "scripts"
        assert command in commands(ROOT / "scripts")
        assert step["id"] == command


@pytest.mark.parametrize("door", DOORS[:2], ids=lambda door: door.path)
def test_the_report_on_the_upload_gets_what_the_upload_left_and_not_its_token(door: Door) -> None:
    first, report = steps(ROOT / door.path)
    assert report["if"] == "${{ !cancelled() && inputs.report_failures != 'false' }}"
    variables = {*(each.variable for each in report_upload.INPUTS), *GITHUB_TOKEN.values()}
    assert set(report["env"]) == variables
    assert set(first["env"]) & set(report["env"]) == {"INPUT_DRY_RUN"}
    assert report["env"]["INPUT_OUTCOME"] == f"${{{{ steps.{first['id']}.outcome }}}}"
    for name in ("problem", "report"):
        assert report["env"][f"INPUT_{name.upper()}"] == f"${{{{ steps.{first['id']}.outputs.{name} }}}}"


@each_file
def test_no_expression_is_pasted_into_a_program(file: Path) -> None:
    assert [step["run"] for step in steps(file) if "${{" in step.get("run", "")] == []


@each_file
def test_whatever_is_used_is_pinned_to_a_commit_whose_version_is_said(file: Path) -> None:
    lines = re.findall(r"(?m)^ *(?:- )?uses: *(.*)", file.read_text(encoding="utf-8"))
    pinned = re.compile(r"[\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+|\$/\S+|\./( # zizmor: ignore\[[\w-]+\] .+)?")
    assert [line for line in lines if not pinned.fullmatch(line)] == []
    assert len(lines) == sum("uses" in each for each in (*steps(file), *jobs(file).values()))


def test_an_action_has_one_version_in_all_workflows() -> None:
    pins = {
        use
        for path in [*ACTIONS, *WORKFLOWS]
        for use in re.findall(r"uses: ([\w./-]+@[0-9a-f]{40})", path.read_text("utf-8"))
    }
    names = [use.partition("@")[0] for use in pins]
    assert len(names) == len(set(names)) > 0


GRANTED = {
    "ci.yml": {("contents", "read")},
    "cleanup.yml plan": {("actions", "read"), ("contents", "read")},
    "cleanup.yml apply": {("contents", "read")},
    "cleanup.yml report": {("issues", "write")},
    "freshness.yml tell": {("actions", "read"), ("contents", "read"), ("issues", "write")},
    "freshness.yml keep-alive": {("actions", "write")},
    "freshness.yml report": {("issues", "write")},
    "keep-alive.yml": {("actions", "write")},
    "report-failure.yml": {("issues", "write")},
    "build-wheels.yml plan": {("contents", "read")},
    "build-wheels.yml sdist": {("contents", "read")},
    "build-wheels.yml wheels": {("contents", "read")},
    "release-check.yml": {("actions", "read"), ("contents", "read")},
    "test-nightly.yml test": {("contents", "read")},
    "test-nightly.yml suspects": {("actions", "read")},
    "test-nightly.yml isolate": {("contents", "read")},
    "test-nightly.yml isolate-again": {("contents", "read")},
    "test-nightly.yml report": {("actions", "read"), ("issues", "write")},
}
"""What the jobs of a workflow may, or one of them."""


AS_GRANTED = {"build-wheels.yml": {"attest"}}
"""Jobs that have whatever the caller grants: if they asked for it, everybody would have to grant it."""


@each_workflow
def test_a_workflow_grants_nothing_but_what_a_job_needs(workflow: Path) -> None:
    as_granted = AS_GRANTED.get(workflow.name, set())
    assert load(workflow).get("permissions") == (None if as_granted else {})
    assert not as_granted or {name for name, job in jobs(workflow).items() if "permissions" not in job} == as_granted
    for name, job in jobs(workflow).items():
        allowed = GRANTED.get(f"{workflow.name} {name}", GRANTED.get(workflow.name, set()))
        assert set(job.get("permissions", {}).items()) <= allowed


@each_workflow
def test_a_called_workflow_gets_what_its_jobs_ask_for(workflow: Path) -> None:
    """Asking for more than the caller has ends a run before it begins, without a log."""
    for job in jobs(workflow).values():
        if called := re.fullmatch(r"\$/\.github/workflows/(.+)", job.get("uses", "")):
            asked = [each["permissions"] for each in jobs(workflow.with_name(called[1])).values()]
            assert asked == [job["permissions"]]


@each_workflow
def test_no_job_runs_for_hours(workflow: Path) -> None:
    """Those of a called workflow are seen to there. What runs a project's tests has a limit of its own, an input."""
    own = [job for job in jobs(workflow).values() if "uses" not in job]
    asked = ["timeout_minutes" in step.get("with", {}) for job in own for step in job["steps"]]
    assert sum(job["timeout-minutes"] == 360 for job in own) == sum(asked)
    limits = {job["timeout-minutes"] for job in own} - {360, "${{ inputs.timeout_minutes }}"}
    assert all(0 < limit <= 60 for limit in limits)


@each_workflow
def test_a_secret_is_given_to_one_step_of_a_job_in_an_environment(workflow: Path) -> None:
    for job in jobs(workflow).values():
        given = [step for step in job.get("steps", ()) if "secrets." in str(step)]
        assert str(job).count("secrets.") == len(given) <= 1
        assert not given or job["environment"]


def test_the_cleanups_plan_has_no_secret_and_its_application_no_right_on_github() -> None:
    plan, apply = (jobs(ROOT / ".github" / "workflows" / "cleanup.yml")[name] for name in ("plan", "apply"))
    assert "secrets." not in str(plan)
    assert "environment" not in plan
    assert apply["environment"] == "cleanup"
    assert apply["permissions"] == {"contents": "read"}


WEEKLY = ROOT / ".github" / "workflows" / "test-nightly.yml"


def test_no_step_that_runs_a_projects_code_gets_a_token() -> None:
    with_token = [step["with"]["mode"] for step in steps(WEEKLY) if "token" in str(step.get("with"))]
    assert with_token == ["report"]


def test_the_first_job_gets_all_that_it_can_check_for_the_others() -> None:
    given = {step["with"]["mode"]: step["with"] for step in steps(WEEKLY) if "mode" in step.get("with", {})}
    others = {name for mode, its in given.items() if mode != "snapshot" for name in its}
    assert {each.name for each in snapshot.INPUTS} & others <= given["snapshot"].keys()


def test_the_report_needs_no_earlier_run_and_no_answer_of_what_keeps_it() -> None:
    earlier = [step for step in steps(WEEKLY) if step.get("id") == "last"]
    assert [step["continue-on-error"] for step in earlier] == [True, True]


@pytest.mark.parametrize("other", ["a_b", "a_cell", "a_1", "b_a", "cell_a", "A", "a.b"])
def test_calls_of_other_names_in_one_run_take_nothing_from_each_other(other: str) -> None:
    given = [step["with"] for step in steps(WEEKLY) if "-artifact@" in step.get("uses", "")]

    def spelled(key: str, name: str) -> list[str]:
        texts = [each[key].replace("${{ inputs.name }}", name) for each in given if key in each]
        return [re.sub(r"\$\{\{.*?\}\}", "1", text) for text in texts]

    for pattern in spelled("pattern", "a"):
        assert any(fnmatchcase(name, pattern) for name in spelled("name", "a"))
        assert not any(fnmatchcase(name, pattern) for name in spelled("name", other))


@pytest.mark.parametrize("name", ["cleanup.yml", "freshness.yml"])
def test_a_run_is_never_cut_short_by_the_next_one_of_the_same_channel(name: str) -> None:
    concurrency = load(ROOT / ".github" / "workflows" / name)["concurrency"]
    assert concurrency["cancel-in-progress"] is False
    assert concurrency["group"].endswith("${{ vars.CHANNEL_ORGANIZATION }}")


def test_freshness_runs_on_weekdays_an_hour_before_the_cleanup() -> None:
    crons = {}
    for name in ("cleanup", "freshness"):
        # YAML 1.1, which PyYAML reads, takes the key `on` for true.
        on = load(ROOT / ".github" / "workflows" / f"{name}.yml")[True]  # type: ignore[index]
        crons[name] = on["schedule"][0]["cron"].split()
    (minute, hour, *days), (earlier_minute, earlier_hour, *weekdays) = crons["cleanup"], crons["freshness"]
    assert (minute, int(hour) - 1) == (earlier_minute, int(earlier_hour))
    assert (days, weekdays) == (["*", "*", "*"], ["*", "*", "1-5"])


@each_file
def test_a_checkout_leaves_no_credentials_behind(file: Path) -> None:
    checkouts = [step for step in steps(file) if step.get("uses", "").startswith("actions/checkout@")]
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
    locks = [*ROOT.glob("*/requirements.txt"), *ROOT.glob("scripts/tools/*.txt")]
    assert set(updates["pip"]["directories"]) == {f"/{lock.parent.relative_to(ROOT).as_posix()}" for lock in locks}
