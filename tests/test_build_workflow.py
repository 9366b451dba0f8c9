"""build-wheels.yml as data: what becomes of jobs that fail, or aren't run, which only GitHub itself would show."""

from __future__ import annotations

from test_doors import ROOT, Yaml, jobs

WORKFLOW = ROOT / ".github" / "workflows" / "build-wheels.yml"


def job(name: str) -> Yaml:
    found: Yaml = jobs(WORKFLOW)[name]
    return found


def test_what_may_be_missing_does_not_fail_the_workflow_as_nothing_that_needs_it_would_run_then() -> None:
    allowed = {name: each["continue-on-error"] for name, each in jobs(WORKFLOW).items() if "continue-on-error" in each}
    assert allowed == dict.fromkeys(("sdist", "wheels"), "${{ inputs.require_complete == 'warn' }}")


def test_a_job_that_has_skipped_or_failed_ones_behind_it_says_itself_when_it_runs() -> None:
    conditions = {name: each["if"] for name, each in jobs(WORKFLOW).items() if name in ("gather", "attest")}
    assert all("!cancelled()" in condition for condition in conditions.values())
    assert "needs.plan.result == 'success'" in conditions["gather"]
    assert "needs.gather.result == 'success' && inputs.attest" in conditions["attest"]


def test_the_plan_is_found_also_where_it_is_all_that_was_made() -> None:
    by_name, by_pattern = (step["with"] for step in job("gather")["steps"] if "download-artifact" in step["uses"])
    (check,) = (step["with"] for step in job("gather")["steps"] if "plan" in step["with"])
    assert by_name["name"] == "${{ inputs.artifact }}_plan"
    assert check["plan"] == f"{by_name['path']}/build-plan.json"
    assert check["paths"] == by_pattern["path"]
