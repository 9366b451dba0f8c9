"""The report on a run in which very many tests failed: by itself, and with the issue that it opens or edits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.bench import Bench, Scale
from benchmarks.figures import Result, Row, Sample, middle, peak, times
from benchmarks.programs import ThisAction, part
from benchmarks.serving import serving
from nightly.errors import UserError

SECONDS = 1
WEEKS = {"opened": "Opened the issue", "edited": "Edited the issue", "alone": "writes no issue"}
"""What becomes of the issue in runs that follow each other, and what the log says of it."""


@dataclass(frozen=True)
class _Red:
    """A run whose tests failed: what its jobs have left, and its matrix as JSON."""

    results: Path
    matrix: str

    def inputs(self, week: str, number: int, github: Mapping[str, str]) -> Mapping[str, str]:
        """Of the report on another run. Each round has an issue of its own, by its name."""
        return {
            "INPUT_RESULTS": str(self.results),
            "INPUT_MATRIX": self.matrix,
            "INPUT_NAME": f"bench-{number}",
            "INPUT_ISSUE": "never" if week == "alone" else "always",
            "INPUT_GITHUB_TOKEN": github["token"],
            "GITHUB_API_URL": github["api_url"],
            "GITHUB_REPOSITORY": github["repository"],
            "GITHUB_RUN_ID": str([*WEEKS].index(week) + 1),
            "TMPDIR": str(self.results.parent),
        }


def run(bench: Bench) -> Result:
    """Report on a run with few failures and on one with many, in turns."""
    few, many = bench.scale.failures
    samples: dict[str, list[Sample]] = {f"report {what}": [] for what in (*WEEKS, f"of {many}")}
    reds = {count: _make(bench, count) for count in bench.scale.failures}
    with serving(bench.python, "github_server.py", bench.directory) as github:
        bench.prepare(ThisAction(bench.directory / "ours").nightlies("report", reds[few].inputs("alone", 0, github)))
        for number in range(1, bench.rounds + 1):
            bench.noise.look_at_processor()
            for week in WEEKS:
                samples[f"report {week}"].append(_take(bench, reds[few], week, number, github))
            samples[f"report of {many}"].append(_take(bench, reds[many], "alone", number, github))
    return Result((row(bench.scale, samples),), dict(samples))


def _make(bench: Bench, failures: int) -> _Red:
    directory = bench.directory / f"red-{failures}" / "results"
    bench.prepare(
        part(bench.python, bench.directory, "make_red", str(directory), str(bench.scale.cells), str(failures))
    )
    return _Red(directory, _log(bench))


def _take(bench: Bench, red: _Red, week: str, number: int, github: Mapping[str, str]) -> Sample:
    call = ThisAction(bench.directory / "ours").nightlies("report", red.inputs(week, number, github))
    sample = bench.take(f"report, issue {week}", call)
    said = _log(bench)
    if "the nightly of numpy breaks" not in said or WEEKS[week] not in said:
        raise UserError(f"A report ended well, but it doesn't say {WEEKS[week]!r}:\n{said}")
    return sample


def _log(bench: Bench) -> str:
    return (bench.directory / "log.txt").read_text(encoding="utf-8")


def row(scale: Scale, samples: Mapping[str, Sequence[Sample]]) -> Row:
    """What the table says of it. An issue that is opened waits, by design: GitHub's list is looked at three times."""
    few, many = scale.failures
    opened, edited, alone, of_many = samples.values()
    return Row(
        work=f"Report of {few} failures in {scale.cells} jobs",
        ours=f"{times(alone)}, {peak(alone):.0f} MB; with its issue edited {times(edited)}, opened {times(opened)}; "
        f"{many} failures: {times(of_many)}, {peak(of_many):.0f} MB",
        rival="",
        result=f"{middle(edited):.2f} s with its issue edited",
        goal=f"below {SECONDS} s",
        met=middle(edited) < SECONDS,
    )
