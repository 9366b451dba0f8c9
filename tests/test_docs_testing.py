"""The page on testing says what the workflow and the code say."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
import yaml

from nightly.downstream.modes import plan, verify
from nightly.downstream.records.plan import State
from nightly.downstream.running.known import read_known
from nightly.downstream.telling.outcome import Outcome
from readme import ROOT, code, section, snippets, table, text

PAGE = ROOT / "docs" / "testing.md"
SOURCE = (ROOT / ".github" / "workflows" / "test-nightly.yml").read_text(encoding="utf-8")
WORKFLOW = yaml.load(SOURCE, yaml.BaseLoader)  # noqa: S506 - it builds text alone
CALLED = WORKFLOW["on"]["workflow_call"]
DOOR = yaml.safe_load((ROOT / ".github" / "actions" / "nightlies" / "action.yml").read_text(encoding="utf-8"))


def test_the_table_of_inputs_has_the_names_and_defaults_of_the_workflow() -> None:
    declared = {
        name: "required" if given.get("required") == "true" else given["default"] or "empty"
        for name, given in CALLED["inputs"].items()
    }
    told = {code(row[0]): code(row[1]) for row in table(section(PAGE, "Inputs"))}
    assert told == declared
    assert list(told) == list(declared)


def test_the_table_of_outputs_has_those_of_the_workflow() -> None:
    assert [code(row[0]) for row in table(section(PAGE, "Outputs"))] == list(CALLED["outputs"])


def test_an_input_that_the_workflow_and_its_door_share_has_one_default() -> None:
    shared = CALLED["inputs"].keys() & DOOR["inputs"].keys()
    assert len(shared) > 10
    for name in shared - {"install", "test"}:
        assert CALLED["inputs"][name]["default"] == DOOR["inputs"][name]["default"], name


def test_every_outcome_and_every_state_is_explained() -> None:
    assert {code(row[0]) for row in table(section(PAGE, "Outcomes"))} == {each.value for each in Outcome}
    assert {code(row[0]) for row in table(section(PAGE, "Plan"))} == {each.value for each in State}


@pytest.mark.parametrize("page", [PAGE, ROOT / "README.md"], ids=lambda page: page.name)
def test_the_permissions_that_are_shown_are_those_of_the_jobs_and_no_more(page: Path) -> None:
    needed = {pair for job in WORKFLOW["jobs"].values() for pair in (job["permissions"] or {}).items()}
    calls = [
        job
        for snippet in snippets(page, "yaml")
        if snippet.is_workflow
        for job in yaml.safe_load(snippet.text)["jobs"].values()
        if "test-nightly.yml" in job.get("uses", "")
    ]
    assert calls
    for job in calls:
        assert set(job["permissions"].items()) == needed


def test_only_the_job_that_reports_may_write_and_it_checks_nothing_out() -> None:
    jobs = WORKFLOW["jobs"]
    assert {name for name, job in jobs.items() if "write" in (job["permissions"] or {}).values()} == {"report"}
    used = {name: [step.get("uses", "") for step in job["steps"]] for name, job in jobs.items()}
    prepared = {name for name, uses in used.items() if any("prepare" in each or "checkout" in each for each in uses)}
    assert prepared == {"test", "isolate", "isolate-again"}
    for name in prepared:
        assert jobs[name]["permissions"] == {"contents": "read"}
        assert "secrets." not in yaml.safe_dump(jobs[name])


def test_the_two_rounds_of_experiments_do_the_same() -> None:
    first, second = WORKFLOW["jobs"]["isolate"], WORKFLOW["jobs"]["isolate-again"]
    assert first["steps"] == second["steps"]


def test_the_known_failures_that_are_shown_can_be_read(tmp_path: Path) -> None:
    (snippet,) = snippets(PAGE, "ini")
    (tmp_path / "known.ini").write_text(snippet.text, encoding="utf-8")
    assert len(read_known(tmp_path / "known.ini")) == 1


def test_the_flags_that_are_shown_are_there() -> None:
    modes = {"plan": plan.INPUTS, "verify": verify.INPUTS}
    lines = [line for snippet in snippets(PAGE, "console") for line in snippet.text.splitlines() if "nightlies" in line]
    shown = [shlex.split(line.partition("scripts nightlies ")[2]) for line in lines]
    assert {words[0] for words in shown} == set(modes)
    for mode, *words in shown:
        assert {word for word in words if word.startswith("--")} <= {each.flag for each in modes[mode]}


def test_the_page_is_found_from_readme() -> None:
    assert re.search(r"\]\(docs/testing\.md[)#]", text(ROOT / "README.md"))
