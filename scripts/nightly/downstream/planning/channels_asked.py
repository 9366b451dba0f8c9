"""Which channels are asked, as inputs: one by its flags, or several in their order. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping

from nightly.channel_inputs import CHANNEL_INPUTS, channel_options
from nightly.channels import ANACONDA, ChannelOptions, channel_name, label_names, organization_name
from nightly.errors import bad_input
from nightly.options import Input, names

CHANNELS_INPUTS = (
    *CHANNEL_INPUTS,
    Input(
        "channels",
        "",
        "Several channels in their order, by comma or line, instead of one: each ORGANIZATION, "
        "ORGANIZATION/label/LABEL, or the path of a directory, which begins with . or /.",
    ),
)


def channels_asked(given: Mapping[str, str], environ: Mapping[str, str]) -> tuple[ChannelOptions, ...]:
    """The channels that the inputs name, in the order in which they are asked.

    A token is for all of them. It opens what a channel says, but installers don't have it: files of a private channel
    can't be installed by URL.

    Raises:
        UserError: an input's value isn't allowed.
    """
    entries = names(given["channels"])
    if not entries:
        return (channel_options(given, environ),)
    return tuple(channel_options({**given, **_inputs(entry)}, environ) for entry in entries)


def _inputs(entry: str) -> Mapping[str, str]:
    """The inputs of one channel that an entry stands for."""
    if re.match(r"[./\\]|[A-Za-z]:[/\\]", entry):
        return {"channel": channel_name("channels", entry), "label": "main"}
    organization, *rest = entry.split("/", 2)
    label = rest[1] if rest[:1] == ["label"] and len(rest) > 1 else "main"
    if rest and rest != ["label", label]:
        raise bad_input("channels", entry, "ORGANIZATION, ORGANIZATION/label/LABEL, or a path that begins with . or /")
    return {
        "channel": ANACONDA,
        "anaconda_organization": organization_name("channels", organization),
        "label": label_names("channels", label)[0],
    }
