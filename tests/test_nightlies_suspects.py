"""The mode suspects: it reads what the jobs left behind, and says what to run next."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from nightly.actions import Runner
from nightly.data import LARGEST, from_json, save, to_json
from nightly.downstream.isolating.collected import read_cells, read_experiments
from nightly.downstream.modes import suspects
from nightly.downstream.records.experiment import Experiment, ExperimentResult, Kind
from nightly.downstream.records.history import Green, History, Known
from nightly.downstream.records.result import CellResult, End
from nightly.errors import UserError
from nightly.patience import Patience
from red_cells import NIGHT, Lab, Truth, any_of, asked, cell, nightly
from uploading import Files

THREE = ("a", "b", "c")
OPEN = Truth({"t": any_of("a", "b+c")})
"""Of which the first round doesn't tell who it is."""


@dataclass(frozen=True)
class Said:
    """What the mode said, and what is to be run."""

    code: int
    log: str
    summary: str
    output: str

    @property
    def experiments(self) -> tuple[Experiment, ...]:
        return tuple(from_json(Experiment, each) for each in json.loads(self.output)["include"])


@dataclass(frozen=True)
class Artifacts:
    """The directory to which the artifacts of a run were downloaded, each into a folder of its own."""

    root: Path

    def keep(self, *results: CellResult | ExperimentResult) -> None:
        for result in results:
            folder = self.root / "results" / f"nightlies_{_place(result)}_{result.attempt}@demo"
            folder.mkdir(parents=True)
            save(folder / ("result.json" if isinstance(result, CellResult) else "experiment.json"), result)

    def write(self, name: str, content: bytes) -> Path:
        path = self.root / "results" / name
        path.parent.mkdir(parents=True)
        path.write_bytes(content)
        return path

    def run(self, **inputs: str) -> Said:
        """Run the mode as its door does."""
        log, files = io.StringIO(), Files(self.root)
        runner = Runner(log=log, output_file=files.outputs, summary_file=files.summary)
        given = {"results": str(self.root / "results"), **inputs}
        environ = {f"INPUT_{name.upper()}": value for name, value in given.items()}
        code = suspects.run([], environ, runner, Patience())
        return Said(code, log.getvalue(), files.text(files.summary), files.values()["experiments"])


def _place(result: CellResult | ExperimentResult) -> str:
    if isinstance(result, CellResult):
        return f"cell_{result.cell.index}"
    return f"experiment_{result.experiment.round}_{result.experiment.index}"


@pytest.fixture(name="artifacts")
def artifacts_fixture(tmp_path: Path) -> Artifacts:
    return Artifacts(tmp_path)


# Files


def test_of_each_cell_the_newest_attempt_counts(artifacts: Artifacts) -> None:
    newest = [cell("a", index=0, attempt=10), cell("a", index=1), cell("a", index=2, attempt=3)]
    artifacts.keep(cell("a", index=0, attempt=9), newest[2], newest[1], newest[0], cell("a", index=2, attempt=1))
    read = read_cells(artifacts.root)
    assert (read.found, read.left_out) == (tuple(newest), ())


def test_of_each_experiment_of_a_round_the_newest_attempt_counts(artifacts: Artifacts) -> None:
    kept = [_shown(1, 0, 2), _shown(1, 1, 1), _shown(2, 0, 1)]
    artifacts.keep(_shown(1, 0, 1), *reversed(kept))
    read = read_experiments(artifacts.root)
    assert (read.found, read.left_out) == (tuple(kept), ())


BROKEN: dict[str, bytes] = {
    "empty": b"",
    "cut off": b'{"cell": {"index": 0, "pyth',
    "no object": b"[1, 2]",
    "not UTF-8": b'{"attempt": "\xff"}',
    "without its fields": b"{}",
    "of other types": b'{"cell": {"index": "0", "python": "3", "os": "x"}, "attempt": 1, "end": "failed"}',
    "an end that isn't any": b'{"cell": {"index": 0, "python": "3", "os": "x"}, "attempt": 1, "end": "great"}',
    "deep": b"[" * 200_000,
}


@pytest.mark.parametrize("content", BROKEN.values(), ids=BROKEN)
def test_what_cannot_be_read_is_left_out_and_named(artifacts: Artifacts, content: bytes) -> None:
    artifacts.keep(cell("a", index=1))
    artifacts.write("nightlies_cell_0_1@demo/result.json", content)
    read = read_cells(artifacts.root / "results")
    assert [each.cell.index for each in read.found] == [1]
    (line,) = read.left_out
    assert line.startswith("nightlies_cell_0_1@demo/result.json: ")


@pytest.mark.parametrize("place", ["nightlies_cell_1_1@demo", "nightlies_cell_0_1@demo/more"], ids=["other", "below"])
def test_no_job_speaks_for_another_one(artifacts: Artifacts, place: str) -> None:
    """The code that was tested may write any file into its own artifact."""
    artifacts.keep(cell("a", index=0))
    forged = artifacts.write(f"{place}/result.json", b"")
    save(forged, cell(index=0, attempt=9))
    read = read_cells(artifacts.root / "results")
    assert [each.attempt for each in read.found] == [1]
    assert read.left_out == (f"{place}/result.json: it says that it is of another job",)


def test_what_is_too_large_is_left_out_and_named(artifacts: Artifacts) -> None:
    with artifacts.write("x/experiment.json", b"").open("r+b") as file:
        file.truncate(LARGEST + 1)
    read = read_experiments(artifacts.root)
    assert (read.found, read.left_out) == (
        (),
        (f"results/x/experiment.json: experiment.json is larger than {LARGEST} bytes",),
    )


def test_a_folder_in_the_place_of_a_file_is_left_out_and_named(artifacts: Artifacts) -> None:
    (artifacts.root / "results" / "x" / "result.json").mkdir(parents=True)
    (line,) = read_cells(artifacts.root / "results").left_out
    assert line.startswith("x/result.json: ")


def test_where_nothing_was_left_behind_nothing_is_read(artifacts: Artifacts) -> None:
    assert read_cells(artifacts.root / "results").found == ()
    assert read_experiments(artifacts.root / "results").found == ()


# Rounds


def test_a_red_cell_leads_to_a_control_and_a_job_for_each_suspect(artifacts: Artifacts) -> None:
    artifacts.keep(cell(*THREE, tests=["t1", "t2"]), cell(*THREE, index=1, end=End.PASSED, tests=[]))
    said = artifacts.run()
    assert (said.code, asked(said.experiments)) == (0, ["control", "without a", "without b", "without c"])
    line = (
        "ubuntu-latest, Python 3.0: 2 tests fail. 4 jobs: without any nightly, all nightlies but a, "
        "all nightlies but b, all nightlies but c."
    )
    assert line in said.log
    assert line in said.summary


def test_cells_are_told_in_the_order_of_their_experiments(artifacts: Artifacts) -> None:
    artifacts.keep(*(cell("a", tests=[test], index=index) for index, test in enumerate(["t1", "t2", "t2"])))
    first, second = (line for line in artifacts.run().log.splitlines() if "1 job:" in line)
    assert (first[:25], second[:25]) == ("ubuntu-latest, Python 3.1", "ubuntu-latest, Python 3.0")


def test_an_experiment_is_an_entry_of_a_matrix(artifacts: Artifacts) -> None:
    artifacts.keep(cell("a"))
    control = {"index": 0, "round": 1, "cell": 0, "kind": "control", "suspect": "", "python": "3.0"}
    said = artifacts.run()
    assert json.loads(said.output) == {"include": [{**control, "os": "ubuntu-latest"}]}
    assert "\n" not in said.output


@pytest.mark.parametrize("number", ["1", "2"])
def test_when_there_is_nothing_to_run_no_matrix_is_made(artifacts: Artifacts, number: str) -> None:
    artifacts.keep(cell("a", end=End.PASSED, tests=[]), cell("a", end=End.CANNOT_INSTALL, index=1, tests=[]))
    said = artifacts.run(round=number)
    assert (said.code, said.output) == (0, "")
    assert "Nothing to run" in said.log
    assert "Nothing to run" in said.summary


def test_without_any_artifact_there_is_nothing_to_run(artifacts: Artifacts) -> None:
    assert artifacts.run().output == ""


def test_the_second_round_is_for_what_the_first_left_open(artifacts: Artifacts) -> None:
    lab = Lab(cell(*THREE), OPEN)
    artifacts.keep(lab.result)
    artifacts.keep(*lab.carry_out(artifacts.run().experiments))
    said = artifacts.run(round="2")
    assert asked(said.experiments) == ["alone a", "alone b", "alone c"]
    assert [(each.round, each.index) for each in said.experiments] == [(2, 0), (2, 1), (2, 2)]
    assert "3 jobs: no nightly but a, no nightly but b, no nightly but c. The first round doesn't tell who" in said.log


def test_there_is_no_second_round_when_the_first_is_enough(artifacts: Artifacts) -> None:
    lab = Lab(cell(*THREE), Truth({"t": any_of("a")}))
    artifacts.keep(lab.result)
    artifacts.keep(*lab.carry_out(artifacts.run().experiments))
    assert artifacts.run(round="2").output == ""


def test_a_result_that_cannot_be_read_is_warned_of_and_counts_for_nothing(artifacts: Artifacts) -> None:
    artifacts.keep(cell("a", index=1))
    artifacts.write("nightlies_cell_0_1@demo/result.json", b"{")
    artifacts.write("nightlies_demo_experiment_1_0_1/experiment.json", b"{")
    said = artifacts.run()
    assert [each.cell for each in said.experiments] == [1]
    assert "warning: A result can't be read: nightlies_cell_0_1@demo/result.json: result.json isn't JSON" in said.log
    assert "nightlies_demo_experiment_1_0_1/experiment.json" in artifacts.run(round="2").log


# Attempts


def test_a_cell_that_is_green_by_now_is_not_isolated(artifacts: Artifacts) -> None:
    artifacts.keep(cell("a"), cell("a", attempt=2, end=End.PASSED, tests=[]))
    assert artifacts.run().output == ""


def test_experiments_of_an_earlier_attempt_are_no_reason_for_a_second_round(artifacts: Artifacts) -> None:
    """The cell ran again, and so all its experiments do; those that it doesn't ask for any more are left over."""
    lab = Lab(cell(*THREE), OPEN)
    artifacts.keep(lab.result)
    artifacts.keep(*lab.carry_out(artifacts.run().experiments))
    again = replace(lab, result=cell(*THREE, attempt=2), attempt=lambda _: 2)
    artifacts.keep(again.result)
    assert artifacts.run(round="2").output == ""
    artifacts.keep(*again.carry_out(artifacts.run().experiments))
    assert asked(artifacts.run(round="2").experiments) == ["alone a", "alone b", "alone c"]


def test_an_experiment_that_is_run_again_takes_the_place_of_the_lost_one(artifacts: Artifacts) -> None:
    lab = Lab(cell(*THREE), OPEN)
    artifacts.keep(lab.result)
    first = artifacts.run().experiments
    lost = replace(lab, truth=replace(OPEN, uninstallable=[frozenset[str]()]))
    artifacts.keep(*lost.carry_out(first))
    assert artifacts.run(round="2").output == ""
    artifacts.keep(*replace(lab, attempt=lambda _: 2).carry_out(first[:1]))
    assert len(artifacts.run(round="2").experiments) == 3


# Inputs


def test_what_changed_since_the_last_green_run_comes_first(artifacts: Artifacts) -> None:
    artifacts.keep(cell(*(nightly(name, sha256=f"new {name}") for name in THREE)))
    green = Green(NIGHT, "", tuple(Known(name, "2.0.dev0", (f"new {name}",)) for name in "ab"))
    save(artifacts.root / "state.json", History((), green))
    said = artifacts.run(state=str(artifacts.root / "state.json"))
    assert asked(said.experiments) == ["control", "without c", "without a", "without b"]
    assert "Changed since the last green run: c." in said.log
    save(artifacts.root / "state.json", History((), replace(green, packages=())))
    assert "Changed since the last green run: a, b, c." in artifacts.run(state=str(artifacts.root / "state.json")).log


@pytest.mark.parametrize("content", [None, b"{", b"{}"], ids=["missing", "broken", "never green"])
def test_without_a_last_green_run_the_suspects_come_by_name(artifacts: Artifacts, content: bytes | None) -> None:
    artifacts.keep(cell("b", "a"))
    state = artifacts.root / "state.json"
    if content is not None:
        state.write_bytes(content)
    said = artifacts.run(state=str(state))
    assert asked(said.experiments) == ["control", "without a", "without b"]
    assert ("the suspects come by name" in said.log) is (content != b"{}")
    assert "Changed since" not in said.log


def test_it_is_said_that_of_many_twelve_are_tried(artifacts: Artifacts) -> None:
    artifacts.keep(cell(*(f"p{number:02}" for number in range(14)), tests=[""]))
    said = artifacts.run()
    assert len(said.experiments) == 13
    assert "the whole command fails. 13 jobs:" in said.log
    assert "Of 14 suspects 12 are tried at most." in said.log


def test_however_many_nightlies_there_are_the_experiments_fit_into_a_variable(artifacts: Artifacts) -> None:
    """The job that reports gets them among `needs`, in a variable that Linux lets have 128 KiB."""
    names = ["n" * 10_000, *(f"{number:04}{'x' * 90}" for number in range(1000))]
    bound = [nightly(name, f"{names[2 - number % 2]}==1") for number, name in enumerate(names)]
    artifacts.keep(cell(*names, tests=["a"]), *(cell(*bound, tests=[test], index=int(test)) for test in "12"))
    assert 0 < len(artifacts.run().output) < 50_000


def test_a_result_leads_to_no_runner_that_the_workflow_has_not_named(artifacts: Artifacts) -> None:
    """The code that was tested could have written it, and a label of a machine at home into it."""
    forged = cell("a", index=0)
    artifacts.keep(replace(forged, cell=replace(forged.cell, os="self-hosted")), cell("a", index=1))
    matrix = {"include": [to_json(cell("a", index=index).cell) for index in (0, 1)]}
    said = artifacts.run(matrix=json.dumps(matrix))
    assert [(each.cell, each.os) for each in said.experiments] == [(1, "ubuntu-latest")]


def test_what_a_result_says_of_itself_is_text(artifacts: Artifacts) -> None:
    result = cell("a")
    artifacts.keep(replace(result, cell=replace(result.cell, os="<img src=x>\n::error::@all")))
    said = artifacts.run()
    assert "<img" not in said.summary
    assert "\n::error" not in said.log
    assert "\n" not in said.output


REFUSED: dict[str, tuple[dict[str, str], str]] = {
    "a third round": ({"round": "3"}, "'round' can't be '3'"),
    "no round": ({"round": "one"}, "'round' can't be 'one'"),
    "no directory": ({"results": ""}, "'results' can't be ''"),
    "no matrix": ({"matrix": "[]"}, "'matrix' can't be '[]'"),
}


@pytest.mark.parametrize(("inputs", "gist"), REFUSED.values(), ids=REFUSED)
def test_an_input_that_is_wrong_is_refused(artifacts: Artifacts, inputs: dict[str, str], gist: str) -> None:
    with pytest.raises(UserError) as refused:
        artifacts.run(**inputs)
    assert gist in str(refused.value)
    assert refused.value.exit_code == 2


def test_the_inputs_are_flags_too(artifacts: Artifacts) -> None:
    log = io.StringIO()
    artifacts.keep(cell("a"))
    argv = ["--results", str(artifacts.root / "results"), "--round", "1"]
    assert suspects.run(argv, {}, Runner(log=log), Patience()) == 0
    assert "1 job: without any nightly." in log.getvalue()


def _shown(number: int, index: int, attempt: int) -> ExperimentResult:
    experiment = Experiment(index, number, 0, Kind.CONTROL, "", "3.0", "ubuntu-latest")
    return ExperimentResult(experiment, attempt, End.PASSED, {})
