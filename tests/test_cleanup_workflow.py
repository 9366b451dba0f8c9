"""What the channel's cleanup workflow must never do again: the workflow as data."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def workflow() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((ROOT / ".github" / "workflows" / "cleanup.yml").read_bytes())
    return loaded


def steps(workflow: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for job in workflow["jobs"].values():
        yield from job.get("steps", ())


def test_the_policy_is_that_of_the_commit_that_runs(workflow: dict[str, Any]) -> None:
    jobs = [workflow["jobs"][name]["steps"] for name in ("plan", "apply")]
    for job in jobs:
        assert job[0]["uses"].startswith("actions/checkout@")
        assert set(job[0]["with"]) == {"persist-credentials"}
    policies = {step["with"]["policy"] for job in jobs for step in job if "policy" in step.get("with", {})}
    assert policies == {"cleanup/policy.yml"}
    assert (ROOT / "cleanup" / "policy.yml").is_file()


def test_no_step_runs_a_program_of_its_own_so_none_prints_the_environment(workflow: dict[str, Any]) -> None:
    assert not [step for step in steps(workflow) if "run" in step]
