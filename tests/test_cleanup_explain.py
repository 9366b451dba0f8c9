"""Why a file stays or goes, for whoever asks; and what the command is told and isn't."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from anaconda_server import AnacondaServer
from cleaning import DAY, NOW, AnacondaSite, Cleaning
from faults import BAD_GATEWAY, EVERY, Fault
from modes import MODES
from uploading import QUICK

CLEANUP = Path(__file__).resolve().parent.parent / "cleanup"


def server_of(cleaning: Cleaning) -> AnacondaServer:
    assert isinstance(cleaning.site, AnacondaSite)
    return cleaning.site.server


def test_each_file_of_a_project_is_explained_the_newest_first(cleaning: Cleaning) -> None:
    names = cleaning.nights(3)
    run = cleaning.run("explain", "Demo_Pkg")
    assert run.code == 0, run.log
    end = NOW - timedelta(hours=1) - DAY + 10 * DAY
    assert run.log.splitlines() == [
        names[2],
        "  keep, by the rule newest-and-young: version 1 of the newest 2, and 1 h old, younger than 10 d",
        "  As things are, it never goes. While nothing newer comes, a project's last files stay.",
        names[1],
        "  keep, by the rule newest-and-young: version 2 of the newest 2, and 1 d 1 h old, younger than 10 d",
        f"  If nothing new comes, it goes at the first cleanup after {end:%Y-%m-%d %H:%M} UTC, in 8 d 23 h.",
        names[0],
        "  delete, by the rule beyond-keep: version 3, and only the newest 2 stay",
        "  It goes at the next cleanup.",
    ]


@pytest.mark.parametrize("part", ["demo-pkg==1.0.dev1", "demo-pkg==1.0dev01", "demo-pkg=={name}", "{name}"])
def test_a_version_or_a_file_is_explained_alone(cleaning: Cleaning, part: str) -> None:
    names = cleaning.nights(3)
    run = cleaning.run("explain", part.format(name=names[1]))
    assert run.code == 0, run.log
    assert run.log.splitlines()[0] == names[1]
    assert len(run.log.splitlines()) == 3


@pytest.mark.parametrize("what", ["demo-pkg==9", "other", "demo_pkg-9-py3-none-any.whl"])
def test_what_isnt_there_cant_be_explained(cleaning: Cleaning, what: str) -> None:
    cleaning.nights(3)
    run = cleaning.run("explain", what)
    assert run.code == 2
    assert "The channel has no " in run.log


def test_an_explanation_asks_once_and_changes_nothing(online: Cleaning) -> None:
    online.nights(3)
    assert online.run("explain", "demo-pkg", anaconda_token="").asked() == ["GET /package/nightly-wheels/demo-pkg 200"]


def test_a_project_that_cant_be_read_isnt_explained(online: Cleaning) -> None:
    online.patience = QUICK
    online.nights(3)
    server_of(online).faults.add(Fault(BAD_GATEWAY, "GET", nth=EVERY))
    run = online.run("explain", "demo-pkg")
    assert run.code == 1
    assert "502" in run.log


BAD_INPUTS = {
    "no mode": ([], {}, "mode"),
    "another mode": (["delete"], {}, "mode"),
    "another mode as an input": ([], {"mode": "delete"}, "mode"),
    "no policy": (["plan"], {"policy": ""}, "policy"),
    "a policy that isn't there": (["plan"], {"policy": "nowhere.yml"}, "nowhere.yml"),
    "no plan": (["apply"], {}, "plan"),
    "no project": (["explain"], {}, "project"),
    "a part without a project": (["explain", "==1.0"], {}, "project"),
    "nothing to restore": (["restore"], {}, "deleted"),
    "a grace without a unit": (["apply", "plan.json"], {"grace": "72"}, "grace"),
    "an organization with a path": (["plan"], {"anaconda_organization": "a/b"}, "anaconda_organization"),
    "two labels": (["plan"], {"label": "main, rc"}, "label"),
    "no label": (["plan"], {"label": ""}, "label"),
    "a label of a directory": (["plan"], {"label": "rc", "channel": "somewhere"}, "label"),
    "a channel that is a URL": (["plan"], {"channel": "https://anaconda.org"}, "channel"),
    "an API over http": (["plan"], {"anaconda_api_url": "http://api.example.org"}, "anaconda_api_url"),
    "an index over ftp": (["plan"], {"anaconda_index_url": "ftp://example.org"}, "anaconda_index_url"),
    "a token in two lines": (["plan"], {"anaconda_token": "tk-a\ntk-b"}, "token"),
    "a previous plan that isn't there": (["plan"], {"previous": "nowhere.json"}, "nowhere.json"),
}


@pytest.mark.parametrize(("argv", "inputs", "said"), BAD_INPUTS.values(), ids=BAD_INPUTS)
def test_a_bad_input_is_refused_by_name(online: Cleaning, argv: list[str], inputs: dict[str, str], said: str) -> None:
    online.environ = {f"INPUT_{name.upper()}": value for name, value in inputs.items()}
    run = online.run(*argv)
    assert run.code == 2, run.log
    assert run.error
    assert said in run.log
    assert "tk-" not in run.log
    assert not run.requests


def test_a_plan_that_cant_be_written_is_told(online: Cleaning) -> None:
    online.nights(3)
    (online.root / "file").touch()
    run = online.run("plan", "--output", str(online.root / "file" / "plan.json"))
    assert run.code == 1
    assert "can't be written" in run.log


def test_every_mode_that_reads_a_channel_has_its_flags() -> None:
    flags = ["--channel", "--organization", "--label", "--anaconda-api-url", "--anaconda-index-url"]
    for mode in MODES.values():
        assert [each.flag for each in mode.inputs][:5] == flags


@pytest.mark.parametrize("argv", [["--help"], *([mode, "--help"] for mode in MODES)], ids=" ".join)
def test_help_says_what_there_is(argv: list[str]) -> None:
    places = [str(CLEANUP), str(CLEANUP.parent / "scripts")]
    code = f"import sys; sys.path[:0] = {places}; import cleanup; sys.exit(cleanup.main(sys.argv[1:]))"
    ran = subprocess.run([sys.executable, "-I", "-c", code, *argv], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    if argv == ["--help"]:
        assert all(f"  {mode} " in ran.stdout for mode in MODES)
    else:
        assert "INPUT_ANACONDA_TOKEN" in ran.stdout
        assert f"cleanup {argv[0]}" in ran.stdout
