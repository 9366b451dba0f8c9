"""twine, run as a process: it checks and uploads."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from nightly.actions import printable
from nightly.errors import UserError
from nightly.fetching.destination import UploadOptions
from nightly.tooling import tool

_OVERRIDING = ("TWINE_REPOSITORY", "TWINE_REPOSITORY_URL")
"""Variables that would send files elsewhere than to where was asked for."""

_SETTINGS = {
    "COLUMNS": "1000",  # or twine breaks lines within a file's name
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
    code, said = _run(["check", "--strict", *map(str, paths)], environ)
    if code:
        bad = "\n".join(line for line in said.splitlines() if not line.endswith("PASSED"))
        raise UserError(
            f"Nothing was uploaded, for twine finds fault with files:\n{bad}",
            title="Not fit for an index",
            means="An index would refuse them, or show their description wrongly.",
            do="Mend the project's metadata, and build them again.",
        )


def send(paths: Sequence[Path], options: UploadOptions, environ: Mapping[str, str]) -> Sent:
    """Upload files, in their order. twine ends at the first that isn't accepted."""
    place = ["--repository", options.repository] if options.repository else ["--repository-url", options.url]
    config = ["--config-file", str(options.config)] if options.config.is_file() else []
    arguments = ["upload", "--non-interactive", "--disable-progress-bar", *place, *config, *map(str, paths)]
    code, said = _run(arguments, environ)
    begun = list(dict.fromkeys(re.findall(r"^Uploading (\S+)$", said, re.MULTILINE)))
    return Sent(code != 0, tuple(begun[:-1] if code else begun), said)


def _run(arguments: Sequence[str], environ: Mapping[str, str]) -> tuple[int, str]:
    """Run it. Its user's password is in its environment, never among its arguments."""
    kept = {name: value for name, value in environ.items() if name not in _OVERRIDING}
    done = subprocess.run(
        [*tool("twine", environ), "--no-color", *arguments],
        check=False,
        env={**kept, **_SETTINGS},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
    )
    lines = (line.rstrip() for line in printable(done.stdout).splitlines())
    return done.returncode, _without(environ.get("TWINE_PASSWORD", ""), "\n".join(filter(None, lines)))


def _without(secret: str, text: str) -> str:
    return text.replace(secret, "***") if secret else text
