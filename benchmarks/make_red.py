"""Make what a run leaves behind whose tests fail: `make_red DIRECTORY CELLS FAILURES`. Prints the matrix as JSON.

The same tests fail in all cells, so many in all; and what shows that it is numpy's doing is there too.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path

from nightly.data import save, to_json
from nightly.downstream.records.experiment import Experiment, ExperimentResult, Kind, Verdict
from nightly.downstream.records.proof import Proof, ProofState, Proved
from nightly.downstream.records.result import Cell, CellResult, End, Failure

_SYSTEMS = (
    *("ubuntu-22.04", "ubuntu-24.04", "ubuntu-22.04-arm", "ubuntu-24.04-arm"),
    *("macos-14", "macos-15", "windows-2022", "windows-2025"),
)
_MESSAGES = 25
_DEPTH = 20
_TRACEBACK = "\n".join(f"bench/module.py:{line}: in function\n    return call(values)" for line in range(_DEPTH))
_SHOWN = {"": Verdict.PASSED, "numpy": Verdict.PASSED, "scipy": Verdict.FAILED}
"""What the tests did without any nightly, and without each."""


def main(directory: str, cells: str, failures: str) -> None:
    results = [_result(number, int(failures) // int(cells)) for number in range(int(cells))]
    for result in results:
        _save(Path(directory, f"cell-{result.cell.index}", "result.json"), result)
    for number, (suspect, verdict) in enumerate(_SHOWN.items()):
        _save(Path(directory, f"experiment-{number}", "experiment.json"), _shown(results[0], number, suspect, verdict))
    print(json.dumps({"include": [to_json(result.cell) for result in results]}))


def _save(path: Path, value: object) -> None:
    path.parent.mkdir(parents=True)
    save(path, value)


def _result(number: int, failures: int) -> CellResult:
    system, python = divmod(number, 5)
    return CellResult(
        cell=Cell(number, f"3.{10 + python}", _SYSTEMS[system % len(_SYSTEMS)]),
        attempt=1,
        end=End.FAILED,
        proof=Proof(("venv",), tuple(map(_proved, ("numpy", "scipy")))),
        failures=tuple(map(_failure, range(failures))),
        passed=1000,
        by_test=True,
    )


def _proved(name: str) -> Proved:
    return Proved(name, ProofState.NIGHTLY, "the hash is the planned one", "2.0.dev1", "2.0.dev1", "1.0")


def _failure(number: int) -> Failure:
    """As a report log has it: of those that fail alike only the first has a traceback."""
    message = f"AttributeError: module 'numpy' has no attribute 'function_{number % _MESSAGES}'"
    traceback = f"{_TRACEBACK}\nE   {message}" if number < _MESSAGES else ""
    return Failure(f"tests/test_module_{number % 40}.py::test_function[{number}]", message, traceback)


def _shown(of: CellResult, number: int, suspect: str, verdict: Verdict) -> ExperimentResult:
    kind, end = Kind.WITHOUT if suspect else Kind.CONTROL, End.PASSED if verdict is Verdict.PASSED else End.FAILED
    experiment = Experiment(number, 1, of.cell.index, kind, suspect, of.cell.python, of.cell.os)
    tests: Mapping[str, Verdict] = {failure.test: verdict for failure in of.failures}
    return ExperimentResult(experiment, 1, end, tests)


if __name__ == "__main__":
    main(*sys.argv[1:])
