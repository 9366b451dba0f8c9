"""Whether files are those that a build has gathered: all of them, nothing else, and not a byte changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from nightly.actions import Runner
from nightly.building.records import BUILD_INFO
from nightly.errors import UserError
from nightly.options import Input, parse_inputs
from nightly.patience import Patience
from nightly.sums import SHA256SUMS, differences, parse_sums
from nightly.wheels import hashes

INPUTS = (Input("files", "dist", "The directory of the files of a build, with BUILD-INFO.json and SHA256SUMS."),)

_BESIDE = (SHA256SUMS, BUILD_INFO)
"""They speak of the files."""


def run(argv: Sequence[str], environ: Mapping[str, str], runner: Runner, _patience: Patience) -> int:
    """Hold the files against SHA256SUMS.

    Raises:
        UserError: they aren't what it says, or it can't be read.
    """
    directory = Path(parse_inputs("build sums", str(__doc__), INPUTS, argv, environ)["files"])
    try:
        said = parse_sums((directory / SHA256SUMS).read_text(encoding="utf-8"))
        found = {
            path.name: _sha256(path) for path in directory.iterdir() if path.name not in _BESIDE or path.name in said
        }
    except (OSError, ValueError) as error:
        raise _unsound(str(directory), str(error)) from error
    if wrong := list(differences(found, said)):
        raise _unsound(str(directory), "\n".join(wrong))
    if not found:
        raise _unsound(str(directory), f"{SHA256SUMS} names no files")
    runner.line(f"{len(found)} files in {directory} are what {SHA256SUMS} says.")
    return 0


def _sha256(path: Path) -> str:
    if path.is_symlink() or not path.is_file():
        raise ValueError(f"{path.name} is no file")
    return hashes(path)[1]


def _unsound(directory: str, said: str) -> UserError:
    return UserError(
        f"The files in {directory!r} aren't those that a build has gathered:\n{said}",
        title="Not what was built",
        means="The artifact isn't the one that build-wheels.yml gathers, or something has changed it since.",
        do="Name that artifact. One of your own needs a file SHA256SUMS, as `sha256sum *` writes it.",
        exit_code=2,
    )
