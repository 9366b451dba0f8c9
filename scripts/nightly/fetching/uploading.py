"""Uploading what was fetched: all of it, or none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from nightly.actions import Runner
from nightly.errors import UserError
from nightly.fetching.files import Fetched
from nightly.options import Input, true_or_false

UPLOAD_INPUTS = (
    Input("upload", "false", "When all files are there, upload them by twine.", switch=True),
    Input("repository", "", "Where to: a section of .pypirc."),
)


@dataclass(frozen=True)
class UploadOptions:
    """Where to upload to."""

    repository: str


def upload_options(given: Mapping[str, str], environ: Mapping[str, str]) -> UploadOptions | None:
    """Where the inputs say to upload to; None where nothing is to be uploaded.

    Raises:
        UserError: an input's value isn't allowed.
    """
    del environ
    return UploadOptions(given["repository"]) if true_or_false("upload", given["upload"]) else None


def upload(files: Sequence[Fetched], options: UploadOptions, environ: Mapping[str, str], runner: Runner) -> None:
    """Upload the files, which are all that were asked for and whole.

    Raises:
        UserError: it can't be done.
    """
    del files, environ, runner
    raise UserError(f"Nothing can be uploaded to {options.repository} yet.", title="Not there yet", exit_code=2)
