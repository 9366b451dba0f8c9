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

    `short` is its flag's name where it differs, `bare` the value of a flag without one, if that may be. The flag of a
    `switch` has no value and says true; one of `many` values may be given several times.
    """

    name: str
    default: str
    help: str
    short: str = ""
    bare: str = ""
    switch: bool = False
    many: bool = False

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
    operands: Sequence[Input] = (),
) -> dict[str, str]:
    """The value of every input: its flag, else its variable, else its default. Abbreviated flags are refused.

    The `operands` are given without a flag, in their order. Several values of a flag are joined by commas, those of an
    operand, which may be paths, by lines.
    """
    parser = argparse.ArgumentParser(prog=f"python3 scripts {command}", description=description, allow_abbrev=False)
    for each in inputs:
        _add_flag(parser, each)
    for each in operands:
        parser.add_argument(each.name, nargs="*" if each.many else "?", metavar=each.name.upper(), help=_help(each))
    told = vars(parser.parse_intermixed_args(argv))
    flags = {each.name: _value(each, told[each.name], environ, ",") for each in inputs}
    return flags | {each.name: _value(each, told[each.name], environ, "\n") for each in operands}


def _add_flag(parser: argparse.ArgumentParser, given: Input) -> None:
    if given.switch:
        parser.add_argument(given.flag, dest=given.name, action="store_const", const="true", help=_help(given))
        return
    nargs, bare = ("?", given.bare) if given.bare else (None, None)
    action = "append" if given.many else "store"
    parser.add_argument(
        given.flag, dest=given.name, metavar="VALUE", action=action, nargs=nargs, const=bare, help=_help(given)
    )


def _value(given: Input, told: str | list[str] | None, environ: Mapping[str, str], between: str) -> str:
    if told is None or told == []:
        return environ.get(given.variable, given.default)
    return told if isinstance(told, str) else between.join(told)


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
