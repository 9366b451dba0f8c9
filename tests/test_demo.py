"""The demonstration: all of it, from an empty home."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from sample_wheels import make_wheel

SCRIPTS = Path(__file__).resolve().parent.parent / "scripts"


def demonstration(tmp_path: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    places = dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(temporary))
    job = ("INPUT_", "GITHUB_", "RUNNER_")
    environ = {name: value for name, value in os.environ.items() if not name.startswith(job)}
    return subprocess.run(
        [sys.executable, "-X", "utf8", str(SCRIPTS), "demo", *arguments],
        env=environ | places | {"PYTHONUTF8": "1"},
        check=False,
        capture_output=True,
        encoding="utf-8",
    )


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> str:
    done = demonstration(tmp_path_factory.mktemp("demo"))
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def part(shown: str, number: int) -> str:
    return shown.partition(f"=== {number}. ")[2].partition("\n=== ")[0]


@pytest.mark.parametrize(
    ("number", "told"),
    [
        pytest.param(1, "2 wheels: 2 uploaded", id="publish"),
        pytest.param(2, "This is demo-north, installed from the channel.", id="install"),
        pytest.param(3, "2 wheels: 2 skipped", id="publish again"),
        pytest.param(4, "2 wheels: 1 replaced, 1 skipped", id="replace one"),
        pytest.param(5, "## Nightly upload of 2 wheels", id="summary"),
        pytest.param(7, "| demo-quiet | 5 | 1 coverage | 37 |", id="plan"),
        pytest.param(8, "Nothing was deleted.", id="a limit"),
        pytest.param(9, "107 deleted", id="confirmed"),
        pytest.param(10, "hold, by the rule coverage", id="why"),
    ],
)
def test_each_step_says_what_it_did(shown: str, number: int, told: str) -> None:
    assert told in part(shown, number)


def test_a_line_for_each_of_many_files_is_cut_short(shown: str) -> None:
    assert part(shown, 9).count("\n  deleted ") < 10
    assert "... and " in part(shown, 9)


def test_wheels_that_are_given_are_shown_instead(tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path, name="Given.Wheel", version="3.0.dev7")
    done = demonstration(tmp_path, str(wheel))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "uploaded given_wheel-3.0.dev7" in part(done.stdout, 1)
    assert "Successfully installed" in part(done.stdout, 2)


def test_what_isn_t_a_wheel_is_refused(tmp_path: Path) -> None:
    (tmp_path / "page.whl").write_text("<html>")
    done = demonstration(tmp_path, str(tmp_path / "page.whl"))
    assert done.returncode == 2
    assert "HTML" in done.stderr
