"""Finding and reading all files of a build."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from nightly.checking.distributions import Distribution, Reading
from nightly.checking.faults import Fault, some
from nightly.checking.sdist_reading import read_sdist_whole
from nightly.checking.wheel_reading import read_wheel_whole
from nightly.collect import search
from nightly.errors import UserError
from nightly.wheels import hashes

_ARCHIVES = (".tar.gz", ".zip", ".tgz", ".tar.bz2", ".tar.xz", ".egg")
"""Files that are called so are taken for sdists, also with a name that an sdist can't have."""


@dataclass(frozen=True)
class Gathered:
    """Every file name once: what was read of them, what is wrong, and the files that are passed over."""

    names: tuple[str, ...]
    distributions: tuple[Distribution, ...]
    faults: tuple[Fault, ...]
    others: tuple[Path, ...]


def gather(paths: Sequence[Path], but: Path | None) -> Gathered:
    """Read the files among `paths` and in its directories, at every depth, but not what lies in the directory `but`.

    Raises:
        UserError: a path isn't there, or there's neither a wheel nor an sdist.
    """
    _check_there(paths)
    files = search(paths, but)
    taken = sorted(path for path in (*files.wheels, *files.sdists, *files.others) if _is_taken(path))
    if not taken:
        raise _nothing(paths, files.others)
    once, faults = _each_name_once([path for path in taken if path.is_file()])
    with ThreadPoolExecutor() as pool:
        readings = list(pool.map(_read, once))
    return Gathered(
        names=tuple(dict.fromkeys(path.name for path in taken)),
        distributions=tuple(each.distribution for each in readings if each.distribution),
        faults=(
            *(_no_file(path) for path in taken if not path.is_file()),
            *faults,
            *(fault for each in readings for fault in each.faults),
        ),
        others=tuple(path for path in files.others if not _is_taken(path)),
    )


def _read(path: Path) -> Reading:
    return read_wheel_whole(path) if path.name.endswith(".whl") else read_sdist_whole(path)


def _is_taken(path: Path) -> bool:
    return path.name.endswith((".whl", *_ARCHIVES))


def _each_name_once(paths: Iterable[Path]) -> tuple[list[Path], list[Fault]]:
    """The first file of each name, and what is wrong where another of the name has other bytes."""
    first: dict[str, Path] = {}
    faults = []
    for path in paths:
        same = first.setdefault(path.name, path)
        if same != path and hashes(same) != hashes(path):
            faults.append(_other_bytes(same, path))
    return list(first.values()), faults


def _no_file(path: Path) -> Fault:
    return Fault(
        "Not a file",
        path.name,
        f"{str(path)!r} is a link to what isn't there, a pipe or a device.",
        "Usually links were packed into an artifact, and not what they lead to.",
        "Copy the files themselves.",
    )


def _other_bytes(one: Path, other: Path) -> Fault:
    return Fault(
        "Same name, other bytes",
        one.name,
        f"{str(one)!r} and {str(other)!r} have the same name and other bytes.",
        "Usually two jobs built the same wheel, or files of an older build lie there.",
        "Keep one of them: let one job build it, and gather into an empty directory.",
    )


def _check_there(paths: Sequence[Path]) -> None:
    lost = [str(path) for path in paths if not path.exists()]
    if lost:
        raise UserError(
            f"Not there: {', '.join(map(repr, lost))}.",
            title="No files found",
            means="Usually the build wrote elsewhere, or its artifact wasn't downloaded.",
            do="Give the directory that is there: it is searched at every depth.",
            exit_code=2,
        )


def _nothing(paths: Sequence[Path], others: Sequence[Path]) -> UserError:
    there = f"but {some([path.name for path in others])}" if others else "nor anything else"
    return UserError(
        f"There's neither a wheel nor an sdist in {', '.join(repr(str(path)) for path in paths)}, {there}.",
        title="No files found",
        means="Usually the build failed, or its artifact wasn't downloaded.",
        do="Look at the log of the build, and give the directory that has the files, at whatever depth.",
        exit_code=2,
    )
