"""The benchmark runs, counts requests, and says truly which goals were reached; its figures are no matter of tests."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import date
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from benchmarks import (
    checks,
    deciding,
    deletions,
    directories,
    fetches,
    isolation,
    memory,
    nightly_plan,
    planning,
    report,
    setting_up,
    telling,
    uploads,
)
from benchmarks.bench import SCALES
from benchmarks.figures import MB, Result, Row, Sample, size
from benchmarks.noise import Noise
from benchmarks.processes import Call, bare_environ, measured, user_environ
from benchmarks.samples import night, write_wheel
from nightly.downstream.isolating.finding import Proves
from nightly.errors import UserError
from nightly.wheels import read_wheel

ROOT = Path(__file__).resolve().parent.parent
NEW, IDENTICAL, CHANGED = uploads.WORKS
FULL = SCALES["full"]

not_on_windows = pytest.mark.skipif(sys.platform == "win32", reason="Windows doesn't tell a process's peak memory")


def bench(*arguments: str) -> subprocess.CompletedProcess[str]:
    environ = {name: value for name, value in os.environ.items() if name != "RUNNER_TEMP"}
    call = [sys.executable, "-I", "-X", "utf8", str(ROOT / "scripts"), "bench", *arguments]
    return subprocess.run(call, env=environ, check=False, capture_output=True, text=True)


@cache
def smoke() -> tuple[str, dict[str, Any]]:  # JSON that the tests assert on
    """What one tiny round of everything printed, and the figures that it wrote."""
    with TemporaryDirectory() as directory:
        figures = Path(directory, "figures.json")
        done = bench("--scale", "smoke", "--rounds", "1", "--json", str(figures))
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout, json.loads(figures.read_text(encoding="utf-8"))


@not_on_windows
def test_a_round_of_everything_gives_a_table_with_a_line_for_every_goal() -> None:
    printed, _ = smoke()
    lines = [line for line in printed.splitlines() if line.startswith("| ")]
    assert len(lines) == 2 + 16
    assert all(line.count("|") == 6 for line in lines)
    assert "2 wheels of 2 kB, new, 0 ms an answer" in printed
    assert "The machine's noise: a fixed loop took" in printed


@not_on_windows
def test_a_round_of_everything_writes_every_figure() -> None:
    _, figures = smoke()
    assert set(figures["samples"]) == {
        *(f"{work} {who}" for work in ("new", "identical", "changed", "set-up", "plan") for who in ("ours", "rival")),
        *("large new", "large changed", "channel of 2", "channel of 4"),
        *("decide 100", "decide 200"),
        *(f"{what} {count}" for what in deletions.WORKS for count in (2, 4)),
        *("nightlies plan", "report opened", "report edited", "report alone", "report of 12"),
        *(f"fetch {what}" for what in ("ours", "pip", "one by one", "large")),
        *(f"check {who}" for who in ("ours", "rival")),
    }
    for samples in figures["samples"].values():
        assert [set(sample) for sample in samples] == [{"seconds", "peak", "requests"}]
        assert all(sample["seconds"] > 0 and sample["peak"] > MB for sample in samples)
    assert len(figures["noise"]["loop"]) > 1


@not_on_windows
def test_new_files_take_at_most_three_requests_each_and_eight() -> None:
    _, figures = smoke()
    assert 2 * 3 < figures["samples"]["new ours"][0]["requests"] <= 2 * 3 + 8


@not_on_windows
def test_identical_files_take_at_most_six_requests() -> None:
    _, figures = smoke()
    assert 0 < figures["samples"]["identical ours"][0]["requests"] <= 6


@not_on_windows
def test_the_rival_is_made_to_send_everything_again() -> None:
    _, figures = smoke()
    assert figures["samples"]["identical rival"][0]["requests"] >= 2 * 5


@not_on_windows
def test_a_plan_takes_a_request_for_the_list_and_one_for_each_project() -> None:
    _, figures = smoke()
    assert figures["samples"]["plan ours"][0]["requests"] == 1 + 3


@not_on_windows
def test_the_replay_asks_for_the_list_each_package_and_each_version() -> None:
    _, figures = smoke()
    assert figures["samples"]["plan rival"][0]["requests"] == 1 + 3 * (1 + planning.VERSIONS)


@not_on_windows
def test_a_plan_of_nightlies_asks_the_channel_once_for_each_dependency_and_uv_asks_for_the_rest() -> None:
    printed, figures = smoke()
    assert figures["samples"]["nightlies plan"][0]["requests"] > 2 * 3 + 1 + 3
    assert " requests, 4 of them its own, the rest uv's |" in printed


def of(*seconds: float, requests: int = 0) -> list[Sample]:
    return [Sample(each, 40 * MB, requests) for each in seconds]


@pytest.mark.parametrize(
    ("work", "ours", "rival", "met"),
    [
        pytest.param(NEW, of(1, requests=152), of(8), True, id="as fast as the goal"),
        pytest.param(NEW, of(1, requests=152), of(7.9), False, id="slower"),
        pytest.param(NEW, of(1, requests=153), of(8), False, id="one request too many"),
        pytest.param(IDENTICAL, of(1, requests=6), of(20), True, id="identical"),
        pytest.param(IDENTICAL, of(1, requests=7), of(20), False, id="identical, one request too many"),
        pytest.param(CHANGED, of(1, requests=999), of(5), True, id="without a goal for requests"),
        pytest.param(NEW, of(0.1, 1, 1), of(8, 8, 8), True, id="by the median"),
        pytest.param(NEW, of(0.1, 1, 1), of(7, 7, 800), False, id="by the median, not by luck"),
    ],
)
def test_an_upload_meets_its_goal_by_time_and_requests(
    work: uploads.Work, ours: list[Sample], rival: list[Sample], *, met: bool
) -> None:
    row = uploads.row(work, FULL, {f"{work.name} ours": ours, f"{work.name} rival": rival})
    assert row.met is met


def test_the_full_benchmark_is_what_the_goals_are_for() -> None:
    samples = {f"{NEW.name} {who}": of(1, requests=5) for who in ("ours", "rival")}
    row = uploads.row(NEW, FULL, samples)
    assert row.work == "48 wheels of 4 MB, new, 50 ms an answer"
    assert row.goal == "8 times faster, at most 152 requests"


@pytest.mark.parametrize(("peak", "met"), [(79 * MB, True), (80 * MB, False)], ids=["below", "at the limit"])
def test_memory_is_the_larger_of_both_uploads(peak: int, *, met: bool) -> None:
    row = memory.row(FULL.large, Sample(1, MB), Sample(1, peak))
    assert row.work.startswith("One wheel of 2 GB")
    assert row.met is met


@pytest.mark.parametrize(("rival", "met"), [(10.0, True), (9.9, False)], ids=["ten times", "less"])
def test_setting_up_is_compared_in_time(rival: float, *, met: bool) -> None:
    installed = {"ours": setting_up.Installed(5 * MB, 7), "rival": setting_up.Installed(93 * MB, 91)}
    row = setting_up.row(of(1), of(rival), installed)
    assert "5.0 MB, 7 packages" in row.ours
    assert row.met is met


@pytest.mark.parametrize(("many", "met"), [(1.5, True), (1.6, False)], ids=["hardly more", "more"])
def test_a_large_directory_may_hardly_cost_more_than_a_small_one(many: float, *, met: bool) -> None:
    assert directories.row(FULL, {"channel of 2000": of(1), "channel of 20000": of(many)}).met is met


@pytest.mark.parametrize(
    ("ours", "met"),
    [
        pytest.param(of(1, requests=61), True, id="as fast as the goal"),
        pytest.param(of(1.01, requests=61), False, id="slower"),
        pytest.param(of(1, requests=62), False, id="one request too many"),
    ],
)
def test_a_plan_meets_its_goal_by_time_and_requests(ours: list[Sample], *, met: bool) -> None:
    row = planning.row(FULL, ours, of(15, requests=361))
    assert row.work == "Cleanup's plan for 60 projects, 1500 files, 50 ms an answer"
    assert row.met is met


@pytest.mark.parametrize(
    ("few", "many", "met"),
    [
        pytest.param(of(0.23), of(2.9), True, id="all met"),
        pytest.param(of(0.3), of(3), False, id="three seconds"),
        pytest.param(of(0.22), of(2.9), False, id="longer for a file of many"),
        pytest.param(of(0.23), [Sample(2.9, 400 * MB)], False, id="too much memory"),
    ],
)
def test_deciding_has_limits_of_time_memory_and_growth(few: list[Sample], many: list[Sample], *, met: bool) -> None:
    row = deciding.row(FULL, {"decide 20000": few, "decide 200000": many})
    assert row.work == "Cleanup's decision for 200000 files of 2000 projects"
    assert row.met is met


@pytest.mark.parametrize(("many", "met"), [(1.5, True), (1.6, False)], ids=["hardly more", "more"])
def test_deleting_may_hardly_cost_more_where_more_stays(many: float, *, met: bool) -> None:
    samples = {f"{what} {count}": of(1) for what in deletions.WORKS for count in FULL.channels}
    row = deletions.row(FULL, samples | {f"{deletions.DELETE} 20000": of(many)})
    assert row.met is met


@pytest.mark.parametrize(("seconds", "met"), [(1.9, True), (2, False)], ids=["below two seconds", "two seconds"])
def test_a_plan_of_nightlies_has_a_limit_of_time(seconds: float, *, met: bool) -> None:
    row = nightly_plan.row(FULL, of(0.1, seconds, 9, requests=700))
    assert row.work == "Plan of the nightlies of 100 dependencies, 50 ms an answer"
    assert "700 requests, 101 of them its own" in row.ours
    assert row.met is met


@pytest.mark.parametrize(
    ("proves", "runs"),
    [
        pytest.param(Proves.CULPRIT, "3 suspects: 6 to 8 runs in a row; 12 suspects: 6 to 17 runs in a row", id="one"),
        pytest.param(
            Proves.INTERACTION, "3 suspects: 6 to 8 runs in a row; 12 suspects: 6 to 17 runs in a row", id="two"
        ),
    ],
)
def test_isolation_takes_a_job_for_each_suspect_and_one_more(proves: Proves, runs: str) -> None:
    row = isolation.row(proves, isolation.searches(proves))
    assert row.ours == "3 suspects: 4 jobs in one round; 12 suspects: 13 jobs in one round"
    assert row.rival == runs
    assert row.met


def test_an_isolation_that_needs_a_second_round_misses_its_goal() -> None:
    found = [isolation.Search(count, count + 1, count, 6) for count in isolation.SUSPECTS]
    row = isolation.row(Proves.CULPRIT, found)
    assert "13 jobs in one round, and up to 12 in a second" in row.ours
    assert not row.met


def test_an_isolation_that_finds_something_else_is_not_counted() -> None:
    with pytest.raises(UserError, match="'a', 'b'"):
        isolation.search(["a", "b", "c"], frozenset({"a", "b"}), Proves.CULPRIT)


@pytest.mark.parametrize(("ours", "met"), [(3, True), (3.1, False)], ids=["three times", "more"])
def test_a_check_is_compared_in_time_with_sha256sum(ours: float, *, met: bool) -> None:
    row = checks.row(FULL, {"check ours": of(ours), "check rival": of(1)})
    assert row.work == "Check of 60 wheels of 10 MB, which unpack to 3 times that"
    assert row.met is met


@pytest.mark.parametrize(("edited", "met"), [(0.9, True), (1, False)], ids=["below a second", "a second"])
def test_a_report_has_a_limit_of_time_with_its_issue_edited(edited: float, *, met: bool) -> None:
    samples = {"report opened": of(3), "report edited": of(edited), "report alone": of(0.5), "report of 120000": of(2)}
    row = telling.row(FULL, samples)
    assert row.work == "Report of 3000 failures in 40 jobs"
    assert "opened 3.00 s (3.00 s); 120000 failures: 2.00 s (2.00 s), 40 MB" in row.ours
    assert row.met is met


@pytest.mark.parametrize(
    ("pip", "other", "met"),
    [(60, 5, True), (60, 4.9, False), (4.9, 60, False)],
    ids=["faster than both", "not than one after the other", "not than pip"],
)
def test_a_fetch_has_to_be_faster_than_both_of_its_rivals(pip: float, other: float, *, met: bool) -> None:
    samples = {"fetch ours": of(1, requests=61), "fetch pip": of(pip), "fetch one by one": of(other)}
    row = fetches.row(FULL, samples)
    assert row.work == "Fetch of 60 wheels of 5 platforms, 1 MB each, 50 ms an answer"
    assert row.ours.endswith("61 requests")
    assert row.met is met


@pytest.mark.parametrize(("peak", "met"), [(79 * MB, True), (80 * MB, False)], ids=["below", "at the limit"])
def test_a_large_fetch_has_a_limit_of_memory(peak: int, *, met: bool) -> None:
    row = fetches.memory_row(FULL, {"fetch large": [Sample(9, peak)]})
    assert row.work == "Fetch of one wheel of 2 GB"
    assert row.met is met


def test_what_comes_with_a_virtual_environment_is_not_what_was_installed(tmp_path: Path) -> None:
    for name in ("pip", "pip-23.dist-info", "real", "real-1.dist-info"):
        (tmp_path / "site-packages" / name).mkdir(parents=True)
    for name in ("pip/a.py", "pip-23.dist-info/RECORD", "real/b.py", "real-1.dist-info/RECORD"):
        (tmp_path / "site-packages" / name).write_text("12345")
    assert setting_up.installed_below(tmp_path) == setting_up.Installed(10, 1)


@pytest.mark.parametrize(
    ("count", "text"),
    [(4 * MB, "4 MB"), (2048 * MB, "2 GB"), (2048, "2 kB"), (1000, "1000 bytes")],
    ids=["MB", "GB", "kB", "bytes"],
)
def test_a_size_is_said_in_the_largest_whole_unit(count: int, text: str) -> None:
    assert size(count) == text


def test_the_table_takes_the_place_between_the_markers_and_leaves_the_rest() -> None:
    readme = f"# Title\n{report.BEGIN}\nold\n{report.END}\nrest\n"
    row = Row("work", "1 s", "", "10 times", "8 times", met=True)
    text = report.section([row], date(2026, 1, 2), "a machine", 5, Noise([0.1, 0.2], []))
    written = report.with_section(readme, text)
    assert written.startswith(f"# Title\n{report.BEGIN}\n\nMeasured on 2026-01-02")
    assert written.endswith(f"| work | 1 s | not compared | 10 times | 8 times: met |\n\n{report.END}\nrest\n")
    assert "a fixed loop took 100 to 200 ms" in written
    assert "old" not in written
    assert report.with_section(written, text) == written


@pytest.mark.parametrize("readme", ["", report.BEGIN, report.END, f"{report.END}\n{report.BEGIN}"])
def test_a_readme_without_both_markers_is_refused(readme: str) -> None:
    with pytest.raises(UserError, match="no place for the table"):
        report.with_section(readme, "table")


def test_a_missed_goal_is_said() -> None:
    assert "8 times: missed |" in report.table([Row("work", "1 s", "2 s", "2 times", "8 times", met=False)])


def test_all_figures_are_in_the_json() -> None:
    whole = json.loads(report.as_json(Result((), {"new ours": of(1.5)}), date(2026, 1, 2), "a machine", Noise([0.1])))
    assert whole["samples"] == {"new ours": [{"seconds": 1.5, "peak": 40 * MB, "requests": 0}]}
    assert (whole["date"], whole["machine"], whole["noise"]["loop"]) == ("2026-01-02", "a machine", [0.1])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--only", "nothing"), "invalid choice"),
        (("--rounds", "0"), "1 or more"),
        (("--write-readme", "--scale", "smoke"), "takes the whole benchmark"),
        (("--write-readme", "--only", "memory"), "takes the whole benchmark"),
    ],
    ids=["unknown part", "no rounds", "a table of smoke", "half a table"],
)
def test_what_makes_no_sense_is_refused(arguments: tuple[str, ...], said: str) -> None:
    done = bench(*arguments)
    assert done.returncode == 2
    assert said in done.stderr


@not_on_windows
def test_a_process_that_fails_is_not_measured_and_its_last_words_are_shown(tmp_path: Path) -> None:
    call = Call((sys.executable, "-c", "print('no luck'); raise SystemExit(3)"), bare_environ(tmp_path))
    with pytest.raises(UserError, match=r"(?s)ended with 3.*no luck"):
        measured(call, tmp_path / "log.txt")


MEASURING = """\
import sys
from pathlib import Path
from benchmarks.processes import Call, bare_environ, measured
call = Call((sys.executable, "-c", "b'x' * (300 * 2**20)"), bare_environ(Path(sys.argv[1])))
print(measured(call, Path(sys.argv[1], "log.txt")).peak)
"""


@not_on_windows
def test_a_process_is_measured_with_its_peak_memory(tmp_path: Path) -> None:
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, (ROOT, ROOT / "scripts")))}
    small = (sys.executable, "-c", MEASURING, str(tmp_path))  # the process that measures counts as well
    printed = subprocess.run(small, env=environ, check=True, capture_output=True, text=True).stdout
    assert 300 * MB < int(printed) < 600 * MB


def test_processes_get_none_of_a_jobs_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("INPUT_TOKEN", "GITHUB_OUTPUT", "RUNNER_TEMP", "PYTHONPATH", "NIGHTLY_CACHE"):
        monkeypatch.setenv(name, "the job's")
    monkeypatch.setenv("PIP_PROXY", "http://proxy.example")
    assert "the job's" not in {*bare_environ(tmp_path).values(), *user_environ(tmp_path).values()}
    assert user_environ(tmp_path)["PIP_PROXY"] == "http://proxy.example"
    assert user_environ(tmp_path)["PIP_CACHE_DIR"] == str(tmp_path / "pip-cache")


def test_a_nights_wheels_are_sound_and_another_variant_has_other_bytes(tmp_path: Path) -> None:
    first, second = (night(tmp_path / str(variant), 48, 100, variant) for variant in (0, 1))
    wheels = [[read_wheel(path) for path in sorted(directory.glob("*.whl"))] for directory in (first, second)]
    assert [wheel.filename for wheel in wheels[0]] == [wheel.filename for wheel in wheels[1]]
    assert len({wheel.sha256 for each in wheels for wheel in each}) == 2 * 48


def test_a_wheels_content_is_as_large_as_asked_for(tmp_path: Path) -> None:
    wheel = write_wheel(tmp_path, "a-b", "1.0", "py3-none-any", 5 * MB // 2, seed=1)
    assert 5 * MB // 2 < read_wheel(wheel).size < 5 * MB // 2 + 2000
