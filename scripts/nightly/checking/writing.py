"""What a sound build is handed on as: its files in one directory, with their hashes and where they come from."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from nightly.building.records import BUILD_INFO, BuildInfo
from nightly.checking.distributions import Distribution
from nightly.data import save
from nightly.errors import UserError, bad_input
from nightly.sums import SHA256SUMS, sums_text


def check_output(output: Path, paths: Sequence[Path]) -> None:
    """Refuse a directory that files are read from, as it would be read again with what was written.

    Raises:
        UserError: it's one of them, or a file.
    """
    if output.exists() and not output.is_dir():
        raise bad_input("output", str(output), "a directory")
    if any(output.resolve() == path.resolve() for path in paths):
        raise bad_input("output", str(output), "another directory than those that are checked")


def write(output: Path, found: Sequence[Distribution], info: BuildInfo | None) -> None:
    """Put the files into `output`, and beside them SHA256SUMS, and BUILD-INFO.json last if there's something to say.

    Raises:
        UserError: there are other files in it, which would be taken for the build's; or it can't be written to.
    """
    _check_others(output, found)
    try:
        output.mkdir(parents=True, exist_ok=True)
        (output / BUILD_INFO).unlink(missing_ok=True)
        for each in found:
            _place(each.path, output / each.filename)
        sums = sums_text({each.filename: each.sha256 for each in found})
        (output / SHA256SUMS).write_text(sums, encoding="utf-8", newline="\n")
        if info:
            save(output / BUILD_INFO, info)
    except OSError as error:
        raise UserError(
            f"The files can't be written to {str(output)!r}: {error}",
            title="Can't write",
            do="Set `output` to a directory that may be written to, on a disk with room for the files.",
        ) from error


def _check_others(output: Path, found: Sequence[Distribution]) -> None:
    ours = {each.filename for each in found} | {SHA256SUMS, BUILD_INFO}
    others = sorted(path.name for path in output.iterdir() if path.name not in ours) if output.is_dir() else []
    if others:
        raise UserError(
            f"There are other files in {str(output)!r}: {', '.join(map(repr, others[:10]))}.",
            title="Not empty",
            means="They would be published with the build's, and nobody has checked them.",
            do="Empty it, or set `output` to another directory.",
            exit_code=2,
        )


def _place(path: Path, target: Path) -> None:
    """By a hard link, which takes no room; a copy where the file system has none."""
    source = path.resolve()
    if not target.is_symlink() and target.exists() and target.samefile(source):
        return
    target.unlink(missing_ok=True)
    with suppress(OSError):
        os.link(source, target)
        return
    shutil.copyfile(source, target)
