"""What has to hold before files are released, gate by gate, on data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest
from cmarkgfm import github_flavored_markdown_to_html  # type: ignore[import-untyped]  # it has no types

from nightly.releasing import release_text
from nightly.releasing.evidence import Evidence, Indexed, Looked, SeenRun, Tagged, tag_version
from nightly.releasing.gates import failed, gates
from nightly.releasing.tags import parse_tags
from releases import NAMES, OTHER_SHA, REPOSITORY, SHA, built, digest, evidence, full_evidence

WHEEL, _, SDIST = NAMES
GOOD_RUN = SeenRun(7, REPOSITORY, REPOSITORY, "push", "success")


def shut(given: Evidence) -> list[str]:
    return [gate.name for gate in failed(gates(given))]


def told(given: Evidence) -> str:
    return str(release_text.refusal(given, gates(given)))


def test_a_release_that_nothing_speaks_against_passes_all_gates() -> None:
    given = evidence()
    assert shut(given) == []
    names = [gate.name for gate in gates(given)]
    assert names == ["bytes", "complete", "version", "release", "commit", "platforms", "index"]


def test_where_staging_and_another_run_are_named_they_are_looked_at_too() -> None:
    given = full_evidence()
    assert shut(given) == []
    assert [gate.name for gate in gates(given)][-2:] == ["staging", "run"]


def info(given: Evidence, **changes: object) -> Evidence:
    return replace(given, info=replace(given.info, **changes))  # type: ignore[arg-type]  # a row knows its fields


def plan(given: Evidence, **changes: object) -> Evidence:
    return info(given, plan=replace(given.info.plan, **changes))  # type: ignore[arg-type]  # the same


def at_tag(given: Evidence, commit: str) -> Evidence:
    return replace(given, tagged=replace(given.tagged, commits={**given.tagged.commits, given.tag: commit}))


def indexed(*files: Indexed, trouble: str = "") -> Looked:
    return Looked("https://index.example/simple", files, trouble)


@dataclass(frozen=True)
class Row:
    """A hazard: what is changed in a good release, the gates that it shuts, and words that are told of it."""

    change: Callable[[Evidence], Evidence]
    gates: str
    told: str


ROWS = {
    "a file was changed": Row(
        lambda good: replace(good, files=(replace(good.files[0], sha256=digest("else")), *good.files[1:])),
        "bytes",
        f"{WHEEL} has the sha256 {digest('else')}, and BUILD-INFO.json says {digest(WHEEL)}",
    ),
    "a file is gone": Row(
        lambda good: replace(good, files=good.files[1:]), "bytes", f"{WHEEL} is in SHA256SUMS, and isn't there"
    ),
    "a file was added": Row(
        lambda good: replace(good, files=(*good.files, *built("demo-1.2.3-py3-none-any.whl"))),
        "bytes",
        "demo-1.2.3-py3-none-any.whl isn't in BUILD-INFO.json",
    ),
    "SHA256SUMS is empty": Row(lambda good: replace(good, sums={}), "bytes", f"{SDIST} isn't in SHA256SUMS"),
    "BUILD-INFO.json leads out of the directory": Row(
        lambda good: info(good, files=(*good.files, *built("../demo-1.2.3-py3-none-any.whl"))), "bytes", "isn't there"
    ),
    "a platform is missing": Row(
        lambda good: info(good, missing=("cp313-macosx_arm64",)), "complete", "cp313-macosx_arm64 is missing"
    ),
    "the sdist is missing": Row(lambda _: evidence(*NAMES[:2]), "complete", "there is no sdist"),
    "nothing is there": Row(
        lambda good: info(replace(good, files=(), sums={}), files=()), "complete", "there is no wheel"
    ),
    "two versions": Row(
        lambda _: evidence(*NAMES[:2], "demo-1.2.4.dev0.tar.gz"), "version", "demo-1.2.4.dev0.tar.gz isn't demo 1.2.3"
    ),
    "another project": Row(
        lambda _: evidence(*NAMES, "numpy-1.2.3-py3-none-any.whl"), "version", "numpy-1.2.3-py3-none-any.whl isn't"
    ),
    "no dist": Row(lambda _: evidence(*NAMES, "notes.txt"), "version", "notes.txt isn't demo 1.2.3"),
    "a local version": Row(
        lambda _: evidence("demo-1.2.3+abc-py3-none-any.whl", "demo-1.2.3+abc.tar.gz"), "version", "+abc"
    ),
    "a local version in the tag too": Row(
        lambda _: info(evidence("demo-1.2.3+ab-py3-none-any.whl", "demo-1.2.3+ab.tar.gz", tag="v1.2.3+ab"), version=""),
        "release",
        "which PyPI refuses",
    ),
    "a nightly": Row(
        lambda _: info(evidence("demo-1.3.dev4-py3-none-any.whl", "demo-1.3.dev4.tar.gz", tag="1.3.dev4"), version=""),
        "release",
        "for a nightly channel",
    ),
    "BUILD-INFO.json has another version": Row(
        lambda good: info(good, version="1.2.4"), "version", "BUILD-INFO.json says version 1.2.4"
    ),
    "the tag is no version": Row(lambda _: evidence(tag="latest"), "version", "names no version"),
    "the tag is another version's": Row(lambda _: evidence(tag="v1.2.4"), "version", "isn't demo 1.2.4"),
    "the tag isn't there": Row(
        lambda good: replace(good, tagged=Tagged(REPOSITORY, {})), "commit", f"{REPOSITORY} has no tag v1.2.3"
    ),
    "the tag isn't the built commit, or was moved": Row(
        lambda good: at_tag(good, OTHER_SHA), "commit", f"the tag v1.2.3 is {OTHER_SHA}, and {SHA} was built"
    ),
    "another repository was built": Row(
        lambda good: plan(good, source_repository="fork/project"), "commit", "fork/project was built"
    ),
    "an old wheel for Pyodide": Row(
        lambda _: evidence(*NAMES, "demo-1.2.3-cp313-cp313-pyodide_2025_0_wasm32.whl"),
        "platforms",
        "pyodide_2025_0_wasm32, which PyPI refuses",
    ),
    "a wheel that wasn't repaired": Row(
        lambda _: evidence(*NAMES, "demo-1.2.3-cp312-cp312-linux_x86_64.whl"), "platforms", "linux_x86_64, which"
    ),
    "released with other bytes": Row(
        lambda good: replace(good, index=indexed(Indexed(SDIST, digest("else")))),
        "index",
        f"{SDIST} with other bytes (sha256 {digest('else')})",
    ),
    "the index tells no hash": Row(
        lambda good: replace(good, index=indexed(Indexed(SDIST, None))), "index", "bytes whose sha256 it doesn't tell"
    ),
    "the index is down": Row(
        lambda good: replace(good, index=indexed(trouble="HTTP 503")), "index", "Run this again when the index"
    ),
    "staged other bytes": Row(
        lambda good: replace(good, staging=indexed(*(Indexed(name, digest("else")) for name in NAMES[:2]))),
        "staging",
        f"{WHEEL} with other bytes",
    ),
    "not all is staged": Row(
        lambda good: replace(good, staging=indexed(Indexed(NAMES[1], digest(NAMES[1])))),
        "staging",
        f"{WHEEL} isn't at https://index.example/simple",
    ),
    "staging is down": Row(
        lambda good: replace(good, staging=indexed(trouble="HTTP 503")), "staging", "HTTP 503"
    ),
    "a fork's pull request": Row(
        lambda good: replace(good, run=SeenRun(7, REPOSITORY, "fork/project", "pull_request", "success")),
        "run",
        "a commit of fork/project",
    ),
    "a pull request": Row(
        lambda good: replace(good, run=replace(GOOD_RUN, event="pull_request_target")), "run", "strangers may have"
    ),
    "a red run": Row(lambda good: replace(good, run=replace(GOOD_RUN, conclusion="failure")), "run", "with failure"),
    "a run that isn't over": Row(
        lambda good: replace(good, run=replace(GOOD_RUN, conclusion="")), "run", "with nothing yet"
    ),
    "an unknown run": Row(
        lambda good: replace(good, run=SeenRun(7, REPOSITORY, trouble="HTTP 404")), "run", "HTTP 404"
    ),
}  # fmt: skip


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
def test_a_hazard_shuts_its_gate_and_is_told_with_what_to_do(row: Row) -> None:
    given = row.change(evidence())
    assert row.gates in shut(given)
    assert row.told in told(given)
    assert all(gate.do in told(given) for gate in failed(gates(given)))


@pytest.mark.parametrize(
    "name",
    [
        "demo-1.2.3-cp314-cp314-pyemscripten_2026_0_wasm32.whl",
        "demo-1.2.3-cp312-cp312-linux_armv7l.whl",
        "demo-1.2.3-cp312-abi3-musllinux_1_2_aarch64.whl",
        "demo-1.2.3-cp313-cp313-ios_13_0_arm64_iphoneos.whl",
        "demo-1.2.3-py3-none-any.whl",
    ],
)
def test_what_pypi_takes_passes(name: str) -> None:
    assert shut(evidence(*NAMES, name)) == []


def test_what_is_released_already_with_the_same_bytes_may_be_sent_again() -> None:
    given = replace(evidence(), index=indexed(*(Indexed(name, digest(name)) for name in NAMES[:2])))
    assert shut(given) == []
    assert "has 2 of them already, with the same bytes" in release_text.summary(given, gates(given))


@pytest.mark.parametrize(
    ("tag", "version"),
    [("v1.2.3", "1.2.3"), ("1.2.3", "1.2.3"), ("v2.0.0RC1", "2.0.0rc1"), ("V1.0", "1.0"), ("demo-1.2", None)],
)
def test_a_tag_names_a_version_as_pep_440_reads_it(tag: str, version: str | None) -> None:
    assert str(tag_version(tag)) == str(version)


def test_a_project_may_have_any_spelling() -> None:
    assert shut(plan(evidence(), project="DEMO")) == []


def test_a_project_whose_source_doesnt_tell_its_name_is_that_of_its_files() -> None:
    assert shut(plan(evidence(), project="")) == []
    assert shut(plan(evidence(*NAMES, "numpy-1.2.3-py3-none-any.whl"), project="")) == ["version"]


def test_the_summary_has_every_gate_and_file_and_no_markup_of_theirs() -> None:
    name = "<img src=x>|**demo**.whl"
    given = replace(evidence(*NAMES, name), index=indexed(trouble="<b>|down"))
    html = github_flavored_markdown_to_html(release_text.summary(given, gates(given)))
    assert html.count("<table>") == 2
    assert html.count("<tr>") == 1 + len(gates(given)) + 1 + len(given.files)
    assert "<img" not in html
    assert "<b>" not in html
    assert "<strong>demo" not in html


def test_the_log_names_each_gate_and_the_first_problems_of_one_that_is_shut() -> None:
    given = replace(evidence(), sums={f"file-{number:02}": digest("x") for number in range(30)})
    lines = list(release_text.log_lines(gates(given)))
    assert any(line.startswith("  FAILED  bytes") for line in lines)
    assert any("and 13 more" in line for line in lines)
    assert sum(line.startswith("  passed") for line in lines) == len(gates(given)) - 1


def test_a_tag_is_its_commit_whether_it_is_annotated_or_not() -> None:
    listed = f"v1.0 {SHA} \nv1.1 {'c' * 40} {OTHER_SHA}\n"
    assert parse_tags(listed) == {"v1.0": SHA, "v1.1": OTHER_SHA}
