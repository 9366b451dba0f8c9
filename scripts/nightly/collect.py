"""From the lines of `artifacts_path` to the wheels that they mean."""

from __future__ import annotations

import glob
import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from packaging.utils import InvalidName, InvalidSdistFilename, NormalizedName, canonicalize_name, parse_sdist_filename

from nightly.errors import UserError, bad_input
from nightly.wheels import BadWheel, Wheel, read_wheel

_SHOWN = 20

_NESTING = (
    "Usually the build wrote elsewhere, or its artifact wasn't downloaded. actions/download-artifact puts every "
    "artifact into a directory of its own, unless `merge-multiple: true` is given."
)


@dataclass(frozen=True)
class Collection:
    """The files that were found, each once and sorted by path: wheels, sdists (never uploaded), and others."""

    wheels: tuple[Path, ...]
    sdists: tuple[Path, ...]
    others: tuple[Path, ...]


def collect(lines: Iterable[str], base: Path, but: Path | None = None) -> Collection:
    """Find what `lines` mean: files, directories and globs (with `**`), relative to `base`.

    A directory is searched at every depth, but for hidden directories in it, as by a glob: a `.venv` or `.tox` holds
    wheels of others. A name that is there to the letter is that, whatever brackets it has. What lies in the directory
    `but` isn't found: a channel's own wheels aren't artifacts.

    Raises:
        UserError: there are no lines, some match nothing, or a directory has no wheel.
    """
    patterns = [line.strip() for line in lines if line.strip()]
    if not patterns:
        raise bad_input("artifacts_path", "", "files, directories and globs, a line each")
    matches = {pattern: _matches(base / pattern) for pattern in patterns}
    _check_matches(matches, base)
    found = {pattern: _sorted_out(_files(paths, but)) for pattern, paths in matches.items()}
    together = _sorted_out(path for one in found.values() for path in (*one.wheels, *one.sdists, *one.others))
    searched = [pattern for pattern, paths in matches.items() if any(path.is_dir() for path in paths)]
    _check_wheels({pattern: found[pattern] for pattern in (searched if together.wheels else patterns)}, base)
    return together


def search(paths: Iterable[Path], but: Path | None) -> Collection:
    """The files among `paths`, and all in its directories, as `collect` finds them; none of them may be a wheel."""
    return _sorted_out(_files(paths, but))


def read_all(paths: Sequence[Path]) -> tuple[Wheel, ...]:
    """Read every wheel, in the order of `paths`. Of two files of one name and the same bytes, the first is taken.

    Raises:
        UserError: naming every file that isn't a sound wheel, with its reason.
    """
    with ThreadPoolExecutor() as pool:
        results = list(pool.map(_read, paths))
    bad = [result for result in results if isinstance(result, str)]
    wheels: dict[str, Wheel] = {}
    for wheel in (result for result in results if isinstance(result, Wheel)):
        first = wheels.setdefault(wheel.filename, wheel)
        if first.sha256 != wheel.sha256:
            bad.append(f"{wheel.path}: has other bytes than {first.path}, but the same name; keep one of them")
    if bad:
        raise _unfit(bad, len(paths))
    return tuple(wheels.values())


def check_projects(wheels: Iterable[Wheel], allowed: str) -> None:
    """Refuse wheels of projects that `allowed`, the input `projects`, doesn't name; an empty one allows all.

    Raises:
        UserError: naming the wheels; or the input, if it holds what is no project's name.
    """
    names = _project_names(allowed)
    others = [wheel for wheel in wheels if names and wheel.project not in names]
    if others:
        listed = "\n".join(f"- {wheel.filename} ({wheel.project})" for wheel in others)
        raise UserError(
            f"{len(others)} wheels are of projects that the input 'projects' doesn't allow:\n{listed}",
            title="Wheels of other projects",
            means="Usually the wheels of dependencies were built or downloaded beside the project's own.",
            do=f"Leave them out of artifacts_path, or add them to projects. Allowed: {', '.join(sorted(names))}.",
            exit_code=2,
        )


def _project_names(allowed: str) -> frozenset[NormalizedName]:
    words = [word for word in re.split(r"[,\s]+", allowed) if word]
    try:
        return frozenset(canonicalize_name(word, validate=True) for word in words)
    except InvalidName as exc:
        raise bad_input("projects", allowed, "names of projects, by comma, space or line") from exc


def _matches(pattern: Path) -> list[Path]:
    """What is there under the pattern. Its leading part that is there to the letter isn't read as a glob."""
    there = _nearest(pattern)
    if there == pattern:
        return [pattern]
    rest = str(pattern.relative_to(there))
    found = glob.glob(rest, root_dir=there, recursive=True)  # noqa: PTH207 Path.glob would take hidden files too
    return [there / path for path in found]


def _nearest(path: Path) -> Path:
    """The path, or the nearest of its parents that is there."""
    return next((near for near in (path, *path.parents) if os.path.lexists(near)), Path(path.anchor))


def _files(paths: Iterable[Path], but: Path | None) -> Iterator[Path]:
    """The files among `paths`, and all in its directories; each directory once, so links don't lead in circles."""
    seen: set[str] = set()
    closed = {Path(os.path.realpath(but))} if but else set()
    for path in paths:
        if not path.is_dir():
            if closed.isdisjoint(Path(os.path.realpath(path)).parents):
                yield path
            continue
        for folder, folders, files in os.walk(path, onerror=_unreadable, followlinks=True):
            real = os.path.realpath(folder)
            seen |= {real} if Path(real) in closed else set()
            folders[:] = [] if real in seen else sorted(name for name in folders if not name.startswith("."))
            yield from (Path(folder, name) for name in files if real not in seen)
            seen.add(real)


def _unreadable(error: OSError) -> None:
    raise UserError(
        f"The directory {error.filename!r} can't be read ({error.strerror}), so wheels in it would be missed.",
        title="Unreadable directory",
        do="Look at its permissions, or name another one in artifacts_path.",
        exit_code=2,
    )


def _sorted_out(files: Iterable[Path]) -> Collection:
    once = {(os.path.realpath(file.parent), file.name): file for file in sorted(files, reverse=True)}
    kinds: dict[str, list[Path]] = {"wheel": [], "sdist": [], "other": []}
    for file in sorted(once.values()):
        kinds[_kind(file.name)].append(file)
    return Collection(tuple(kinds["wheel"]), tuple(kinds["sdist"]), tuple(kinds["other"]))


def _kind(filename: str) -> str:
    if filename.endswith(".whl"):
        return "wheel"
    try:
        parse_sdist_filename(filename)
    except (InvalidSdistFilename, ValueError):
        return "other"
    return "sdist"


def _check_matches(matches: dict[str, list[Path]], base: Path) -> None:
    lost = [pattern for pattern, paths in matches.items() if not paths]
    if lost:
        listed = "\n".join(
            f"- {pattern!r} (of its path, {str(_nearest(base / pattern))!r} is there)" for pattern in lost
        )
        raise UserError(
            f"Nothing is there that matches, of artifacts_path:\n{listed}",
            title="No files found",
            means=_NESTING,
            do="Give the directory that is there: it is searched at every depth.",
            exit_code=2,
        )


def _check_wheels(found: dict[str, Collection], base: Path) -> None:
    without = {pattern: files for pattern, files in found.items() if not files.wheels}
    if without:
        listed = "\n".join(f"- {pattern!r}: {_inventory(files, base)}" for pattern, files in without.items())
        sdists = " An sdist is never uploaded." if any(files.sdists for files in without.values()) else ""
        raise UserError(
            f"No wheel is there, of artifacts_path:\n{listed}",
            title="No wheels found",
            means=_NESTING + sdists,
            do="Look at the log of the build, and give the directory that has the wheels, at whatever depth.",
            exit_code=2,
        )


def _inventory(found: Collection, base: Path) -> str:
    """What was found instead of wheels: how many of which kind, and the first of them."""
    files = sorted((*found.sdists, *found.others))
    if not files:
        return "nothing at all"
    suffixes = Counter(file.suffix or "without suffix" for file in found.others).most_common(_SHOWN)
    kinds = [f"{len(found.sdists)} sdist"] * bool(found.sdists) + [f"{count} {suffix}" for suffix, count in suffixes]
    shown = [repr(str(file.relative_to(base) if file.is_relative_to(base) else file)) for file in files[:_SHOWN]]
    more = [f"and {len(files) - _SHOWN} more"] * (len(files) > _SHOWN)
    return f"{len(files)} files ({', '.join(kinds)}): {', '.join(shown + more)}"


def _read(path: Path) -> Wheel | str:
    try:
        return read_wheel(path)
    except BadWheel as exc:
        return str(exc)


def _unfit(reasons: Sequence[str], total: int) -> UserError:
    listed = "\n".join(f"- {reason}" for reason in reasons)
    return UserError(
        f"{len(reasons)} of {total} files can't be uploaded:\n{listed}",
        title="Bad wheels",
        do="Mend these or leave them out of artifacts_path, then run it again.",
        exit_code=2,
    )
