"""The templates of callers' workflows fit what they call. That they are workflows at all is tested with README's."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml

from readme import REPOSITORY, ROOT, Snippet, templates

TEMPLATES = {snippet.page.removeprefix("template-"): snippet for snippet in templates()}

each_template = pytest.mark.parametrize("template", TEMPLATES.values(), ids=TEMPLATES)

Yaml = dict[str, Any]  # of any shape: the schema is checked by check-jsonschema

ATTESTING = {("attestations", "write"), ("id-token", "write")}
"""What the job Attest of build-wheels.yml needs, which asks for nothing itself: it's run only for who grants it."""


def load(text: str) -> Yaml:
    """YAML in which every scalar is a text, and `on` is one too."""
    loaded: Yaml = yaml.load(text, yaml.BaseLoader)  # noqa: S506 - it builds text alone
    return loaded


def jobs(template: Snippet) -> dict[str, Yaml]:
    found: dict[str, Yaml] = load(template.text)["jobs"]
    return found


def called(job: Yaml) -> Yaml:
    """The workflow of ours that a job calls, or {}."""
    path, _, _ = str(job.get("uses", "")).partition("@")
    if not path.startswith(REPOSITORY):
        return {}
    return load((ROOT / path.removeprefix(f"{REPOSITORY}/")).read_text(encoding="utf-8"))


def asked(workflow: Yaml) -> set[tuple[str, str]]:
    """The permissions that the jobs of a called workflow ask for."""
    own = [job.get("permissions", {}) for job in workflow["jobs"].values()]
    return {pair for permissions in own for pair in permissions.items()}


def test_there_is_one_for_each_part_of_the_way() -> None:
    assert set(TEMPLATES) == {"nightly", "staging", "release", "driver"}


@each_template
def test_a_call_grants_what_the_called_jobs_ask_for_and_no_more(template: Snippet) -> None:
    for name, job in jobs(template).items():
        if workflow := called(job):
            attests = job.get("with", {}).get("attest") == "true"
            assert set(job["permissions"].items()) == asked(workflow) | (ATTESTING if attests else set()), name


@each_template
def test_a_call_passes_the_secrets_that_there_are_and_no_others(template: Snippet) -> None:
    for name, job in jobs(template).items():
        if workflow := called(job):
            assert set(job.get("secrets", {})) == set(workflow["on"]["workflow_call"].get("secrets", {})), name


@each_template
def test_what_is_taken_from_another_job_is_what_that_one_gives(template: Snippet) -> None:
    for name, job in jobs(template).items():
        taken = re.findall(r"needs\.([\w-]+)\.outputs\.([\w-]+)", yaml.safe_dump(job))
        for needed, output in taken:
            assert needed in job["needs"], name
            assert output in called(jobs(template)[needed])["on"]["workflow_call"]["outputs"], name


@each_template
def test_inputs_that_are_read_are_those_that_are_asked_for(template: Snippet) -> None:
    dispatched = (load(template.text)["on"].get("workflow_dispatch") or {}).get("inputs", {})
    assert set(re.findall(r"\binputs\.(\w+)", template.text)) == set(dispatched)


@each_template
def test_nothing_runs_in_a_fork_and_no_run_cuts_a_publication_short(template: Snippet) -> None:
    loaded = load(template.text)
    assert loaded["permissions"] == {}
    assert loaded["concurrency"]["cancel-in-progress"] in ("false", "${{ github.event_name == 'pull_request' }}")
    for job in loaded["jobs"].values():
        assert "github.repository == 'OWNER/PROJECT" in job.get("if", "") or "needs" in job


@pytest.mark.parametrize("name", ["nightly", "driver"])
def test_a_schedule_names_a_minute_at_which_not_everybody_starts(name: str) -> None:
    (schedule,) = load(TEMPLATES[name].text)["on"]["schedule"]
    assert schedule["cron"].split()[0] not in {"0", "*", "30"}


def test_a_label_decides_of_a_pull_request_whether_it_is_built_and_never_whether_it_is_published() -> None:
    staging = jobs(TEMPLATES["staging"])
    assert "contains(github.event.pull_request.labels.*.name, 'Build wheels')" in staging["build"]["if"]
    assert staging["publish"]["if"] == "github.event_name == 'push'"
    assert "pull_request_target" not in TEMPLATES["staging"].text


def test_what_is_uploaded_is_what_the_check_has_left_by_the_callers_own_job() -> None:
    release = jobs(TEMPLATES["release"])
    check, publish = called(release["check"]), release["publish"]
    download, upload = publish["steps"]
    kept = [step["with"]["name"] for step in check["jobs"]["check"]["steps"] if "upload-artifact" in step["uses"]]
    assert download["with"]["name"] in kept
    assert upload["uses"].startswith("pypa/gh-action-pypi-publish@")
    assert upload["with"] == {"attestations": "true", "print-hash": "true"}
    assert (publish["environment"], publish["permissions"]) == ("pypi", {"id-token": "write"})
    assert publish["needs"] == "check"
    assert "needs.check.result == 'success'" in publish["if"]
