"""The page on building says what the workflows and the code say."""

from __future__ import annotations

import re
import shlex

import pytest

import check
import stamp
from nightly.building.targets import parse_targets
from nightly.fetching.options import INPUTS as FETCH_INPUTS
from nightly.launcher import commands
from nightly.releasing.channel_choice import Asked, Trigger, choose
from nightly.releasing.gates import gates
from nightly.stamping.wanted import Form, parse_wanted
from readme import ROOT, code, section, snippets, table, text
from releases import full_evidence
from test_readme import MESSAGES
from test_templates import ATTESTING, asked, load

PAGE = ROOT / "docs" / "building.md"
CALLED = ("build-wheels.yml", "publish-channel.yml", "verify-channel.yml", "release-check.yml")
WORKFLOWS = {name: load((ROOT / ".github" / "workflows" / name).read_text(encoding="utf-8")) for name in CALLED}
FLAGS = {
    "stamp": {each.flag for each in stamp.INPUTS},
    "check": {each.flag for each in check.INPUTS},
    "fetch": {each.flag for each in FETCH_INPUTS},
}

each_workflow = pytest.mark.parametrize("name", CALLED)


@each_workflow
def test_the_table_of_inputs_has_the_names_and_defaults_of_the_workflow(name: str) -> None:
    declared = {
        each: "required" if given.get("required") == "true" else given["default"] or "empty"
        for each, given in WORKFLOWS[name]["on"]["workflow_call"]["inputs"].items()
    }
    told = {code(row[0]): code(row[1]) for row in table(section(PAGE, f"Inputs of {name}"))}
    assert told == declared
    assert list(told) == list(declared)


@each_workflow
def test_the_table_of_outputs_has_those_of_the_workflow(name: str) -> None:
    outputs = WORKFLOWS[name]["on"]["workflow_call"].get("outputs", {})
    told = table(section(PAGE, f"Outputs of {name}")) if outputs else []
    assert [code(row[0]) for row in told] == list(outputs)


@each_workflow
def test_permissions_and_secrets_are_those_of_the_jobs(name: str) -> None:
    rows = {code(row[0]): row for row in table(section(PAGE, "Permissions and secrets"))}
    pairs = {tuple(each.split(": ")) for each in re.findall(r"`([\w-]+: (?:read|write))`", rows[name][1])}
    attesting = ATTESTING if "attest" in WORKFLOWS[name]["on"]["workflow_call"]["inputs"] else set()
    assert pairs == asked(WORKFLOWS[name]) | attesting
    secrets = set(re.findall(r"`(\w+)`", rows[name][2]))
    assert secrets == set(WORKFLOWS[name]["on"]["workflow_call"].get("secrets", {}))


def test_the_table_of_channels_is_what_is_chosen() -> None:
    rows = [[code(cell) for cell in row] for row in table(section(PAGE, "Channels"))]
    assert len(rows) >= 8
    for event, ref, channel, _ in rows:
        assert choose(Trigger(event, ref, "main"), Asked()).destination.value == channel, (event, ref)


def test_every_gate_is_explained() -> None:
    assert [code(row[0]) for row in table(section(PAGE, "The gates"))] == [gate.name for gate in gates(full_evidence())]


@pytest.mark.parametrize("quoted", [code(row[0]) for row in table(section(PAGE, "When a gate is shut"))])
def test_what_is_said_of_a_gate_is_what_the_code_says(quoted: str) -> None:
    parts = [part.replace("1.2.3", "").strip() for part in quoted.split("…")]
    pattern = re.compile(".*".join(map(re.escape, parts)), re.DOTALL)
    assert any(pattern.search(message) for message in MESSAGES)


def test_the_template_that_is_shown_is_the_file() -> None:
    (shown,) = (snippet.text for snippet in snippets(PAGE, "yaml") if snippet.is_workflow)
    assert shown == (ROOT / "templates" / "nightly.yml").read_text(encoding="utf-8")


def test_the_targets_that_are_named_are_there() -> None:
    named = re.findall(r"`([^`:]+)`", section(PAGE, "What is built").split("\n\n")[0].partition("names jobs")[2])
    assert len(named) > 10
    assert parse_targets(", ".join(named))


def test_the_forms_of_a_version_are_all_explained() -> None:
    assert all(f"`{form.value}`" in section(PAGE, "stamp") for form in Form)


def test_the_commands_that_are_shown_have_their_flags_and_read_their_words() -> None:
    lines = [line for snippet in snippets(PAGE, "console") for line in snippet.text.splitlines()]
    shown = [shlex.split(line.partition("/scripts ")[2]) for line in lines if "/scripts " in line]
    assert {words[0] for words in shown} == set(FLAGS)
    for command, *words in shown:
        assert {word for word in words if word.startswith("--")} <= FLAGS[command]
        assert command != "stamp" or parse_wanted(words[0])


@pytest.mark.parametrize("command", FLAGS)
def test_the_flags_that_are_explained_are_those_of_the_command(command: str) -> None:
    assert set(re.findall(r"`(--[\w-]+)`", section(PAGE, command))) <= FLAGS[command] | {"--help"}


def test_the_page_has_every_flag_of_check_and_of_fetch() -> None:
    assert all(f"`{each.flag}" in section(PAGE, "check") for each in check.INPUTS)
    told = {code(row[0]): code(row[1]) for row in table(section(PAGE, "fetch"))}
    assert told == {each.flag: each.default or "empty" for each in FETCH_INPUTS}


EXISTING = {
    *CALLED,
    *(name for workflow in WORKFLOWS.values() for name in workflow["on"]["workflow_call"]["inputs"]),
    *(name for workflow in WORKFLOWS.values() for name in workflow["on"]["workflow_call"].get("secrets", {})),
    *(path.relative_to(ROOT).as_posix() for path in ROOT.glob("templates/*.yml")),
    *commands(ROOT / "scripts"),
    *(flag for flags in FLAGS.values() for flag in flags),
}


@pytest.mark.parametrize(
    ("heading", "rows"),
    [
        ("Coming from scipy-wheels", [f"D{number}" for number in range(1, 19)]),
        ("Coming from astropy-wheels", [f"U{number}" for number in range(1, 14)]),
    ],
)
def test_every_feature_has_its_answer_by_something_that_exists(heading: str, rows: list[str]) -> None:
    answers = {row[0]: row[-1] for row in table(section(PAGE, heading))}
    assert list(answers) == rows
    for row, answer in answers.items():
        named = re.findall(r"`([^`]+)`", answer)
        assert named, row
        assert set(named) <= EXISTING, row


def test_the_page_is_found_from_readme() -> None:
    assert re.search(r"\]\(docs/building\.md[)#]", text(ROOT / "README.md"))
