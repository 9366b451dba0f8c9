"""Inputs of an action as flags of a command: `some_input` is `--some-input`, and its default is `INPUT_SOME_INPUT`."""

from __future__ import annotations

import argparse
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from nightly.errors import bad_input


@dataclass(frozen=True)
class Input:
    """An input: its `name` in action.yml, its default, and what it means.

    `short` is its flag's name where it differs, `bare` the value of a flag without one, if that may be.
    """

    name: str
    default: str
    help: str
    short: str = ""
    bare: str = ""

    @property
    def variable(self) -> str:
        return f"INPUT_{self.name.upper()}"

    @property
    def flag(self) -> str:
        return f"--{(self.short or self.name).replace('_', '-')}"


def parse_inputs(
    command: str,
    description: str,
    inputs: Sequence[Input],
    argv: Sequence[str],
    environ: Mapping[str, str],
    operand: Input | None = None,
) -> dict[str, str]:
    """The value of every input: its flag, else its variable, else its default. Abbreviated flags are refused.

    The `operand` is given without a flag.
    """
    parser = argparse.ArgumentParser(prog=f"python3 scripts {command}", description=description, allow_abbrev=False)
    for each in inputs:
        default = environ.get(each.variable, each.default)
        nargs, bare = ("?", each.bare) if each.bare else (None, None)
        parser.add_argument(
            each.flag, dest=each.name, metavar="VALUE", nargs=nargs, const=bare, default=default, help=_help(each)
        )
    if operand:
        default = environ.get(operand.variable, operand.default)
        metavar = operand.name.upper()
        parser.add_argument(operand.name, nargs="?", metavar=metavar, default=default, help=_help(operand))
    return {name: str(value) for name, value in vars(parser.parse_args(argv)).items()}


def _help(given: Input) -> str:
    text = given.help.replace("%", "%%")
    return f"{text} (default: {given.default})" if given.default else text


def one_of(name: str, value: str, allowed: Sequence[str]) -> str:
    """A value out of a few.

    Raises:
        UserError: it's none of them.
    """
    if value not in allowed:
        raise bad_input(name, value, ", ".join(allowed))
    return value


def whole_number(name: str, value: str, low: int, high: int) -> int:
    """A whole number between two others.

    Raises:
        UserError: it isn't.
    """
    if not re.fullmatch(r"[0-9]{1,9}", value) or not low <= int(value) <= high:
        raise bad_input(name, value, f"a whole number from {low} to {high}")
    return int(value)


def true_or_false(name: str, value: str) -> bool:
    """A boolean as YAML writes it.

    Raises:
        UserError: it's neither.
    """
    return one_of(name, value.lower(), ("true", "false")) == "true"


def names(value: str) -> tuple[str, ...]:
    """Names by comma or line, each once, in their order."""
    return tuple(dict.fromkeys(name.strip() for name in re.split(r"[,\n]", value) if name.strip()))
