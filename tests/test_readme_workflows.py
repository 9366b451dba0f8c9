"""The workflows in README, on the pages beside it and among the templates are ones that a project can copy."""

from __future__ import annotations

import re
import subprocess
import sysconfig
from pathlib import Path

import pytest
import yaml

from readme import ACTION, PAGES, PIN, REPOSITORY, ROOT, Snippet, snippets, templates, text

README = ROOT / "README.md"
SNIPPETS = [*(snippet for page in PAGES for snippet in snippets(page, "yaml")), *templates()]

each_snippet = pytest.mark.parametrize("snippet", SNIPPETS, ids=lambda snippet: snippet.name)


@pytest.fixture(scope="module")
def workflows(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository whose workflows are the snippets."""
    folder = tmp_path_factory.mktemp("readme") / ".github" / "workflows"
    folder.mkdir(parents=True)
    for snippet in SNIPPETS:
        (folder / f"{snippet.name}.yml").write_text(snippet.workflow, encoding="utf-8")
    return folder


def run(program: str, *arguments: str, cwd: Path) -> str:
    """What a linter says; it has to find nothing wrong."""
    call = [str(Path(sysconfig.get_path("scripts"), program)), *arguments]
    done = subprocess.run(call, cwd=cwd, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_they_are_workflows_by_githubs_schema(workflows: Path) -> None:
    run("check-jsonschema", "--builtin-schema", "vendor.github-workflows", *names(workflows), cwd=workflows)


def test_they_pass_every_audit_when_the_action_is_pinned(workflows: Path) -> None:
    said = run("zizmor", "--persona", "auditor", "--offline", "--no-config", *names(workflows), cwd=workflows)
    assert "No findings to report" in said


def names(folder: Path) -> list[str]:
    found = sorted(path.name for path in folder.glob("*.yml"))
    assert len(found) == len(SNIPPETS) > 5
    return found


def ours(snippet: Snippet) -> list[tuple[str, set[str]]]:
    """The actions and workflows of this repository that are used, by their paths in it, and the inputs of each."""
    jobs = list(yaml.safe_load(snippet.workflow)["jobs"].values())
    users = [*jobs, *(step for job in jobs for step in job.get("steps", ()))]
    used = [(str(user.get("uses", "")).partition("@")[0], set(user.get("with", ()))) for user in users]
    return [(path.removeprefix(REPOSITORY).strip("/"), given) for path, given in used if path.startswith(REPOSITORY)]


def inputs(path: str) -> dict[str, bool]:
    """The inputs of an action or a called workflow, and whether each is required."""
    file = ROOT / path if path.endswith(".yml") else ROOT / path / "action.yml"
    declared = yaml.load(file.read_text(encoding="utf-8"), yaml.BaseLoader)  # noqa: S506 - it builds text alone
    declared = declared["on"]["workflow_call"] if path.endswith(".yml") else declared
    return {
        name: given["required"] == "true" if "required" in given else False
        for name, given in declared["inputs"].items()
    }


@each_snippet
def test_it_uses_what_is_ours_with_inputs_that_it_has(snippet: Snippet) -> None:
    assert ours(snippet)
    for path, given in ours(snippet):
        declared = inputs(path)
        assert given <= set(declared), path
        assert {name for name, is_required in declared.items() if is_required} <= given, path


def test_every_door_is_shown() -> None:
    used = {path for snippet in SNIPPETS for path, _ in ours(snippet)}
    workflows = {file.relative_to(ROOT).as_posix() for file in (ROOT / ".github" / "workflows").glob("*.yml")}
    called = {path for path in workflows if "workflow_call:" in (ROOT / path).read_text(encoding="utf-8")}
    assert {"", "cleanup", ".github/actions/freshness", *called} <= used


@each_snippet
def test_it_says_what_permissions_it_needs(snippet: Snippet) -> None:
    if snippet.is_workflow:
        jobs = yaml.safe_load(snippet.text)["jobs"].values()
        assert all("permissions" in job for job in jobs)
    else:
        assert "permissions: {" in snippet.text


def test_the_pinned_form_is_shown_once() -> None:
    assert len(re.findall(rf"uses: {REPOSITORY}@[0-9a-f]{{40}}  # v\d", text(README))) == 1
    assert PIN not in text(README)


def test_every_action_of_others_is_one_commit_with_its_version() -> None:
    pins: dict[str, set[str]] = {}
    for action, rest in re.findall(r"uses: ([\w.-]+/[\w./-]+)@(.*)", "".join(each.text for each in SNIPPETS)):
        if not action.startswith(REPOSITORY):
            assert re.fullmatch(r"[0-9a-f]{40}  # v\d+\.\d+\.\d+", rest), action
            pins.setdefault(action, set()).add(rest)
    assert pins
    assert all(len(rest) == 1 for rest in pins.values()), pins


def test_the_one_line_is_the_whole_change_for_who_comes_from_the_other_action() -> None:
    (diff,) = snippets(README, "diff")
    changed = [line for line in diff.text.splitlines() if line[0] in "+-"]
    assert len(changed) == 2
    assert changed[1].strip() == f"+      - uses: {ACTION}"
