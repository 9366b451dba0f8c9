"""A caller's workflow uses the action, and act runs it: against the stand-in of anaconda.org, or into a directory."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from html import unescape
from pathlib import Path

import pytest

from anaconda_model import Token
from anaconda_server import AnacondaServer
from end_to_end.acting import Caller, GitHub
from end_to_end.callers import WORKFLOW, calling, inputs, steps
from faults import EVERY, Fault, error
from sample_wheels import make_wheel

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="act can't run jobs on Windows itself")

EMPTY_LISTS = {"uploaded": "[]", "replaced": "[]", "skipped": "[]", "failed": "[]", "versions": "{}"}


def on_the_channel(anaconda: AnacondaServer, project: str = "demo-pkg") -> list[str]:
    return sorted(file.basename for file in anaconda.state.files(anaconda.organization, project))


@pytest.fixture
def artifacts(tmp_path: Path) -> Path:
    """Two wheels, each in the folder of its artifact."""
    for build in ("1", "2"):
        make_wheel(tmp_path / "artifacts" / f"wheels-{build}", build=build)
    return tmp_path / "artifacts"


NAMES = ["demo_pkg-1.0.dev1-1-py3-none-any.whl", "demo_pkg-1.0.dev1-2-py3-none-any.whl"]

READ_EVERY_OUTPUT = """
- id: after
  env:
    FIRST: ${{ fromJSON(steps.upload.outputs.uploaded)[0] }}
    OTHERS: ${{ join(fromJSON(steps.upload.outputs.replaced)) }}${{ join(fromJSON(steps.upload.outputs.skipped)) }}
    FAILED: ${{ fromJSON(steps.upload.outputs.failed)[0] == null }}
    VERSION: ${{ fromJSON(steps.upload.outputs.versions)['demo-pkg'][0] }}
    INDEX_URL: ${{ steps.upload.outputs.index_url }}
    REPORT: ${{ steps.upload.outputs.report }}
  shell: bash
  run: |
    test -f "$REPORT"
    state=$(python3 -c 'import json, os; print(json.load(open(os.environ["REPORT"]))["files"][0]["state"])')
    echo "seen=$FIRST|$OTHERS|$FAILED|$VERSION|$INDEX_URL|$state" >> "$GITHUB_OUTPUT"
"""


def test_the_next_step_uses_every_output_on_every_ubuntu(
    anaconda: AnacondaServer, bare_github: GitHub, tmp_path: Path
) -> None:
    make_wheel(tmp_path / "artifacts" / "ubuntu-latest", build="1")
    make_wheel(tmp_path / "artifacts" / "ubuntu-24.04-arm", build="2")
    matrix = "strategy: {matrix: {runner: [ubuntu-latest, ubuntu-24.04-arm]}}\n    runs-on: ${{ matrix.runner }}"
    workflow = WORKFLOW.replace("runs-on: ubuntu-latest", matrix)
    workflow = workflow.replace("artifacts_path: dist", "artifacts_path: dist/${{ matrix.runner }}")
    run = bare_github.push(calling(anaconda, tmp_path / "artifacts", workflow + steps(READ_EVERY_OUTPUT)))
    assert run.code == 0, run.log
    expected = {f"{name}||true|1.0.dev1|{anaconda.simple_index()}|uploaded" for name in NAMES}
    assert {job.outputs["after"]["seen"] for job in run.jobs.values()} == expected
    assert on_the_channel(anaconda) == NAMES


def test_a_second_run_sends_nothing(anaconda: AnacondaServer, github: GitHub, artifacts: Path) -> None:
    for wheel in artifacts.glob("*/*.whl"):
        anaconda.seed(wheel)
    run = github.push(calling(anaconda, artifacts))
    assert run.job.result == "success", run.log
    assert run.job.outputs["upload"]["skipped"] == json.dumps(NAMES)
    assert {request.method for request in anaconda.requests} <= {"GET", "HEAD"}


def test_an_expired_token_turns_the_job_red_and_says_where_to_make_another(
    anaconda: AnacondaServer, github: GitHub, artifacts: Path
) -> None:
    yesterday = datetime.now(timezone.utc) - timedelta(days=1)
    anaconda.add_token("tk-expired", Token("dev", expires=yesterday))
    run = github.push(replace(calling(anaconda, artifacts), secrets={"ANACONDA_TOKEN": "tk-expired"}))
    assert run.code == 1
    assert run.job.result == run.job.steps["upload"] == "failure"
    (problem,) = run.job.annotated("error")
    assert problem.title
    for text in (problem.message, unescape(run.job.summary)):
        assert "expired" in text
        assert "https://anaconda.org/" in text
    assert on_the_channel(anaconda) == []


def test_a_bad_wheel_among_good_ones_is_named_and_nothing_is_uploaded(
    anaconda: AnacondaServer, github: GitHub, artifacts: Path
) -> None:
    cut = artifacts / "wheels-3" / "demo_pkg-1.0.dev1-3-py3-none-any.whl"
    cut.parent.mkdir()
    cut.write_bytes((artifacts / "wheels-1" / NAMES[0]).read_bytes()[:500])
    run = github.push(calling(anaconda, artifacts))
    assert run.job.result == "failure"
    (problem,) = run.job.annotated("error")
    for text in (problem.message, run.job.summary):
        assert cut.name in unescape(text)
        assert NAMES[0] not in unescape(text)
    assert run.job.outputs["upload"].items() >= EMPTY_LISTS.items()
    assert on_the_channel(anaconda) == []


READ_WHAT_FAILED = """
- id: after
  if: failure()
  env:
    FAILED: ${{ fromJSON(steps.upload.outputs.failed)[0] }}
  run: echo "failed=$FAILED" >> "$GITHUB_OUTPUT"
"""


def test_a_file_that_the_channel_refuses_fails_alone(anaconda: AnacondaServer, github: GitHub, artifacts: Path) -> None:
    full = error(402, "The storage of this account is full")
    anaconda.faults.add(Fault(full, "POST", f"/stage/*/{NAMES[1]}", nth=EVERY))
    workflow = WORKFLOW + steps(READ_WHAT_FAILED)
    run = github.push(calling(anaconda, artifacts, workflow))
    assert run.job.result == "failure"
    assert run.job.outputs["upload"]["uploaded"] == json.dumps(NAMES[:1])
    assert run.job.outputs["after"]["failed"] == NAMES[1]
    (problem,) = run.job.annotated("error")
    assert problem.title == "Not published"
    assert NAMES[1] in problem.message
    for text in (problem.message, run.job.summary):
        assert "The storage of this account is full" in text
        assert "admins" in text
    assert on_the_channel(anaconda) == NAMES[:1]


def test_a_fork_without_the_token_is_told_so_and_goes_on(
    anaconda: AnacondaServer, github: GitHub, artifacts: Path
) -> None:
    workflow = WORKFLOW + inputs("missing_token: skip")
    run = github.push(replace(calling(anaconda, artifacts, workflow), secrets={}))
    assert run.job.result == "success", run.log
    assert "no token" in run.job.annotated("notice")[0].message
    assert run.job.annotated("error") == ()
    assert run.job.outputs["upload"].items() >= EMPTY_LISTS.items()
    assert "skipped" in run.job.summary
    assert anaconda.requests == []


def test_a_missing_token_is_an_error_unless_told_otherwise(
    anaconda: AnacondaServer, github: GitHub, artifacts: Path
) -> None:
    run = github.push(replace(calling(anaconda, artifacts), secrets={}))
    assert run.job.result == "failure"
    (problem,) = run.job.annotated("error")
    assert problem.title == "No token"
    assert "anaconda_nightly_upload_token" in problem.message
    assert "missing_token" in problem.message
    assert anaconda.requests == []


def test_a_bad_input_is_refused_by_its_name(anaconda: AnacondaServer, github: GitHub, artifacts: Path) -> None:
    run = github.push(calling(anaconda, artifacts, WORKFLOW + inputs("on_existing: overwrite")))
    assert run.job.result == "failure"
    (problem,) = run.job.annotated("error")
    for gist in ("on_existing", "overwrite", "replace, keep, error"):
        assert gist in problem.message
    assert anaconda.requests == []


def test_a_dry_run_says_what_it_would_do_and_does_not(
    anaconda: AnacondaServer, github: GitHub, artifacts: Path
) -> None:
    run = github.push(calling(anaconda, artifacts, WORKFLOW + inputs("dry_run: true")))
    assert run.job.result == "success", run.log
    assert f"upload  {NAMES[0]}" in run.job.log
    assert on_the_channel(anaconda) == []


def test_the_token_is_masked_even_where_it_is_no_secret(
    anaconda: AnacondaServer, github: GitHub, artifacts: Path
) -> None:
    """Here the token is a variable, because secrets are masked by the runner itself."""
    workflow = WORKFLOW.replace("secrets.ANACONDA_TOKEN", "vars.TOKEN")
    workflow += steps('- env: {SEEN: "${{ vars.TOKEN }}"}\n  run: echo "It is $SEEN."')
    caller = calling(anaconda, artifacts, workflow)
    variables = {**caller.variables, "TOKEN": anaconda.token}
    run = github.push(replace(caller, secrets={}, variables=variables))
    assert run.job.result == "success", run.log
    assert "It is ***." in run.job.log
    said = [line for line in run.raw.splitlines() if anaconda.token in line]
    assert [json.loads(line)["command"] for line in said] == ["add-mask"]


INSTALL_FROM_INDEX = """
- id: install
  env:
    INDEX_URL: ${{ steps.upload.outputs.index_url }}
    PIP_CONFIG_FILE: /dev/null
    PIP_FIND_LINKS: ''
    PIP_EXTRA_INDEX_URL: ''
  run: |
    case "$INDEX_URL" in file://*) ;; *) exit 1 ;; esac
    python3 -m pip install --no-cache-dir --target installed --index-url "$INDEX_URL" demo-pkg==1.0.dev1
    echo "version=$(PYTHONPATH=installed python3 -c 'print(__import__("demo_pkg").__version__)')" >> "$GITHUB_OUTPUT"
"""


def test_pip_installs_from_a_directory_channel_in_the_next_step(github: GitHub, artifacts: Path) -> None:
    kept = WORKFLOW.partition("          anaconda_nightly_upload_token")[0]
    workflow = kept + inputs("channel: ./site") + steps(INSTALL_FROM_INDEX)
    run = github.push(Caller(workflow, artifacts=artifacts))
    assert run.job.result == "success", run.log
    assert run.job.outputs["upload"]["uploaded"] == json.dumps(NAMES)
    assert run.job.outputs["install"]["version"] == "1.0.dev1"


IMPOSTOR = "raise SystemExit('an impostor ran')\n"
IMPOSTORS = [
    *("pip/__init__.py", "pip/__main__.py", "requests.py", "json.py", "sitecustomize.py", "upload.py"),
    *("scripts/__main__.py", "nightly/__init__.py", "packaging/__init__.py"),
]
HOSTILE = """
    env:
      PYTHONPATH: ${{ github.workspace }}
      PYTHONSAFEPATH: '1'
      PYTHONWARNINGS: error
      PIP_USER: '1'
      PIP_REQUIRE_VIRTUALENV: '1'
      PIP_CONSTRAINT: no-such-file.txt
    steps:
      - uses: actions/checkout@9c091bb21b7c1c1d1991bb908d89e4e9dddfe3e0 # v7.0.0
        with:
          persist-credentials: false
"""


def test_a_hostile_checkout_is_not_run(anaconda: AnacondaServer, github: GitHub, artifacts: Path) -> None:
    workflow = WORKFLOW.replace("\n    steps:\n", HOSTILE) + steps("- id: there\n  run: test -f sitecustomize.py")
    run = github.push(replace(calling(anaconda, artifacts, workflow), files=dict.fromkeys(IMPOSTORS, IMPOSTOR)))
    assert run.job.result == "success", run.log
    assert run.job.steps["there"] == "success"
    assert "impostor" not in run.job.log
    assert on_the_channel(anaconda) == NAMES


def test_the_door_for_reusable_workflows_leads_to_the_same(
    anaconda: AnacondaServer, github: GitHub, artifacts: Path
) -> None:
    workflow = WORKFLOW.replace("upload-nightly-action@main", "upload-nightly-action/.github/actions/upload@main")
    run = github.push(calling(anaconda, artifacts, workflow))
    assert run.job.outputs["upload"]["uploaded"] == json.dumps(NAMES), run.log
    assert run.job.outputs["upload"]["index_url"] == anaconda.simple_index()
    assert Path(run.job.outputs["upload"]["report"]).name == "report.json"
