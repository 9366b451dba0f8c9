"""Inputs of an action as flags of a command."""

from __future__ import annotations

import pytest

from nightly import upload_options
from nightly.errors import UserError
from nightly.options import Input, names, one_of, parse_inputs, true_or_false, whole_number

INPUTS = (Input("some_input", "standard", "What it means, 100 % of it."), Input("other", "", "Another."))


def parse(*argv: str, **environ: str) -> dict[str, str]:
    return parse_inputs("command", "What it does.", INPUTS, argv, environ)


@pytest.mark.parametrize(
    ("argv", "environ", "value"),
    [
        ([], {}, "standard"),
        ([], {"INPUT_SOME_INPUT": "variable"}, "variable"),
        (["--some-input", "flag"], {"INPUT_SOME_INPUT": "variable"}, "flag"),
        (["--some-input=-x"], {}, "-x"),
        (["--some-input", ""], {"INPUT_SOME_INPUT": "variable"}, ""),
        ([], {"INPUT_SOME_INPUT": ""}, ""),
    ],
)
def test_a_value_is_the_flags_else_the_variables_else_the_default(
    argv: list[str], environ: dict[str, str], value: str
) -> None:
    assert parse(*argv, **environ) == {"some_input": value, "other": ""}


@pytest.mark.parametrize("argv", [["--some", "x"], ["--unknown"], ["word"], ["--some-input"]])
def test_what_isnt_a_flag_ends_with_2(argv: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        parse(*argv)
    assert ended.value.code == 2
    assert "usage: python3 scripts command" in capsys.readouterr().err


def test_the_help_names_every_flag_with_its_default(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        parse("--help")
    assert ended.value.code == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "--some-input VALUE What it means, 100 % of it. (default: standard)" in said


def test_every_input_of_the_upload_is_a_flag(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        upload_options.Options.parse(["--help"], {})
    said = capsys.readouterr().out
    assert all(f"--{each.name.replace('_', '-')} " in said for each in upload_options.INPUTS)
    assert upload_options.TOKEN_VARIABLE in said.replace("\n", "")
    assert "--anaconda-nightly-upload-token" not in said


@pytest.mark.parametrize("value", ["true", "True", "TRUE", "false", "False"])
def test_a_boolean_is_as_yaml_writes_it(value: str) -> None:
    assert true_or_false("name", value) == (value.lower() == "true")


@pytest.mark.parametrize("value", ["", "yes", "1", " true", "on"])
def test_what_is_no_boolean_is_refused_by_name(value: str) -> None:
    with pytest.raises(UserError, match="'name'"):
        true_or_false("name", value)


@pytest.mark.parametrize("value", ["", "0", "33", "-1", "1.0", "1e1", " 8", "8\n", "\N{SUPERSCRIPT TWO}", "9" * 5000])
def test_what_isnt_a_whole_number_in_bounds_is_refused_by_name(value: str) -> None:
    with pytest.raises(UserError, match="'name'") as refused:
        whole_number("name", value, 1, 32)
    assert "from 1 to 32" in str(refused.value)


def test_a_whole_number_in_bounds_is_taken() -> None:
    assert [whole_number("name", value, 1, 32) for value in ("1", "08", "32")] == [1, 8, 32]


def test_one_of_a_few_is_taken_to_the_letter() -> None:
    assert one_of("name", "a", ("a", "b")) == "a"
    with pytest.raises(UserError, match="'name' can't be 'A'") as refused:
        one_of("name", "A", ("a", "b"))
    assert "Allowed: a, b." in str(refused.value)


def test_names_come_by_comma_or_line_each_once() -> None:
    assert names(" main, dev\nmain,\n,test ") == ("main", "dev", "test")
    assert names(" ,\n") == ()


def command(*argv: str, **environ: str) -> dict[str, str]:
    inputs = (Input("dry", "false", "Switch.", switch=True), Input("type", "all", "Several.", many=True))
    operands = (Input("project", "", "The first."), Input("version", "1.0", "The second."))
    return parse_inputs("command", "What it does.", inputs, argv, environ, operands)


@pytest.mark.parametrize(
    ("argv", "values"),
    [
        ([], ["false", "all", "", "1.0"]),
        (["--dry", "a", "2"], ["true", "all", "a", "2"]),
        (["a", "--dry", "2"], ["true", "all", "a", "2"]),
        (["a", "2", "--type", "x", "--type", "y,z"], ["false", "x,y,z", "a", "2"]),
        (["a"], ["false", "all", "a", "1.0"]),
    ],
    ids=["defaults", "a switch before operands", "between them", "a flag several times", "one operand"],
)
def test_switches_take_no_value_and_flags_of_many_add_up(argv: list[str], values: list[str]) -> None:
    assert list(command(*argv).values()) == values


def test_switches_and_operands_have_variables_too() -> None:
    environ = {"INPUT_DRY": "true", "INPUT_TYPE": "win", "INPUT_PROJECT": "b"}
    assert list(command("--type", "sdist", **environ).values()) == ["true", "sdist", "b", "1.0"]


def several(*argv: str, **environ: str) -> str:
    operands = (Input("paths", "", "Where.", many=True),)
    return parse_inputs("command", "What it does.", INPUTS, argv, environ, operands)["paths"]


def test_operands_of_many_are_joined_by_lines_as_a_path_may_have_commas() -> None:
    assert several("a,b", "c d") == "a,b\nc d"
    assert several("a", INPUT_PATHS="b") == "a"
    assert several(INPUT_PATHS="b\nc") == "b\nc"
    assert several() == ""
