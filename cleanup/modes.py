"""What the cleanup can be asked to do, and what it takes to know for each. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from nightly.channel_inputs import CHANNEL_INPUTS, TOKEN_VARIABLE, channel_options
from nightly.channels import ChannelOptions
from nightly.errors import bad_input
from nightly.options import Input, parse_inputs
from quantities import parse_duration

MODE = Input("mode", "", "plan, apply or plan-and-apply.")
POLICY = Input("policy", "", "The policy's file.")
OUTPUT = Input("output", "", "Where the plan is written. If not given, in a new temporary directory.")
PREVIOUS = Input("previous", "", "An earlier plan: a list that has shrunk by half since then is an error.")
CONFIRM = Input("confirm", "", "The digest of a plan that is beyond the limits: then exactly its files go.")
GRACE = Input("grace", "72h", "How long a directory keeps the bytes of what is deleted.")
PLAN = Input("plan", "", "The plan's file.")
PROJECT = Input("project", "", "PROJECT, PROJECT==VERSION, PROJECT==FILE, or FILE.")
DELETED = Input("deleted", "", "PROJECT, PROJECT==FILE or FILE; or a plan's file (.json), for all that it deleted.")

_PLANNING = (*CHANNEL_INPUTS, POLICY, OUTPUT, PREVIOUS)
_REQUIRED = {
    "policy": "the path of a policy's file",
    "plan": "the path of a plan's file",
    "project": PROJECT.help,
    "deleted": DELETED.help,
}


@dataclass(frozen=True)
class Mode:
    """Something to do: what it `means`, its inputs, and those that are given without a flag."""

    means: str
    inputs: tuple[Input, ...]
    operands: tuple[Input, ...] = ()


MODES = {
    "plan": Mode("Decide for every file, and delete nothing.", _PLANNING),
    "apply": Mode("Delete what a plan names.", (*CHANNEL_INPUTS, POLICY, CONFIRM, GRACE), (PLAN,)),
    "plan-and-apply": Mode("Do both at once.", (*_PLANNING, CONFIRM, GRACE)),
    "explain": Mode("Say why a project's files stay or go, and when.", (*CHANNEL_INPUTS, POLICY), (PROJECT,)),
    "restore": Mode("Bring back what was deleted from a directory, within its grace.", CHANNEL_INPUTS, (DELETED,)),
}


@dataclass(frozen=True)
class Options:
    """What was asked for, checked; what its mode doesn't need is empty. `subject` is a project, or what was deleted."""

    mode: str
    channel: ChannelOptions
    policy: str
    output: str
    previous: str
    plan: str
    subject: str
    confirm: str
    grace: timedelta

    @classmethod
    def parse(cls, argv: Sequence[str], environ: Mapping[str, str]) -> Options:
        """Read the mode, the flags and the inputs.

        Raises:
            UserError: the value of one isn't allowed.
        """
        name, rest = _mode(argv, environ)
        mode = MODES[name]
        told = f"{mode.means} The token of anaconda.org is read from the variable {TOKEN_VARIABLE} alone."
        given = parse_inputs(f"cleanup {name}", told, mode.inputs, rest, environ, mode.operands)
        for required, allowed in _REQUIRED.items():
            if not given.get(required, "given").strip():
                raise bad_input(required, given[required], allowed)
        return cls(
            mode=name,
            channel=channel_options(given, environ),
            policy=given.get("policy", ""),
            output=given.get("output", ""),
            previous=given.get("previous", ""),
            plan=given.get("plan", ""),
            subject=given.get("project", "") or given.get("deleted", ""),
            confirm=given.get("confirm", "").strip(),
            grace=_duration("grace", given.get("grace", GRACE.default)),
        )


def usage() -> str:
    """What there is to do, a line each."""
    width = max(map(len, MODES))
    lines = [f"  {name:{width}}  {mode.means}" for name, mode in MODES.items()]
    return "\n".join(["usage: python3 scripts cleanup MODE [--help]", "", *lines])


def _mode(argv: Sequence[str], environ: Mapping[str, str]) -> tuple[str, Sequence[str]]:
    """The mode, which is the first argument or an input, and the other arguments."""
    is_given = bool(argv) and not argv[0].startswith("-")
    name, rest = (argv[0], argv[1:]) if is_given else (environ.get(MODE.variable, ""), argv)
    if name not in MODES:
        raise bad_input("mode", name, ", ".join(MODES))
    return name, rest


def _duration(name: str, value: str) -> timedelta:
    try:
        return parse_duration(value)
    except ValueError as error:
        raise bad_input(name, value, str(error)) from error
