"""What `fetch` is asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeAlias

from packaging.utils import InvalidName, canonicalize_name
from packaging.version import InvalidVersion, Version

from nightly.channel_inputs import CHANNEL_INPUTS, channel_options
from nightly.channels import ANACONDA, ChannelOptions
from nightly.errors import UserError, bad_input
from nightly.fetching.destination import UPLOAD_INPUTS, UploadOptions, upload_options
from nightly.fetching.kinds import KINDS, Filters, is_python
from nightly.fetching.run_artifacts import RUN_INPUTS, RunOptions, run_options
from nightly.options import Input, names, one_of, parse_inputs, true_or_false, whole_number

OPERANDS = (
    Input("project", "", "The project; its name in any spelling."),
    Input("version", "", "The version, compared as PEP 440's == does: 1.0 is 1.0.0, and also 1.0+any.local.label."),
)

INPUTS = (
    Input("wheelhouse", "wheelhouse", "The directory to fetch to. It's made if it isn't there."),
    Input(
        "index",
        "",
        "The URL of a simple index (PEP 503, 691), or of a page that lists files; or a directory. "
        "If empty, the index that pip or uv is set up with.",
    ),
    *(replace(each, default="") if each.name == "channel" else each for each in CHANNEL_INPUTS),
    *RUN_INPUTS,
    Input("type", "all", f"What to fetch, by comma or by several flags: {', '.join(KINDS)} or all.", many=True),
    Input("arch", "", "Only wheels for these architectures (x86_64, arm64...), and those for any.", many=True),
    Input(
        "python", "", "Only wheels that run on these Pythons (cp312, cp313t, pp311), also by abi3 or py3.", many=True
    ),
    Input("list", "false", "Only list what would be fetched.", switch=True),
    Input("clobber", "false", "Fetch again what is there already, whatever it holds.", switch=True),
    Input(
        "wait_for",
        "",
        "Wait until all are there: so many files, or those of a SHA256SUMS, a BUILD-INFO.json or a build-plan.json.",
    ),
    Input("wait_minutes", "20", "How long to wait for them, from 0 to 1440."),
    Input("parallel", "16", "How many files are fetched at once, from 1 to 32."),
    *UPLOAD_INPUTS,
)

Where: TypeAlias = "str | ChannelOptions | RunOptions"
"""An index by its URL or its directory (empty: the one that pip or uv is set up with), a channel, or a run."""


@dataclass(frozen=True)
class Options:
    """What the user asked for, checked. `patience` is in seconds."""

    project: str
    version: Version
    where: Where
    wheelhouse: Path
    filters: Filters
    only_list: bool
    clobber: bool
    wait_for: str
    patience: float
    parallel: int
    upload: UploadOptions | None

    @classmethod
    def parse(cls, argv: Sequence[str], environ: Mapping[str, str], told: str) -> Options:
        """Read flags and inputs.

        Raises:
            UserError: an input's value isn't allowed.
        """
        given = parse_inputs("fetch", told, INPUTS, argv, environ, OPERANDS)
        return cls(
            project=_project(given["project"]),
            version=_version(given["version"]),
            where=_where(given, environ),
            wheelhouse=Path(given["wheelhouse"]),
            filters=_filters(given),
            only_list=true_or_false("list", given["list"]),
            clobber=true_or_false("clobber", given["clobber"]),
            wait_for=given["wait_for"].strip(),
            patience=60.0 * whole_number("wait_minutes", given["wait_minutes"], 0, 1440),
            parallel=whole_number("parallel", given["parallel"], 1, 32),
            upload=upload_options(given, environ),
        )


def _project(value: str) -> str:
    try:
        return canonicalize_name(value, validate=True)
    except InvalidName:
        raise bad_input("project", value, "the name of a project (letters, digits and . _ - between)") from None


def _version(value: str) -> Version:
    try:
        return Version(value)
    except InvalidVersion:
        raise bad_input("version", value, "one version as PEP 440 has it, such as 1.26.4 or 2.0.0rc1") from None


def _where(given: Mapping[str, str], environ: Mapping[str, str]) -> Where:
    """The one place that is named.

    Raises:
        UserError: several are, or something of a channel is without the channel.
    """
    named = [name for name in ("index", "channel", "run") if given[name]]
    if len(named) > 1:
        raise UserError(
            f"The files can come from one place only, but these name several: {', '.join(named)}.",
            title="Bad input",
            do="Give one of --index, --channel and --run.",
            exit_code=2,
        )
    of_channel = [each for each in CHANNEL_INPUTS if given[each.name] not in (each.default, "")]
    if of_channel and not given["channel"]:
        raise UserError(
            f"{of_channel[0].flag} says something of a channel, but no channel is named.",
            title="Bad input",
            do=f"Add --channel {ANACONDA}, or the path of a directory channel.",
            exit_code=2,
        )
    if given["channel"]:
        return _channel(given, environ)
    return run_options(given, environ) if given["run"] else given["index"].strip()


def _channel(given: Mapping[str, str], environ: Mapping[str, str]) -> ChannelOptions:
    options = channel_options(given, environ)
    if options.is_directory and not Path(options.channel).is_dir():
        raise bad_input("channel", options.channel, f"{ANACONDA}, or the path of a directory that is there")
    return options


def _filters(given: Mapping[str, str]) -> Filters:
    kinds = frozenset(one_of("type", each.lower(), (*KINDS, "all")) for each in names(given["type"]))
    pythons = names(given["python"])
    for each in pythons:
        if not is_python(each):
            raise bad_input("python", each, "Pythons as tags name them, such as cp312, cp313t, pp311 or py3")
    archs = frozenset(each.lower() for each in names(given["arch"]))
    return Filters(frozenset() if "all" in kinds else kinds, archs, pythons)
