"""Where it is shown that the cleanup doesn't do what went wrong with others, and what shows nowhere else."""

from __future__ import annotations

import ast
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from anaconda_server import AnacondaServer
from cleaning import AnacondaSite, Cleaning
from hazards import HAZARDS

HERE = Path(__file__).parent

SHOWN = {
    "H8": "test_cleanup_apply.test_a_failure_now_and_then_doesnt_end_the_run",
    "H9": "test_cleanup_plan.test_an_answer_that_makes_no_sense_deletes_nothing",
    "H10e": "test_cleanup_workflow.test_the_policy_is_that_of_the_commit_that_runs",
    "H11": "test_cleanup_races.test_the_token_is_nowhere_but_in_its_requests",
    "H12": "test_cleanup_hazards.test_a_file_is_named_in_full_and_nothing_but_files_is_deleted",
    "H13": "test_cleanup_races.test_an_upload_that_replaces_a_planned_file_meanwhile_is_left_alone",
    "H14": "test_cleanup_together.test_eight_publishers_and_a_cleanup_lose_nothing",
    "H15": "test_doors.test_a_run_is_never_cut_short_by_the_next_one_of_the_same_channel",
    "H16": "test_cleanup_limits.test_beyond_a_limit_nothing_goes_and_it_says_what_would_and_how_it_may",
    "H18": "test_cleanup_hazards.test_a_summary_that_reads_like_a_project_is_none",
    "H20": "test_cleanup_apply.test_a_file_that_is_gone_already_is_no_failure",
    "H21": "test_cleanup_plan.test_a_plan_asks_for_the_list_and_once_for_each_project",
    "H22": "test_freshness.test_a_project_of_the_roster_that_is_not_there_is_gone",
    "H23": "test_cleanup_workflow.test_no_step_runs_a_program_of_its_own_so_none_prints_the_environment",
    "harbor#8717": "test_cleanup_hazards.test_a_file_with_the_bytes_of_one_that_goes_stays_whole",
    "harbor#20996": "test_cleanup_plan.test_a_plan_with_a_token_that_may_delete_makes_no_request_but_get",
    "gitea#31961": "test_cleanup_hazards.test_every_file_of_a_large_project_is_looked_at",
    "stale#536": "test_cleanup_limits.test_beyond_a_limit_nothing_goes_and_it_says_what_would_and_how_it_may",
    "artifactory-cleanup#146": "test_cleanup_limits.test_confirmed_by_its_digest_exactly_that_set_goes",
}
"""Which test shows it, by the hazard's id."""


def server_of(cleaning: Cleaning) -> AnacondaServer:
    assert isinstance(cleaning.site, AnacondaSite)
    return cleaning.site.server


def test_every_hazard_that_no_decision_shows_is_shown_elsewhere() -> None:
    assert SHOWN.keys() == {hazard for hazard, (_, where) in HAZARDS.items() if not where.endswith(".py")}


@pytest.mark.parametrize("test", sorted(set(SHOWN.values())))
def test_the_test_that_shows_it_is_there(test: str) -> None:
    module, _, name = test.partition(".")
    tree = ast.parse((HERE / f"{module}.py").read_bytes())
    assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def test_a_file_is_named_in_full_and_nothing_but_files_is_deleted(online: Cleaning) -> None:
    online.rule("keep: 1\nmax_age: 5d\nfloor: 0\ncoverage: 0\nallow_empty: true\nlimits: {project_share: 100%}")
    online.add("1.0.dev1+g12ab", 40, "linux", "win")
    online.add("1.0.dev2", 30, name="other")
    online.plan()
    run = online.apply()
    assert run.code == 0, run.log
    assert online.site.names() == []
    assert [entry.split()[1].split("/")[1:5] for entry in run.writes] == [
        ["dist", "nightly-wheels", "demo-pkg", "1.0.dev1%2Bg12ab"],
        ["dist", "nightly-wheels", "demo-pkg", "1.0.dev1%2Bg12ab"],
        ["dist", "nightly-wheels", "other", "1.0.dev2"],
    ]
    assert all(entry.split()[1].endswith(".whl") for entry in run.writes)


def test_a_summary_that_reads_like_a_project_is_none(online: Cleaning) -> None:
    online.add("1.0.dev1", 1, summary="nightly-wheels/other : a project")
    run = online.plan()
    assert run.code == 0, run.log
    assert [entry.split()[1] for entry in run.asked()] == [
        "/packages/nightly-wheels",
        "/package/nightly-wheels/demo-pkg",
    ]


def test_a_file_with_the_bytes_of_one_that_goes_stays_whole(online: Cleaning) -> None:
    names = online.nights(3)
    state = server_of(online).state
    oldest = state.files("nightly-wheels", "demo-pkg")[0]
    path = shutil.copyfile(oldest.path, online.root / "twin")
    twin = replace(oldest, id="f" * 24, version="1.0.dev2", basename=names[2].replace("-cp", "-1-cp", 1), path=path)
    state.add(twin)
    online.plan()
    assert online.apply().names("deleted") == [names[0]]
    assert online.site.content(twin.basename) == path.read_bytes()


def test_every_file_of_a_large_project_is_looked_at(online: Cleaning) -> None:
    server = server_of(online)
    (name,) = online.add("1.0.dev1", 1)
    (file,) = server.state.files("nightly-wheels", "demo-pkg")
    release = server.state.release("nightly-wheels", "demo-pkg", "1.0.dev1")
    for number in range(1, 1000):
        basename = name.replace("-cp312-", f"-{number}-cp312-", 1)
        release.files[basename] = replace(file, id=f"{number:024x}", basename=basename)
    online.plan()
    assert len(online.planned["files"]) == 1000
