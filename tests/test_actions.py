"""What is said to the runner is read by it as it was meant, whoever has written it."""

from __future__ import annotations

import io
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from nightly.actions import Runner, printable
from nightly.errors import UserError

_PARTS = ["::error::", "::", ":", "##[", "#", "[", "error]", "%", "%0A", "%25", "\n", "\r", "\x1b[31m", "\x1b]0;x\x07"]
_PARTS += [
    "\x1b",
    "\u2028",
    "\x85",
    "\x0b",
    "\xa0",
    "\ufeff",
    "\ud800",
    "\u202e",
    " ",
    "\t",
    ",",
    "add-mask::x",
    "`|<b>",
]

hostile = st.lists(st.sampled_from(_PARTS) | st.text(max_size=3)).map("".join)
"""What a file name, a server or a test may say."""


@dataclass(frozen=True)
class Command:
    name: str
    properties: dict[str, str]
    data: str


def unescape(text: str) -> str:
    """As the runner does."""
    for escaped, char in (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
        text = text.replace(escaped, char)
    return text


def commands(log: str) -> list[Command]:
    """What the runner takes for commands: `::name ...::` after any spaces, and `##[name ...]` anywhere in a line."""
    found = []
    for line in re.split(r"\r\n|\r|\n", log):
        told = re.match(r"::([^ :]+)(?: (.*?))?::(.*)", line.lstrip(), re.DOTALL)
        if told:
            pairs = (pair.partition("=") for pair in (told[2] or "").split(",") if pair)
            found.append(Command(told[1], {name: unescape(value) for name, _, value in pairs}, unescape(told[3])))
        elif "##[" in line:
            found.append(Command("legacy", {}, line))
    return found


def on_github() -> tuple[Runner, io.StringIO]:
    log = io.StringIO()
    return Runner(log=log, on_github=True), log


@given(hostile)
@example("::error::x")
@example("\xa0::error::x")
@example("#\x1b[1m#[error]x")
@example("a\r::add-mask::a")
@example(":::error::x")
def test_no_line_becomes_a_command(text: str) -> None:
    runner, log = on_github()
    runner.line(text)
    assert commands(log.getvalue()) == []
    assert log.getvalue().encode()


@given(message=hostile, title=hostile)
def test_an_annotation_is_one_command_that_says_what_it_was_given(message: str, title: str) -> None:
    runner, log = on_github()
    runner.warning(message, title=title)
    assert commands(log.getvalue()) == [Command("warning", {"title": printable(title)}, printable(message))]


@given(message=hostile, title=hostile)
def test_elsewhere_an_annotation_is_a_line_and_no_command(message: str, title: str) -> None:
    log = io.StringIO()
    Runner(log=log).error(message, title=title)
    assert commands(log.getvalue()) == []
    assert log.getvalue().startswith("error: ")


@pytest.mark.parametrize("level", ["notice", "warning", "error"])
def test_each_level_is_the_runners_own(level: str) -> None:
    runner, log = on_github()
    getattr(runner, level)("text", title="Title")
    assert log.getvalue() == f"::{level} title=Title::text\n"


def test_a_failure_is_an_error_with_all_that_helps() -> None:
    runner, log = on_github()
    runner.fail(UserError("What.", title="Title", means="Means.", do="Do.", more="https://example.org"))
    (command,) = commands(log.getvalue())
    assert command.properties == {"title": "Title"}
    assert command.data == "What.\nMeans.\nDo.\nMore: https://example.org"


@pytest.mark.parametrize("secret", ["tk-1", "100%", "a%0Ab"])
def test_a_mask_is_of_the_secret_to_the_letter(secret: str) -> None:
    runner, log = on_github()
    runner.mask(secret)
    assert commands(log.getvalue()) == [Command("add-mask", {}, secret)]


def test_nothing_is_masked_where_nobody_would_read_it_as_a_command() -> None:
    log = io.StringIO()
    Runner(log=log).mask("tk-1")
    runner, on_runner = on_github()
    runner.mask("")
    assert log.getvalue() + on_runner.getvalue() == ""


def outputs(text: str) -> dict[str, str]:
    """As the runner reads the file: `name<<end`, the value's lines, `end`."""
    found: dict[str, str] = {}
    lines = iter(text.split("\n"))
    for line in lines:
        if not line:
            continue
        name, _, end = line.partition("<<")
        value: list[str] = []
        while (part := next(lines)) != end:
            value.append(part)
        found[name] = "\n".join(value)
    return found


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r")), hostile.map(printable))
@example("x\nEOF\nother<<EOF\ny", "end-1")
def test_an_outputs_value_sets_that_output_alone(first: str, second: str) -> None:
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "outputs"
        runner = Runner(log=io.StringIO(), output_file=path)
        runner.output("first", first)
        runner.output("second", second)
        assert outputs(path.read_bytes().decode()) == {"first": first, "second": second}


def test_summaries_follow_one_another(tmp_path: Path) -> None:
    path = tmp_path / "summary.md"
    path.write_text("# Before\n")
    runner = Runner(log=io.StringIO(), summary_file=path)
    runner.summary("## One\n\n")
    runner.summary("## Two \N{CRESCENT MOON}")
    assert path.read_bytes().decode() == "# Before\n## One\n## Two \N{CRESCENT MOON}\n"


def test_where_there_is_no_runner_outputs_and_summaries_go_nowhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    runner = Runner.from_environ({}, io.StringIO())
    runner.output("name", "value")
    runner.summary("text")
    assert list(tmp_path.iterdir()) == []
    assert not runner.on_github


def test_the_runner_is_known_by_its_variables(tmp_path: Path) -> None:
    names = {"GITHUB_OUTPUT": "o", "GITHUB_STEP_SUMMARY": "s", "RUNNER_TEMP": "t"}
    environ = {name: str(tmp_path / file) for name, file in names.items()}
    runner = Runner.from_environ({**environ, "GITHUB_ACTIONS": "true"}, io.StringIO())
    assert runner.on_github
    assert (runner.output_file, runner.summary_file, runner.temp) == (tmp_path / "o", tmp_path / "s", tmp_path / "t")
