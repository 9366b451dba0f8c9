"""twine, run as a process: it checks and uploads."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from nightly.actions import printable
from nightly.checking.twine_check import twine_faults
from nightly.errors import UserError
from nightly.fetching.destination import UploadOptions
from nightly.tooling import tool

_OVERRIDING = ("TWINE_REPOSITORY", "TWINE_REPOSITORY_URL")
"""Variables that would send files elsewhere than to where was asked for."""

_SETTINGS = {
    "COLUMNS": "1000",  # or twine breaks lines within a file's name, as it does on a dumb terminal
    "TERM": "xterm",
    "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",  # or a desktop asks for its password
}


@dataclass(frozen=True)
class Sent:
    """How an upload ended: the names of those `accepted`, in their order, and what twine said."""

    failed: bool
    accepted: tuple[str, ...]
    said: str


def check(paths: Sequence[Path], environ: Mapping[str, str]) -> None:
    """Check metadata and description as an index would.

    Raises:
        UserError: a file isn't fit.
    """
    faults = twine_faults(paths, environ)
    if faults:
        said = "\n".join(fault.what.rstrip() for fault in faults)
        raise UserError(f"Nothing was uploaded: {said}", title=faults[0].title, means=faults[0].means, do=faults[0].do)


def send(paths: Sequence[Path], options: UploadOptions, environ: Mapping[str, str]) -> Sent:
    """Upload files, in their order. twine ends at the first that isn't accepted.

    The password is in the environment or in .pypirc, never among the arguments.
    """
    place = ["--repository", options.repository] if options.repository else ["--repository-url", options.url]
    config = ["--config-file", str(options.config)] if options.config.is_file() else []
    arguments = ["upload", "--non-interactive", "--disable-progress-bar", *place, *config, *map(str, paths)]
    done = subprocess.run(
        [*tool("twine", environ), "--no-color", *arguments],
        check=False,
        env={name: value for name, value in environ.items() if name not in _OVERRIDING} | _SETTINGS,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
    )
    said = _without(environ.get("TWINE_PASSWORD", ""), printable(done.stdout))
    begun = list(dict.fromkeys(re.findall(r"^Uploading (\S+) *$", said, re.MULTILINE)))
    return Sent(done.returncode != 0, tuple(begun[:-1] if done.returncode else begun), _compact(said))


def _without(secret: str, text: str) -> str:
    return text.replace(secret, "***") if secret else text


def _compact(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.splitlines() if line.strip())
