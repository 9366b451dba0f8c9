"""The table for people, and all figures for programs. Pure."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from datetime import date

from benchmarks.figures import Result, Row
from benchmarks.noise import Noise
from nightly.errors import UserError

BEGIN = "<!-- benchmark table -->"
END = "<!-- end -->"

_METHOD = """Measured on {day} with `python3 scripts bench --rounds {rounds}`, on {machine}.
Whole processes, in turns; a time is the least and, in brackets, the median of all rounds; ratios are those of medians.
The server is the tests' stand-in of anaconda.org, a process of its own on the same machine. The rival is
anaconda-client 1.16 with `--force`, as scientific-python/upload-nightly-action runs it. Both are installed before, but
for the set-up, which ends when `upload --help` is answered, and where neither finds anything in pip's cache. For the
cleanup's plan the rival is what that project's cleanup asks (the list, each package, each of its versions, in turn),
over one kept connection and without the processes that it starts for each. The decision's time and the deletion's are
those alone, in a process of their own. The plan of nightlies is of a project all of whose dependencies have one, with
nothing in uv's cache, and with as slow an index beside the channel. Isolation is counted, whichever nightlies are the
broken ones; its rival is jax-toolbox-triage's search from package to package, which runs both ends twice and names one
package. A release is fetched from the tests' index; pip, which takes one wheel at a time, is called for each platform
and Python in turn, and one file after the other is how numpy's download-wheels.py does it, but over one kept
connection, and without hashes. The report's failures are those of all jobs together, and its issue is on the tests'
stand-in of GitHub.
The machine's noise: {noise}."""


def table(rows: Sequence[Row]) -> str:
    """A table in Markdown. It holds figures and our own words alone."""
    lines = ["| work | this action | rival | result | goal |", "| --- | --- | --- | --- | --- |"]
    for row in rows:
        goal = f"{row.goal}: {'met' if row.met else 'missed'}"
        lines.append(f"| {row.work} | {row.ours} | {row.rival or 'not compared'} | {row.result} | {goal} |")
    return "\n".join(lines)


def section(rows: Sequence[Row], day: date, machine: str, rounds: int, noise: Noise) -> str:
    """The table, and how it came about."""
    return f"{_METHOD.format(day=day, machine=machine, rounds=rounds, noise=noise)}\n\n{table(rows)}"


def with_section(readme: str, text: str) -> str:
    """The README with `text` between its markers.

    Raises:
        UserError: the markers aren't there.
    """
    before, begin, rest = readme.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise UserError(f"README.md has no place for the table: the lines {BEGIN} and {END}.")
    return f"{before}{begin}\n\n{text}\n\n{end}{after}"


def as_json(result: Result, day: date, machine: str, noise: Noise) -> str:
    """Every figure."""
    samples = {name: [dataclasses.asdict(each) for each in some] for name, some in result.samples.items()}
    rows = [dataclasses.asdict(row) for row in result.rows]
    whole = {"date": str(day), "machine": machine, "noise": dataclasses.asdict(noise), "rows": rows, "samples": samples}
    return json.dumps(whole, indent=1) + "\n"
