"""A run in one sentence: how it ended, and whose doing it is proved to be. Plain text. Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from nightly.downstream.isolating.finding import Proves
from nightly.downstream.records.result import WHOLE_COMMAND
from nightly.downstream.telling.causes import Cause
from nightly.downstream.telling.outcome import Outcome
from nightly.downstream.telling.story import Story
from nightly.downstream.telling.wording import clip, count, first_line, listed

DEFAULT_NAME = "nightlies"
"""Of the input `name`."""

_FEW = 2
_LONGEST = 200
"""In characters: GitHub takes 256 in a title, and there's more in it."""

_ORDINALS = {1: "first", 2: "second", 3: "third", 4: "fourth", 5: "fifth", 6: "sixth"}


def title(story: Story) -> str:
    """The issue's title: the outcome by its name, and in words."""
    of = "" if story.scene.name == DEFAULT_NAME else f" ({story.scene.name})"
    return f"{story.outcome.value}: {headline(story)}{of}"


def headline(story: Story) -> str:
    """How the run ended, and of whom."""
    return clip(_SENTENCES[story.outcome](story), _LONGEST)


def tests(names: Collection[str]) -> str:
    """How many tests, where they can be told apart."""
    return "the tests" if WHOLE_COMMAND in names or not names else count(len(names), "test")


def what_breaks(cause: Cause) -> str:
    """A cause as a sentence."""
    who, what = listed(cause.projects), tests(cause.tests)
    if cause.proves is Proves.CULPRIT:
        return f"the nightly of {who} breaks {what}" if len(cause.projects) == 1 else f"{who} break {what}"
    if cause.proves is Proves.SEVERAL:
        return f"the nightlies of {who} break {what}, each one alone"
    if cause.proves is Proves.INTERACTION:
        return f"the nightlies of {who} break {what} together"
    return {
        Proves.OWN: f"{what} {fails(cause.tests)} without nightlies too",
        Proves.FLAKY: f"{what} passed and failed under the same conditions",
        Proves.NOTHING: f"who breaks {what} couldn't be shown",
    }[cause.proves]


def _upstream_break(story: Story) -> str:
    named = [what_breaks(cause) for cause in story.causes if cause.is_upstream]
    if not named:
        return f"a nightly breaks {tests(story.failing)}, and which one couldn't be shown"
    return listed(named, _FEW)


def _own_break(story: Story) -> str:
    own = story.own or story.failing
    return f"{tests(own)} {fails(own)} without nightlies too"


def _tests_fail(story: Story) -> str:
    return f"{tests(story.failing)} {fails(story.failing)} with nightlies, and whose doing it is isn't known"


def _flaky(story: Story) -> str:
    names = {test for result in story.results for test in (*result.flaky, *(each.test for each in result.failures))}
    return f"{tests(names)} passed and failed under the same conditions"


def _cannot_install(story: Story) -> str:
    problem = clip(first_line(story.worst.problem), 120).rstrip(".:") if story.worst else ""
    return f"the project can't be installed: {problem}" if problem else "the project can't be installed with nightlies"


def _crashed(story: Story) -> str:
    return f"the tests crash with {_whose(story)}{_where(story)}"


def _timed_out(story: Story) -> str:
    if story.worst and story.worst.proof is None:
        return "installing the project doesn't end in time with nightlies"
    return f"the tests don't end in time with nightlies{_where(story)}"


def _where(story: Story) -> str:
    return f", in {clip(story.worst.stopped_in, 100)}" if story.worst and story.worst.stopped_in else ""


def _green(story: Story) -> str:
    return f"the tests pass, and {len(story.proof.nightlies)} of {len(story.proof.needed)} dependencies are nightlies"


def _in_a_row(story: Story) -> str:
    number = story.in_a_row
    return f", {_ORDINALS.get(number, f'{number}th')} week in a row" if number > 1 else ""


def fails(names: Collection[str]) -> str:
    """The verb for so many tests."""
    return "fails" if len(names) == 1 and WHOLE_COMMAND not in names else "fail"


def _whose(story: Story) -> str:
    """Of whom it is proved, or else of nobody."""
    if not story.culprits:
        return "nightlies"
    return f"the {'nightly' if len(story.culprits) == 1 else 'nightlies'} of {listed(story.culprits)}"


_SENTENCES: Mapping[Outcome, Callable[[Story], str]] = {
    Outcome.GREEN: _green,
    Outcome.UPSTREAM_BREAK: _upstream_break,
    Outcome.OWN_BREAK: _own_break,
    Outcome.TESTS_FAIL: _tests_fail,
    Outcome.FLAKY: _flaky,
    Outcome.CANNOT_INSTALL: _cannot_install,
    Outcome.CHANNEL_MOVED: lambda _: "the channel replaced wheels while they were tested",
    Outcome.CRASHED: _crashed,
    Outcome.TIMED_OUT: _timed_out,
    Outcome.NO_NIGHTLY: lambda _: "no nightly was really tested",
    Outcome.CHANNEL_DOWN: lambda story: f"the channel can't be read{_in_a_row(story)}",
    Outcome.UNKNOWN: lambda story: f"the run couldn't tell{_in_a_row(story)}",
}
