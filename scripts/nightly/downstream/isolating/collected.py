"""What the cells and experiments of a run have left, read from the artifacts below one directory.

They come from jobs that ran other people's code, so a file that isn't what it should be is left out, and named.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from nightly.data import Unreadable, load
from nightly.downstream.records.experiment import ExperimentResult
from nightly.downstream.records.result import CellResult

T = TypeVar("T")

ARTIFACT = "nightlies_"
"""With which the names of the workflow's artifacts begin."""

CELL_FILE = "result.json"
EXPERIMENT_FILE = "experiment.json"


@dataclass(frozen=True)
class Collected(Generic[T]):
    """What was read, in the order of its index; and why the other files were left out, each with its path."""

    found: tuple[T, ...]
    left_out: tuple[str, ...] = ()


def read_cells(directory: Path) -> Collected[CellResult]:
    """The results of the cells: of each its newest attempt."""
    read = _read(CellResult, directory, CELL_FILE, lambda each: f"cell_{each.cell.index}_{each.attempt}")
    newest = _newest(read.found, lambda each: each.cell.index, lambda each: each.attempt)
    return Collected(tuple(newest[index] for index in sorted(newest)), read.left_out)


def read_experiments(directory: Path) -> Collected[ExperimentResult]:
    """The results of the experiments: of each its newest attempt, the first round's before the second's."""
    read = _read(ExperimentResult, directory, EXPERIMENT_FILE, _experiment_name)
    newest = _newest(read.found, lambda each: (each.experiment.round, each.experiment.index), lambda each: each.attempt)
    return Collected(tuple(newest[place] for place in sorted(newest)), read.left_out)


K = TypeVar("K", bound=Hashable)


def _newest(found: tuple[T, ...], place: Callable[[T], K], attempt: Callable[[T], int]) -> Mapping[K, T]:
    return {place(each): each for each in sorted(found, key=attempt)}


def _experiment_name(result: ExperimentResult) -> str:
    return f"experiment_{result.experiment.round}_{result.experiment.index}_{result.attempt}"


def _read(kind: type[T], directory: Path, filename: str, name: Callable[[T], str]) -> Collected[T]:
    found, left_out = list[T](), list[str]()
    for path in sorted(directory.rglob(filename)):
        value, place = _load(kind, path), path.relative_to(directory)
        if isinstance(value, str):
            left_out.append(f"{place.as_posix()}: {value}")
        elif not _is_at_home(place, name(value)):
            left_out.append(f"{place.as_posix()}: it says that it is of another job")
        else:
            found.append(value)
    return Collected(tuple(found), tuple(left_out))


def _is_at_home(place: Path, name: str) -> bool:
    """Whether a file is in the artifact of its own job, whose name the workflow gives and not the code that ran there.

    An artifact that was downloaded alone has no folder, and no other one can take its place.
    """
    folder = place.parts[0]
    return not folder.startswith(ARTIFACT) or (
        folder.partition("@")[0] == f"{ARTIFACT}{name}" and len(place.parts) == 2
    )


def _load(kind: type[T], path: Path) -> T | str:
    """What is in a file, or why it can't be read."""
    try:
        return load(kind, path)
    except Unreadable as error:
        return str(error)
    except OSError as error:
        return error.strerror or "it can't be read"
