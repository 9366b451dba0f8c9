"""Which channel is meant, as inputs: the same flags in every command but `upload`, whose names are older."""

from __future__ import annotations

from collections.abc import Mapping

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
from nightly.options import Input

CHANNEL_INPUTS = (
    Input("channel", ANACONDA, "anaconda, or the path of a directory that a static index is kept in."),
    Input(
        "anaconda_organization",
        "scientific-python-nightly-wheels",
        "The organization on anaconda.org.",
        short="organization",
    ),
    Input("label", "main", "The label. Files without it are passed over."),
    Input("anaconda_api_url", "https://api.anaconda.org", "The API."),
    Input("anaconda_index_url", "https://pypi.anaconda.org", "Where the indexes are."),
)

TOKEN_VARIABLE = "INPUT_ANACONDA_TOKEN"  # noqa: S105 - a name, not a secret


def channel_options(given: Mapping[str, str], environ: Mapping[str, str]) -> ChannelOptions:
    """The channel that the inputs name. Its token is read from the environment alone.

    Raises:
        UserError: an input's value isn't allowed.
    """
    labels = label_names("label", given["label"])
    options = ChannelOptions(
        channel=channel_name("channel", given["channel"]),
        organization=organization_name("anaconda_organization", given["anaconda_organization"]),
        labels=labels,
        api_url=safe_url("anaconda_api_url", given["anaconda_api_url"]),
        index_url=safe_url("anaconda_index_url", given["anaconda_index_url"]),
        token=parse_token(environ.get(TOKEN_VARIABLE, "")),
    )
    if len(labels) > 1:
        raise bad_input("label", given["label"], "one label, for each one is an index of its own")
    if options.is_directory and labels != ("main",):
        raise bad_input("label", given["label"], "main, for a directory has no labels")
    return options
