"""What an upload is asked for: the inputs of the action, checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from nightly.channels import (
    ANACONDA,
    ChannelOptions,
    channel_name,
    label_names,
    organization_name,
    parse_token,
    safe_url,
)
from nightly.errors import bad_input
from nightly.options import Input, one_of, parse_inputs, true_or_false, whole_number

TOKEN_VARIABLE = "INPUT_ANACONDA_NIGHTLY_UPLOAD_TOKEN"  # noqa: S105 - a name, not a secret

REPLACE, KEEP, ERROR = "replace", "keep", "error"
"""What may become of a file that is there with other bytes."""

INPUTS = (
    Input("artifacts_path", "", "Files, directories and globs, a line each. A directory is searched at every depth."),
    Input(
        "anaconda_nightly_upload_organization", "scientific-python-nightly-wheels", "The organization on anaconda.org."
    ),
    Input("anaconda_nightly_upload_labels", "main", "The labels that the wheels get, by comma or line."),
    Input("channel", ANACONDA, "anaconda, or the path of a directory that a static index is kept in."),
    Input("anaconda_api_url", "https://api.anaconda.org", "The API."),
    Input("anaconda_index_url", "https://pypi.anaconda.org", "Where the indexes are."),
    Input("projects", "", "If given, only wheels of these projects may be uploaded. By comma or line."),
    Input("on_existing", "replace", "Same name, other bytes: replace, keep or error. Same bytes are always skipped."),
    Input("missing_token", "error", "No token: error, or skip for forks and Dependabot, which get no secrets."),
    Input("version_policy", "warn", "Versions that installers would not choose: off, warn or error."),
    Input("parallel", "8", "How many files are sent at once, from 1 to 32."),
    Input("dry_run", "false", "If true, everything but the writes is done."),
)


@dataclass(frozen=True)
class Options:
    """What the user asked for, checked."""

    artifacts: tuple[str, ...]
    channel: ChannelOptions
    projects: str
    existing: str
    skip_without_token: bool
    version_policy: str
    dry_run: bool

    @classmethod
    def parse(cls, argv: Sequence[str], environ: Mapping[str, str]) -> Options:
        """Read flags and inputs.

        Raises:
            UserError: an input's value isn't allowed.
        """
        told = (
            f"Publish wheels to a channel. The token of anaconda.org is read from the variable {TOKEN_VARIABLE} alone."
        )
        given = parse_inputs("upload", told, INPUTS, argv, environ)
        artifacts = tuple(line.strip() for line in given["artifacts_path"].splitlines() if line.strip())
        if not artifacts:
            raise bad_input("artifacts_path", given["artifacts_path"], "files, directories and globs, a line each")
        missing = one_of("missing_token", given["missing_token"], ("error", "skip"))
        return cls(
            artifacts=artifacts,
            channel=_channel(given, environ.get(TOKEN_VARIABLE, "")),
            projects=given["projects"],
            existing=one_of("on_existing", given["on_existing"], (REPLACE, KEEP, ERROR)),
            skip_without_token=missing == "skip",
            version_policy=one_of("version_policy", given["version_policy"], ("off", "warn", "error")),
            dry_run=true_or_false("dry_run", given["dry_run"]),
        )


def _channel(given: Mapping[str, str], secret: str) -> ChannelOptions:
    labels = label_names("anaconda_nightly_upload_labels", given["anaconda_nightly_upload_labels"])
    options = ChannelOptions(
        channel=channel_name("channel", given["channel"]),
        organization=organization_name(
            "anaconda_nightly_upload_organization", given["anaconda_nightly_upload_organization"]
        ),
        labels=labels,
        api_url=safe_url("anaconda_api_url", given["anaconda_api_url"]),
        index_url=safe_url("anaconda_index_url", given["anaconda_index_url"]),
        parallel=whole_number("parallel", given["parallel"], 1, 32),
        token=parse_token(secret),
    )
    if options.is_directory and labels != ("main",):
        raise bad_input("anaconda_nightly_upload_labels", ", ".join(labels), "main, for a directory has no labels")
    return options
