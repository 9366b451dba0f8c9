"""What a cell or an experiment has shown, for its step: a summary to take in at a glance, and an annotation. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from nightly.downstream.records.experiment import ExperimentResult, Kind
from nightly.downstream.records.proof import Proof
from nightly.downstream.records.result import WHOLE_COMMAND, CellResult, End
from nightly.markdown import code, fenced, table, text

_MOST = 10

_HEADLINES = {
    End.PASSED: "passed",
    End.FAILED: "failed",
    End.CANNOT_INSTALL: "could not be installed",
    End.CHANNEL_MOVED: "met a channel that changed meanwhile",
    End.CHANNEL_DOWN: "could not reach the channel",
    End.CRASHED: "crashed",
    End.TIMED_OUT: "took too long",
    End.NO_NIGHTLY: "had no nightly",
}


def headline(result: CellResult) -> str:
    """The result in a line."""
    proved = f", {len(result.proof.nightlies)} of {len(result.proof.needed)} really nightly" if result.proof else ""
    counts = [f"{len(result.failures)} failing"] * bool(result.failures) + [f"{result.passed} passed"] * result.by_test
    counts += [f"{len(result.flaky)} flaky"] * bool(result.flaky)
    of_tests = f" ({', '.join(counts)})" if counts else ""
    return f"{result.cell.name} {_HEADLINES[result.end]}{of_tests}{proved}"


def annotation(result: CellResult) -> str:
    """What is wrong, with the first failures."""
    stopped = [f"It was in {result.stopped_in}."] if result.stopped_in else []
    failures = [f"{_name(each.test)}: {each.message}" for each in result.failures[:_MOST]]
    return "\n".join([headline(result), *filter(None, [result.problem]), *stopped, *failures, *_more(result.failures)])


def summary(result: CellResult) -> str:
    """The result as Markdown."""
    parts = [f"## {text(headline(result))}"]
    parts += [fenced(result.problem)] * bool(result.problem)
    parts += [f"It was in {code(result.stopped_in)}."] * bool(result.stopped_in)
    if result.failures:
        rows = [(code(_name(each.test)), text(each.message)) for each in result.failures[:_MOST]]
        parts.append("\n".join([table(("Test", "Failed with"), rows), *_more(result.failures)]))
    if result.flaky:
        parts.append("Flaky: " + ", ".join(code(_name(test)) for test in result.flaky[:_MOST]))
    if result.proof:
        parts.append(_proof(result.proof))
    return "\n\n".join(parts)


def _proof(proof: Proof) -> str:
    rows = [
        (code(each.name), text(each.state.value), code(each.version or "-"), code(each.planned or "-"),
         text(each.reason))
        for each in proof.packages
    ]  # fmt: skip
    return table(("Dependency", "Is", "Installed", "Planned", "Because"), rows)


def trial_headline(result: ExperimentResult) -> str:
    """An experiment's result in a line."""
    experiment = result.experiment
    who = ", ".join(experiment.suspects)
    kinds = {
        Kind.CONTROL: "Without any nightly",
        Kind.WITHOUT: f"Without the nightly of {who}",
        Kind.ALONE: f"With the nightly of {who} alone",
    }
    counts = [each.value for each in result.tests.values()]
    told = ", ".join(f"{counts.count(word)} {word}" for word in sorted(set(counts)))
    return f"{kinds[experiment.kind]}: {told or 'nothing'}"


def trial_summary(result: ExperimentResult) -> str:
    """An experiment's result as Markdown."""
    rows = [(code(_name(test)), text(verdict.value)) for test, verdict in sorted(result.tests.items())]
    parts = [f"## {text(trial_headline(result))}"]
    parts += [fenced(result.problem)] * bool(result.problem)
    parts.append("\n".join([table(("Test", "It"), rows[:_MOST]), *_more(rows)]))
    return "\n\n".join(parts)


def _name(test: str) -> str:
    return "the whole command" if test == WHOLE_COMMAND else test


def _more(those: Sequence[object]) -> list[str]:
    return [f"\nand {len(those) - _MOST} more"] if len(those) > _MOST else []
