"""Install from the channel what was published, as its users do, and try it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from packaging.tags import sys_tags

from nightly import markdown
from nightly.actions import Runner
from nightly.channel import Channel, RemoteFile
from nightly.channels import ANACONDA, ChannelOptions, label_names, open_channel, organization_name, safe_url
from nightly.downstream.running.shell import Deadline
from nightly.errors import bad_input
from nightly.options import Input, parse_inputs, whole_number
from nightly.patience import Patience
from nightly.releasing.arriving import Watch
from nightly.releasing.installed_from import Taken, elsewhere
from nightly.releasing.installing import Fresh
from nightly.releasing.published import Published, published

VERSIONS = Input("versions", "", "What was published, as publish-channel.yml gives it, or PROJECT==VERSION by comma.")

INPUTS = (
    VERSIONS,
    Input("organization", "scientific-python-nightly-wheels", "The organization on anaconda.org that has it."),
    Input("label", "main", "The label whose index users install from."),
    Input("anaconda_api_url", "https://api.anaconda.org", "The API, for an Anaconda Server, a proxy or a test."),
    Input("anaconda_index_url", "https://pypi.anaconda.org", "Where the indexes are, for the same."),
    Input("smoke_command", "", "The command that tries it, run by bash in an empty directory. If empty, none."),
    Input("timeout_minutes", "30", "How long waiting, installing and trying may take, in minutes, from 1 to 360."),
)

_FOR_THE_REST = 0.05
"""Of the time: for telling how it went, as a job that is cut off says nothing."""


@dataclass(frozen=True)
class Options:
    """What is asked for; `seconds` is for all of it."""

    wanted: tuple[Published, ...]
    channel: ChannelOptions
    smoke: str
    seconds: float

    @classmethod
    def parse(cls, argv: Sequence[str], environ: Mapping[str, str]) -> Options:
        """Read flags and inputs.

        Raises:
            UserError: an input's value isn't allowed.
        """
        given = parse_inputs("build install", str(__doc__), INPUTS, argv, environ)
        wanted = published("versions", given["versions"])
        if not wanted:
            raise bad_input("versions", given["versions"], "what was published, such as PROJECT==VERSION")
        minutes = whole_number("timeout_minutes", given["timeout_minutes"], 1, 360)
        return cls(wanted, _channel(given), given["smoke_command"].strip(), 60 * minutes * (1 - _FOR_THE_REST))


@dataclass(frozen=True)
class Arrived:
    """What a channel lists of each project, for this interpreter, in the version that was published."""

    channel: Channel
    listed: Mapping[Published, tuple[RemoteFile, ...]]


@dataclass(frozen=True)
class Proved:
    """What pip has installed of a project, and the `trouble` where that isn't the channel's file."""

    taken: Taken
    trouble: str


def run(argv: Sequence[str], environ: Mapping[str, str], runner: Runner, patience: Patience) -> int:
    """Wait, install, prove, and try. Returns 1 where something else was installed than what was published.

    Raises:
        UserError: an input can't be, it isn't there in time, or it can't be installed, or doesn't work.
    """
    options = Options.parse(argv, environ)
    until = Deadline.after(options.seconds)
    channel = open_channel(options.channel, patience, runner.line)
    watch = Watch(channel, options.channel.labels, frozenset(sys_tags()), patience, runner.line)
    arrived = Arrived(channel, {each: watch.wait_for(each, until) for each in options.wanted})
    fresh = Fresh.new(runner.temp, environ, runner.line)
    if not install_and_prove(arrived, fresh, until, runner):
        return 1
    if options.smoke:
        fresh.smoke(options.smoke, until)
    return 0


def install_and_prove(arrived: Arrived, fresh: Fresh, until: Deadline, runner: Runner) -> bool:
    """Install what has arrived, and say what was installed. Returns whether all of it is the channel's.

    Raises:
        UserError: it can't be installed.
    """
    installed = fresh.install(tuple(arrived.listed), arrived.channel.index_url, until)
    found = [_prove(installed[each.project], files, arrived.channel) for each, files in arrived.listed.items()]
    _tell(found, arrived.channel, runner)
    return not any(each.trouble for each in found)


def _channel(given: Mapping[str, str]) -> ChannelOptions:
    labels = label_names("label", given["label"])
    if len(labels) > 1:
        raise bad_input("label", given["label"], "one label, for each one is an index of its own")
    return ChannelOptions(
        channel=ANACONDA,
        organization=organization_name("organization", given["organization"]),
        labels=labels,
        api_url=safe_url("anaconda_api_url", given["anaconda_api_url"]),
        index_url=safe_url("anaconda_index_url", given["anaconda_index_url"]),
    )


def _prove(taken: Taken, files: Sequence[RemoteFile], channel: Channel) -> Proved:
    """Hold what pip says against what the channel lists."""
    named = [file for file in files if file.filename == taken.filename]
    return Proved(taken, elsewhere(taken, files, channel.address(named[0]) if named else ""))


def _tell(found: Sequence[Proved], channel: Channel, runner: Runner) -> None:
    """Say which file was chosen, in the log and the summary; as an error where it's another one."""
    for each in found:
        taken = each.taken
        runner.line(f"{taken.project} {taken.version} is {taken.filename} ({taken.digest}), from {taken.url}")
        if each.trouble:
            runner.error(
                f"{taken.project} {taken.version} came from {taken.url}, with {taken.digest}: {each.trouble}.\n"
                "Usually another index has a file of the same version, which installers may take instead.\n"
                "Give nightlies versions that no release has (X.Y.Z.devN, of the next release).",
                title="Not from the channel",
            )
    rows = [
        (markdown.code(each.taken.filename), markdown.code(each.taken.digest), markdown.text(each.trouble or "yes"))
        for each in found
    ]
    table = markdown.table(("File", "Hash", "From the channel"), rows)
    runner.summary(f"## Installed from {markdown.text(channel.index_url)}\n\n{table}\n")
