"""How a finding was come by, in sentences for a maintainer. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from nightly.downstream.isolating.case import Case
from nightly.downstream.isolating.evidence import Shown
from nightly.downstream.isolating.finding import Proves
from nightly.downstream.isolating.suspects import MOST_SUSPECTS, Group, stable_version
from nightly.downstream.records.experiment import Verdict
from nightly.downstream.records.result import WHOLE_COMMAND, End


def because(case: Case, proves: Proves, shown: Shown, tests: Sequence[str]) -> str:
    """Why this is proved of these tests, of each of which the same was shown; and what couldn't be tried."""
    if proves is Proves.FLAKY:
        return f"With the very same versions, {_subject(tests)} passed once and failed once: no run proves anything."
    if proves is Proves.OWN:
        return f"Without any nightly, {_all(tests, 'fail')} too."
    if shown.control is not Verdict.PASSED:
        return _no_control(case)
    say = {Proves.CULPRIT: _culprit, Proves.INTERACTION: _interaction, Proves.SEVERAL: _several}.get(proves, _nothing)
    return " ".join([*say(case, shown, tests), *_untried(case, shown)])


def _culprit(case: Case, shown: Shown, tests: Sequence[str]) -> Iterator[str]:
    (group,) = shown.mending
    if len(case.suspects) == 1:
        yield f"With {_back(case, group)}, {_all(tests, 'pass')}; there was no other nightly."
        return
    yield (
        f"With {_back(case, group)} and every other nightly in place, {_all(tests, 'pass')}; "
        f"without any nightly {_they(tests, 'pass')} too."
    )
    if shown.untold and group in shown.breaking:
        yield f"With {_names(group)} as the only nightly {_they(tests, 'fail')}."
    if group in shown.harmless:
        yield f"With {_names(group)} as the only nightly {_they(tests, 'pass')}, so it takes another one too."


def _interaction(case: Case, shown: Shown, tests: Sequence[str]) -> Iterator[str]:
    backs = _listed([f"with {_back(case, group)}" for group in shown.mending], "or").removeprefix("with")
    yield (
        f"With{backs}, and every other nightly in place each time, {_all(tests, 'pass')}; "
        f"without any nightly {_they(tests, 'pass')} too."
    )


def _several(_case: Case, shown: Shown, tests: Sequence[str]) -> Iterator[str]:
    alone = _listed([_names(group) for group in shown.breaking], "or")
    yield (
        f"With only one nightly, which is {alone}, {_all(tests, 'fail')}; without any nightly {_they(tests, 'pass')}."
    )


def _nothing(case: Case, shown: Shown, tests: Sequence[str]) -> Iterator[str]:
    yield f"Without any nightly, {_all(tests, 'pass')}."
    names = _listed([_names(group) for group in case.suspects], "and")
    for group in shown.breaking:
        yield f"With {_names(group)} as the only nightly {_they(tests, 'fail')}."
        if group in shown.innocent:
            yield f"With {_back(case, group)} {_they(tests, 'fail')} as well, so others break {_them(tests)} too."
        return
    if shown.untold or len(shown.harmless) < len(case.suspects):
        yield f"Which of {names} it is, or which of them together, these runs don't tell."
        return
    yield (
        f"No single nightly breaks {_them(tests)} alone, and none mends {_them(tests)} by being put back: "
        f"it is a combination of {names} that these runs don't tell apart."
    )


def _no_control(case: Case) -> str:
    if not case.suspects:
        return "No nightly was proved to be there, so there is nobody to suspect."
    ended = sorted({each.end.value for each in case.controls if each.end not in (End.PASSED, End.FAILED)})
    how = f" (it ended with {_listed(ended, 'and')})" if ended else ""
    return f"The run without any nightly shows nothing{how}, and without it no nightly can be blamed."


def _untried(case: Case, shown: Shown) -> Iterator[str]:
    """The suspects without which nothing is known: as a run shows nothing, or as there are too many."""
    is_over = len(case.suspects) > MOST_SUSPECTS
    left_out = [_names(group) for group in case.suspects if is_over and not case.without(group)]
    lost = [name for name in map(_names, shown.untold) if name not in left_out]
    if lost:
        yield f"What happens without {_listed(lost, 'or')} these runs don't show."
    if left_out:
        yield f"Of {len(case.suspects)} suspects {MOST_SUSPECTS} are tried at most: not {_listed(left_out, 'or')}."


def _back(case: Case, group: Group) -> str:
    """What was put back, and to which version: the one that was installed in that run, or else is planned."""
    run = case.without(group)
    installed = (run.installed if run else None) or {}
    versions = [installed.get(name) or stable_version(case.result, name) for name in group]
    known = [version for version in versions if version]
    return f"{_names(group)} back at {_listed(known, 'and') if len(known) == len(group) else 'stable'}"


def _names(group: Group) -> str:
    return _listed(group, "and")


def _listed(words: Sequence[str], last: str) -> str:
    return f" {last} ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))


def _all(tests: Sequence[str], verb: str) -> str:
    """Such as "12 of 12 pass"."""
    return f"{_subject(tests)} {_form(tests, verb)}"


def _subject(tests: Sequence[str]) -> str:
    return "the whole command" if WHOLE_COMMAND in tests else f"{len(tests)} of {len(tests)}"


def _they(tests: Sequence[str], verb: str) -> str:
    return f"{'it' if len(tests) == 1 else 'they'} {_form(tests, verb)}"


def _them(tests: Sequence[str]) -> str:
    return "it" if len(tests) == 1 else "them"


def _form(tests: Sequence[str], verb: str) -> str:
    third = "es" if verb.endswith("s") else "s"
    return verb + third if len(tests) == 1 else verb
