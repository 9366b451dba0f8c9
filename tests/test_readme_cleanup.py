"""README says of the cleanup and of freshness what the code says."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Iterator
from datetime import timedelta

import pytest
import yaml

import admission
import apply
import cadence
import freshness
import modes
import ranking
import upkeep
from channel_files import MAIN, NOW, night
from moments import length
from nightly.issues import AT_MOST
from nightly.options import Input
from policy import LIMITS, RULES, SECTIONS, parse_policy, read_policy
from quantities import parse_duration
from readme import ROOT, Snippet, code, prose, section, snippets, table
from reasons import HELD
from retention import Verdict, decide
from roster import parse_roster
from rules import Limits, Policy

README = ROOT / "README.md"
DOOR = yaml.safe_load((ROOT / "cleanup" / "action.yml").read_text(encoding="utf-8"))
OWN = read_policy(ROOT / "cleanup" / "policy.yml")
PROSE = " ".join(prose(README).split())


def rows(heading: str, first: str) -> list[list[str]]:
    """The rows of the table below a heading whose first column has this title."""
    found = re.search(rf"^\| {re.escape(first)} \|.*?(?=\n\n|\Z)", section(README, heading), re.DOTALL | re.MULTILINE)
    assert found, first
    return table(found[0])


NIGHTS = rows("What stays and goes", "nights ago")
BUILDS = (("builds", "linux"), ("builds", "win"), ("quiet", "linux"), ("silent", "linux"))
"""The project and tag of each column."""


def cells() -> Iterator[tuple[str, int, str, str]]:
    """For each file of the table: its project, how many nights ago it came, its tag, and what becomes of it."""
    for nights, *told in NIGHTS:
        first, _, last = nights.partition(" to ")
        for ago in range(int(first), int(last or first) + 1):
            for (project, tag), cell in zip(BUILDS, told, strict=True):
                if cell:
                    yield project, ago, tag, cell


@pytest.mark.parametrize("policy", [Policy(), OWN], ids=["the defaults", "this repository's"])
def test_the_table_of_nights_is_what_the_policy_does(policy: Policy) -> None:
    told = {
        night(f"1.0.dev{1000 - ago}", ago + 1 / 12, tag, project=project)[0]: cell
        for project, ago, tag, cell in cells()
    }
    assert len(told) > 200
    decided = {
        each.file: f"hold: {each.rule}" if each.verdict is Verdict.HOLD else each.verdict.value
        for each in decide(told, policy, NOW, MAIN)
    }
    assert decided == told


def test_every_rule_that_holds_is_in_the_table() -> None:
    assert {code(row[0]) for row in rows("What stays and goes", "rule")} == set(HELD)


def test_the_table_of_the_policys_keys_has_each_with_its_default() -> None:
    written = {code(key): code(default) for key, default, _ in rows("The policy", "key")}
    assert list(written) == [*RULES, *SECTIONS]
    assert written.pop("limits") == "as below"
    assert parse_policy(as_yaml(written), "") == Policy()


def test_the_table_of_limits_has_each_with_its_default() -> None:
    written = {code(key): code(default) for key, default, _ in rows("The policy", "key of `limits`")}
    assert list(written) == LIMITS
    assert parse_policy(f"limits:\n{as_yaml(written, '  ')}", "").limits == Limits()


def as_yaml(values: dict[str, str], indent: str = "") -> str:
    return "\n".join(f"{indent}{key}: {value}" for key, value in values.items())


def test_the_channels_own_n_and_m_are_those_of_its_policy() -> None:
    found = re.findall(r"N = (\d+) and M = (\d+) days", PROSE)
    assert found == [(str(OWN.rules.keep), str(OWN.rules.max_age.days if OWN.rules.max_age else None))]


@pytest.mark.parametrize("snippet", list(snippets(README, "yml")), ids=lambda snippet: f"line {snippet.line}")
def test_a_policy_or_roster_that_is_shown_can_be_read(snippet: Snippet) -> None:
    if "repository:" in snippet.text:
        assert len(parse_roster(snippet.text, "README.md")) == len(snippet.text.splitlines())
    else:
        assert parse_policy(snippet.text, "README.md").exempt


def test_the_policy_of_three_lines_is_one() -> None:
    (written,) = {line for each in snippets(README, "console") for line in each.text.splitlines() if "echo" in line}
    assert parse_policy(shlex.split(written)[1], "") == Policy()


def test_the_roster_has_the_keys_of_the_table() -> None:
    keys = [code(key) for key, _ in rows("When a project goes quiet", "key")]
    given = "\n".join(f"  {key}: {value}" for key, value in zip(keys, ("a/b", "7d", "here"), strict=True))
    assert parse_roster(f"numpy:\n{given}", "")


def test_the_table_of_inputs_has_the_names_and_defaults_of_the_door() -> None:
    declared = {
        name: "required" if given["required"] else given["default"] or "empty" for name, given in DOOR["inputs"].items()
    }
    told = {code(row[0]): code(row[1]) for row in table(section(README, "Inputs of the cleanup"))}
    assert told == declared
    assert list(told) == list(declared)


def test_the_table_of_outputs_has_those_of_the_door() -> None:
    assert [code(row[0]) for row in table(section(README, "Outputs of the cleanup"))] == list(DOOR["outputs"])


@pytest.mark.parametrize(
    "name", ["cleanup.yml", "freshness.yml", "report-failure.yml", "keep-alive.yml"], ids=lambda name: name
)
def test_the_permissions_that_a_workflow_needs_are_named(name: str) -> None:
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / name).read_text(encoding="utf-8"))
    needed = {f"{key}: {value}" for job in workflow["jobs"].values() for key, value in job["permissions"].items()}
    (told,) = (row[2] for row in rows("Every day by itself", "workflow") if f"[{name}]" in row[0])
    assert set(re.findall(r"`([^`]+)`", told)) == needed


COMMANDS = [
    line
    for snippet in snippets(README, "console")
    for line in snippet.text.splitlines()
    if re.search(r"scripts (cleanup|freshness) ", line)
]


@pytest.mark.parametrize("line", COMMANDS)
def test_the_flags_of_a_command_that_is_shown_are_there(line: str) -> None:
    words = shlex.split(line.partition("scripts ")[2])
    mode = modes.MODES[words[1]].inputs if words[0] == "cleanup" else freshness.INPUTS
    named = {word for word in words if word.startswith("--")}
    assert named <= flags(mode)


def flags(inputs: Iterable[Input]) -> set[str]:
    return {each.flag for each in inputs}


def test_every_mode_is_shown() -> None:
    assert {words[1] for words in (line.partition("scripts ")[2].split() for line in COMMANDS)} >= set(modes.MODES)


FIGURES = {
    "a plan's age": f"apply it within {admission._OLDEST // timedelta(hours=1)} hours",
    "failures": f"After {apply._FAILURES_IN_A_ROW} failures in a row",
    "batch": f"within {ranking.BATCH / length(timedelta(hours=1)):.0f} h of the version's newest file",
    "grace": f"for {parse_duration(modes.GRACE.default) // timedelta(hours=1)} hours more (`--grace`)",
    "issues": f"A run opens at most {AT_MOST}.",
    "silence": f"at least for {cadence.SHORTEST.days} days, and told at the latest {cadence.WARNING.days} days before",
    "cleanup": f"hasn't run for {upkeep.LATEST.days} days",
}


@pytest.mark.parametrize("said", FIGURES.values(), ids=FIGURES)
def test_a_figure_is_the_codes(said: str) -> None:
    assert said in PROSE
