"""What a run adds to what earlier weeks have shown. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from nightly.downstream.records.history import Green, History, Known, Week
from nightly.downstream.records.proof import Proved
from nightly.downstream.records.result import CellResult
from nightly.downstream.telling.evidence import Scene
from nightly.downstream.telling.merging import merged_proof, proved_words
from nightly.downstream.telling.outcome import Outcome

KEPT = 10
"""How many runs are remembered."""


def earlier(history: History, scene: Scene) -> History:
    """The history without this run, which may have been told before: a run can be run again."""
    weeks = tuple(week for week in history.weeks if week.run_url != scene.run_url)
    return History(weeks, history.green)


def remembered(
    history: History, scene: Scene, outcome: Outcome, culprits: tuple[str, ...], results: Iterable[CellResult]
) -> History:
    """The history with this run first. Only a green one replaces the last green one."""
    told, known = earlier(history, scene), tuple(results)
    week = Week(scene.at, outcome.value, culprits, proved_words(merged_proof(known)), scene.run_url)
    green = Green(scene.at, scene.run_url, tuple(_known(known))) if outcome is Outcome.GREEN else told.green
    return History((week, *told.weeks)[:KEPT], green)


def weeks_in_a_row(history: History, scene: Scene, outcome: Outcome) -> int:
    """How many calendar weeks it has been so, with this one: several runs of a week count once."""
    moments = [scene.at]
    for week in earlier(history, scene).weeks:
        if week.outcome != outcome.value:
            break
        moments.append(week.at)
    return len({moment.isocalendar()[:2] for moment in moments})


def _known(results: Iterable[CellResult]) -> Iterator[Known]:
    """The nightlies that were really there, with the hash of each wheel: cells may have had different ones."""
    nightlies: dict[str, list[Proved]] = {}
    for package in (_with_hash(each, result) for result in results if result.proof for each in result.proof.nightlies):
        nightlies.setdefault(package.name, []).append(package)
    for name, found in sorted(nightlies.items()):
        hashes = dict.fromkeys(each.sha256 for each in found if each.sha256)
        uploaded = min((each.uploaded_at for each in found if each.uploaded_at), default=None)
        version = found[0].version or found[0].planned or ""
        yield Known(name, version, tuple(hashes), found[0].commit, uploaded)


def _with_hash(package: Proved, result: CellResult) -> Proved:
    """The same with the planned wheel's hash, as uv writes down none; that it is that wheel was proved."""
    planned = result.plan.packages if result.plan else ()
    sha256 = package.sha256 or next((each.sha256 for each in planned if each.name == package.name), None)
    return replace(package, sha256=sha256)
