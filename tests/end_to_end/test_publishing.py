"""From a build's artifact to the channel that the run is for, and from there to who installs it."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from anaconda_server import ORGANIZATION, AnacondaServer
from end_to_end.acting import Caller, GitHub
from end_to_end.outcomes import Run
from nightly.wheels import hashes
from sample_wheels import make_wheel

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="act can't run jobs on Windows itself")

STAGING = "staged-wheels"
PROJECT = "demo-of-upload-nightly"

WORKFLOW = f"""\
on: [push, pull_request, schedule]
permissions: {{}}
jobs:
  publish:
    uses: org/upload-nightly-action/.github/workflows/publish-channel.yml@main
    permissions: {{}}
    with:
      artifact: built
      channel: nightly
      nightly_organization: {ORGANIZATION}
      staging_organization: {STAGING}
      projects: {PROJECT}
    secrets:
      anaconda_token: ${{{{ secrets.ANACONDA_TOKEN }}}}
  verify:
    needs: publish
    if: needs.publish.outputs.channel != 'staging'
    uses: org/upload-nightly-action/.github/workflows/verify-channel.yml@main
    permissions: {{}}
    with:
      versions: ${{{{ needs.publish.outputs.versions }}}}
      organization: ${{{{ needs.publish.outputs.organization }}}}
      label: ${{{{ needs.publish.outputs.label }}}}
      smoke_command: python -c "import demo_of_upload_nightly as it; print('smoke', it.__version__)"
  told:
    needs: publish
    runs-on: ubuntu-latest
    steps:
      - id: told
        shell: bash
        env:
          OUTPUTS: ${{{{ toJSON(needs.publish.outputs) }}}}
        run: echo "outputs=$(tr -d '\\n' <<< "$OUTPUTS")" >> "$GITHUB_OUTPUT"
"""


@pytest.fixture
def anaconda(tmp_path: Path) -> Iterator[AnacondaServer]:
    """anaconda.org with an organization for nightlies and one for what is staged."""
    with AnacondaServer(tmp_path / "anaconda.org", (ORGANIZATION, STAGING)) as server:
        yield server


@pytest.fixture
def wheel(tmp_path: Path) -> Path:
    """The wheel of a gathered artifact `built`, which has an sdist too."""
    built = tmp_path / "artifacts" / "built"
    wheel = make_wheel(built, PROJECT)
    (built / "demo_of_upload_nightly-1.0.dev1.tar.gz").write_bytes(b"an sdist")
    lines = [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in sorted(built.iterdir())]
    (built / "SHA256SUMS").write_text("".join(lines))
    (built / "BUILD-INFO.json").write_text("{}")
    return wheel


def run(
    github: GitHub, anaconda: AnacondaServer, event: str, wheel: Path, *, fork: bool = False, token: bool = True
) -> Run:
    """Run the workflow for an event on the default branch."""
    payload = {"repository": {"default_branch": "main", "fork": fork}, "head_commit": {"message": "Mend it"}}
    file = github.directory / "event.json"
    file.write_text(json.dumps(payload))
    caller = Caller(
        WORKFLOW,
        artifacts=wheel.parent.parent,
        secrets={"ANACONDA_TOKEN": anaconda.token} if token else {},
        variables={"ANACONDA_API_URL": anaconda.api_url, "ANACONDA_INDEX_URL": anaconda.index_url},
    )
    return github.run(event, caller, "--eventpath", str(file))


def told(run: Run) -> dict[str, str]:
    """What the workflow hands to its caller."""
    outputs: dict[str, str] = json.loads(run.jobs["told"].outputs["told"]["outputs"])
    return outputs


def there(anaconda: AnacondaServer, organization: str) -> dict[str, bytes]:
    if PROJECT not in anaconda.state.packages(organization):
        return {}
    return {file.basename: file.read_bytes() for file in anaconda.state.files(organization, PROJECT)}


def test_a_schedule_publishes_a_nightly_that_users_get(github: GitHub, anaconda: AnacondaServer, wheel: Path) -> None:
    ran = run(github, anaconda, "schedule", wheel)
    assert ran.code == 0, ran.log
    assert there(anaconda, ORGANIZATION) == {wheel.name: wheel.read_bytes()}
    assert there(anaconda, STAGING) == {}
    outputs = told(ran)
    assert outputs == {
        "channel": "nightly",
        "reason": outputs["reason"],
        "organization": ORGANIZATION,
        "label": "main",
        "index_url": anaconda.simple_index(),
        "versions": json.dumps({PROJECT: ["1.0.dev1"]}),
        "uploaded": json.dumps([wheel.name]),
    }
    assert "smoke 1.0.dev1" in ran.log
    assert f"is {wheel.name} (sha256 {hashes(wheel)[1]}), from {anaconda.simple_index()}/" in ran.log


def test_what_is_merged_is_staged(github: GitHub, anaconda: AnacondaServer, wheel: Path) -> None:
    ran = run(github, anaconda, "push", wheel)
    assert ran.code == 0, ran.log
    assert told(ran)["channel"] == "staging"
    assert there(anaconda, STAGING) == {wheel.name: wheel.read_bytes()}
    assert there(anaconda, ORGANIZATION) == {}


def test_a_pull_request_publishes_nothing_and_is_green(github: GitHub, anaconda: AnacondaServer, wheel: Path) -> None:
    ran = run(github, anaconda, "pull_request", wheel)
    assert ran.code == 0, ran.log
    outputs = told(ran)
    assert (outputs["channel"], outputs.get("versions", "")) == ("none", "")
    assert anaconda.requests == []
    assert "Nothing was published" in ran.log


def test_a_fork_without_a_token_publishes_nothing_and_is_green(
    github: GitHub, anaconda: AnacondaServer, wheel: Path
) -> None:
    ran = run(github, anaconda, "push", wheel, fork=True, token=False)
    assert ran.code == 0, ran.log
    assert (told(ran)["channel"], told(ran)["versions"]) == ("staging", "{}")
    assert anaconda.requests == []
    assert "as is normal for forks" in ran.log
