"""What to do first, for somebody who has just been woken by it. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from nightly import markdown
from nightly.downstream.isolating.finding import Proves
from nightly.downstream.telling.culprits import change_of
from nightly.downstream.telling.headline import fails, tests
from nightly.downstream.telling.outcome import Outcome
from nightly.downstream.telling.story import Story
from nightly.downstream.telling.wording import clip, joined, link, listed, quoted


def advice(story: Story) -> str:
    """One or two sentences, and what the jobs themselves said where that is all there is."""
    run = link("The run", story.scene.run_url)
    return joined([f"**What to do first:** {_ADVICE[story.outcome](story)} {run} has all of it.", _trouble(story)])


def _upstream_break(story: Story) -> str:
    own = story.own
    which = "these" if own else "the"
    besides = f" But {tests(own)} {fails(own)} with stable releases too: mend that here." if own else ""
    return f"with stable releases {which} tests pass, {_who_breaks_them(story)}{besides}"


def _who_breaks_them(story: Story) -> str:
    who = _culprits(story)
    if not who:
        since = "try those first that have changed since the last green run" if story.before.green else "try each alone"
        return f"so a nightly breaks them. Which one isn't proved: {since}."
    if story.causes[0].proves is Proves.INTERACTION:
        return (
            f"and they fail only while {who} are nightlies at once. Look at what changed in them, and ask those whose "
            f"change it is.{_a_link(story)}"
        )
    verb = "breaks" if len(story.culprits) == 1 else "break"
    return (
        f"and {who} {verb} them. See whether that change is meant: if it is, adapt this project before it is released; "
        f"if not, tell them.{_a_link(story)}"
    )


def _a_link(story: Story) -> str:
    has_one = any(change_of(story, name).repository for name in story.culprits)
    return " Below is a link that opens a report, filled in." if has_one else ""


def _crashed(story: Story) -> str:
    if who := _culprits(story):
        return f"the crash goes away without the nightly of {who}: run it with the line below, and report it to them."
    what = "the test in which it stopped" if story.worst and story.worst.stopped_in else "the tests"
    return (
        f"run {what} with the line below. A crash in compiled code is often one package that was built against another "
        "one's older headers."
    )


def _cannot_install(story: Story) -> str:
    if story.worst and story.worst.plan is None:
        return "see below what is wrong. Nothing was tested, and it isn't the nightlies: none was chosen yet."
    return (
        "read the installer's last lines below. Mostly a dependency caps another one below its nightly, or there's "
        "no wheel for this Python. Nothing was tested."
    )


def _timed_out(story: Story) -> str:
    if story.worst and story.worst.proof is None:
        return "see what the installation did last. If it just takes longer, raise `timeout_minutes`."
    return (
        "see in which test it stopped: a hang is as real a break as a failure. If the tests just take longer, raise "
        "`timeout_minutes`."
    )


def _no_nightly(story: Story) -> str:
    reasons = "see below for each dependency why it isn't a nightly."
    if story.worst is None or story.worst.proof is None:
        return f"{reasons} The tests didn't run."
    if story.worst.failures:
        return f"{reasons} The tests ran with stable releases, and failed with them: mend that here."
    return f"{reasons} The tests ran with stable releases, so they say nothing of what is coming."


def _channel_down(_: Story) -> str:
    return (
        "nothing in this repository: the channel couldn't be read. Ask its keepers if nobody has, and see whether the "
        "input `channels` still names it."
    )


def _unknown(story: Story) -> str:
    bad = [f"{quoted(name, 60)}: {result}" for name, result in story.jobs.items() if result not in _QUIET]
    jobs = f" These jobs didn't end well: {listed(bad, 6)}." if bad else ""
    if any(each.result and each.outcome is Outcome.UNKNOWN for each in story.cells):
        return f"see why no test passed where none failed: a nightly that can't be imported may skip them all.{jobs}"
    return (
        "look at the run's annotations, as a job ended without saying what it saw: an input may be wrong, or its "
        f"runner was lost.{jobs}"
    )


_QUIET = frozenset({"success", "skipped"})

_ADVICE: Mapping[Outcome, Callable[[Story], str]] = {
    Outcome.GREEN: lambda _: "nothing.",
    Outcome.UPSTREAM_BREAK: _upstream_break,
    Outcome.OWN_BREAK: lambda _: (
        "mend it here: these tests fail with stable releases too, so no nightly is the reason. Look at what was merged "
        "since the last green run, and at what your stable dependencies have released."
    ),
    Outcome.TESTS_FAIL: lambda _: (
        "run the tests with stable releases, as what they do with those isn't known. If they pass, a nightly breaks "
        "them; if not, it is something of your own."
    ),
    Outcome.FLAKY: lambda _: "nothing, or make these tests steadier: run again, they pass.",
    Outcome.CANNOT_INSTALL: _cannot_install,
    Outcome.CHANNEL_MOVED: lambda _: (
        "run it again. While this ran, the channel replaced wheels, so what was tested isn't known."
    ),
    Outcome.CRASHED: _crashed,
    Outcome.TIMED_OUT: _timed_out,
    Outcome.NO_NIGHTLY: _no_nightly,
    Outcome.CHANNEL_DOWN: _channel_down,
    Outcome.UNKNOWN: _unknown,
}


def _culprits(story: Story) -> str:
    return listed([f"**{markdown.text(clip(name, 80))}**" for name in story.culprits])


def _trouble(story: Story) -> str:
    if story.trouble is None or story.outcome is not Outcome.CHANNEL_DOWN:  # it may be an earlier attempt's
        return ""
    return f"What was said: {quoted(story.trouble.message, 1000)}"
