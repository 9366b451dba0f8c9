"""README says of the product what the code says."""

from __future__ import annotations

import ast
import re
import sys
from pathlib import Path

import pytest
import yaml

import report_upload
from nightly import launcher, upload_options, versions
from nightly.anaconda import access, keeper
from nightly.anaconda.explain import SCOPES
from nightly.directory.site import GRACE
from nightly.directory.writing import LOCK_PATIENCE
from nightly.errors import README as ADDRESS
from nightly.patience import Patience
from nightly.report import Report
from readme import PAGES, ROOT, code, links, prose, section, slugs, snippets, table, text

README = ROOT / "README.md"
ACTION = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
SOURCES = sorted(path for folder in ("scripts", "cleanup") for path in (ROOT / folder).rglob("*.py"))
QUOTED = [code(row[0]) for row in table(section(README, "Troubleshooting"))]

DEFAULTS = {code(row[0]): code(row[1]) for row in table(section(README, "Inputs"))}


def test_the_table_of_inputs_has_the_names_and_defaults_of_action_yml() -> None:
    declared = {
        name: "required" if given["required"] else given["default"] or "empty"
        for name, given in ACTION["inputs"].items()
    }
    assert declared == DEFAULTS
    assert list(DEFAULTS) == list(ACTION["inputs"])


def test_the_table_of_inputs_has_the_names_and_defaults_of_the_command() -> None:
    ours = {each.name: each.default or "empty" for each in upload_options.INPUTS}
    ours |= {"artifacts_path": "required", report_upload.REPORT_FAILURES.name: "false"}
    assert ours == {name: value for name, value in DEFAULTS.items() if not name.endswith("_token") or name in ours}
    assert f"`{upload_options.TOKEN_VARIABLE}`" in text(README)


def test_the_table_of_outputs_has_the_outputs_of_action_yml_and_of_the_command() -> None:
    named = [code(row[0]) for row in table(section(README, "Outputs"))]
    assert named == list(ACTION["outputs"])
    assert set(named) == {*Report("", "", ()).outputs, "report"}


def test_the_table_of_versions_has_every_check() -> None:
    assert {code(row[0]) for row in table(section(README, "Versions"))} == {rule.check for rule in versions._RULES}


def told(path: Path) -> set[str]:
    """Every string that a module has, with an ellipsis for each part that is filled in."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            found.add(re.sub(r"\{\w*\}", "…", node.value))
        elif isinstance(node, ast.JoinedStr):
            found.add("".join(str(part.value) if isinstance(part, ast.Constant) else "…" for part in node.values))
    return found


MESSAGES = {message for path in SOURCES for message in told(path)} | {ACTION["runs"]["steps"][0]["run"]}


@pytest.mark.parametrize("quoted", QUOTED)
def test_a_message_that_is_explained_is_one_that_the_code_has(quoted: str) -> None:
    pattern = re.compile(".*".join(re.escape(part.strip()) for part in quoted.split("…")), re.DOTALL)
    assert any(pattern.search(message) for message in MESSAGES)


def test_no_message_is_explained_twice() -> None:
    assert len(QUOTED) > 40
    assert len(set(QUOTED)) == len(QUOTED)


def test_every_heading_that_a_message_links_to_is_there() -> None:
    sources = "\n".join(path.read_text(encoding="utf-8") for path in SOURCES)
    linked = set(re.findall(r'README\}([\w-]+)|anchor="([\w-]+)"', sources))
    anchors = {anchor for pair in linked for anchor in pair if anchor}
    assert {
        "token",
        "access",
        "storage-is-full",
        "several-platforms",
        "fork-safety",
        "troubleshooting",
        "cleanup",
    } <= anchors
    assert anchors <= slugs(README)
    assert ADDRESS.endswith("/upload-nightly-action#")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_link_within_the_repository_leads_somewhere(page: Path) -> None:
    for link in links(page):
        file, _, anchor = link.partition("#")
        if not file.startswith("https://"):
            target = page.parent / file if file else page
            assert target.is_file(), link
            assert not anchor or anchor in slugs(target), link


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_command_that_is_named_is_there(page: Path) -> None:
    named = set(re.findall(r"python3 (?:-\S+ )*(?:-X utf8 )?(?:\S+/)?scripts ([\w-]+)", text(page))) - {"COMMAND"}
    assert named <= set(launcher.commands(ROOT / "scripts"))


def test_the_flags_that_are_named_are_there() -> None:
    flags = {each.flag for each in upload_options.INPUTS} | {"--help"}
    for snippet in snippets(README, "console"):
        for line in snippet.text.splitlines():
            if "scripts upload" in line:
                assert set(re.findall(r" (--[\w-]+)", line)) <= flags, line


FIGURES = {
    "tries": f"is tried up to {Patience.tries} times",
    "tries again": f"up to {Patience.tries} times, with at most {Patience.longest_wait:.0f} s between",
    "one file": f"for at most {Patience.file_limit / 60:.0f} minutes",
    "index": f"looked at for up to {Patience.index_lag:.0f} s",
    "down": {3: "When three files in a row got no answer"}[Patience.failures_in_a_row],
    "expiry": f"from {access._SOON.days} days before the end",
    "lock": f"isn't done after {LOCK_PATIENCE / 60:.0f} minutes",
    "grace": {3600: "bytes stay for an hour"}[int(GRACE.total_seconds())],
    "keeper": f"the label `{keeper.LABEL}`",
    "packages": f"{(ROOT / 'scripts/requirements.txt').read_text(encoding='utf-8').count('==')} packages",
    "scopes": "`api:read`, `api:write` and `pypi:upload`",
}


@pytest.mark.parametrize("said", FIGURES.values(), ids=FIGURES)
def test_a_figure_is_the_codes(said: str) -> None:
    assert said in " ".join(prose(README).split())


def test_the_scopes_are_the_codes() -> None:
    assert SCOPES == ("api:read", "api:write", "pypi:upload")


def test_the_oldest_python_is_the_launchers() -> None:
    first = (ROOT / "scripts" / "__main__.py").read_text(encoding="utf-8")
    assert "sys.version_info < (3, 10)" in first
    assert "Python 3.10 or newer" in text(README)
    assert sys.version_info >= (3, 10)


def test_the_benchmark_has_its_place() -> None:
    assert re.findall(r"<!-- (benchmark table|end) -->", text(README)) == ["benchmark table", "end"]
