"""What a case shows of one test: with which nightlies it passed, and with which it failed. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from nightly.downstream.isolating.case import Case
from nightly.downstream.isolating.suspects import Group
from nightly.downstream.records.experiment import Verdict


@dataclass(frozen=True)
class Shown:
    """What is known of a test that fails with all nightlies, suspect by suspect.

    Without the `mending` it passes, without the `innocent` it fails as before, and of the `untold` it isn't known.
    The `breaking` make it fail alone, and with the `harmless` alone it passes.
    """

    control: Verdict
    is_flaky: bool = False
    mending: tuple[Group, ...] = ()
    innocent: tuple[Group, ...] = ()
    untold: tuple[Group, ...] = ()
    breaking: tuple[Group, ...] = ()
    harmless: tuple[Group, ...] = ()


def shown_alike(case: Case, tests: Sequence[str]) -> Sequence[tuple[Shown, list[str]]]:
    """What is shown of these tests, those together of which all trials tell the same."""
    alike: dict[tuple[Verdict, ...], list[str]] = {}
    for test in tests:
        alike.setdefault(tuple(trial.verdict(test) for trial in case.trials), []).append(test)
    return [(_sum_up(case, told), its) for told, its in alike.items()]


def _sum_up(case: Case, told: Sequence[Verdict]) -> Shown:
    found = _by_nightlies(case, told)
    without = {group: found.get(case.nightlies.difference(group), Verdict.UNKNOWN) for group in case.suspects}
    alone = {group: found.get(frozenset(group), Verdict.UNKNOWN) for group in case.suspects}
    return Shown(
        control=found.get(frozenset(), Verdict.UNKNOWN),
        is_flaky=Verdict.FLAKY in found.values(),
        mending=_those(without, Verdict.PASSED),
        innocent=_those(without, Verdict.FAILED),
        untold=_those(without, Verdict.UNKNOWN),
        breaking=_those(alone, Verdict.FAILED),
        harmless=_those(alone, Verdict.PASSED),
    )


def _by_nightlies(case: Case, told: Sequence[Verdict]) -> Mapping[frozenset[str], Verdict]:
    """A verdict for each set of nightlies that was tried; with all of them, the test fails."""
    found = {case.nightlies: Verdict.FAILED} if case.nightlies else {}
    for trial, verdict in zip(case.trials, told, strict=True):
        found[trial.nightlies] = _both(found.get(trial.nightlies, Verdict.UNKNOWN), verdict)
    return found


def _both(one: Verdict, other: Verdict) -> Verdict:
    """Two verdicts under the same conditions: flaky if they differ, but one that tells nothing contradicts nothing."""
    told = {one, other} - {Verdict.UNKNOWN}
    if len(told) > 1:
        return Verdict.FLAKY
    return told.pop() if told else Verdict.UNKNOWN


def _those(verdicts: Mapping[Group, Verdict], verdict: Verdict) -> tuple[Group, ...]:
    return tuple(group for group, each in verdicts.items() if each is verdict)
