"""Forty nights of three projects, each with its cleanup: what is there in the end, and what went when."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise

from cleaning import DAY, NOW, Cleaning
from nights import FIXED, QUIET, STEADY, nights

POLICY = "floor_max_age: 20d\ncoverage_max_age: 20d\n"


def of(cleaning: Cleaning, name: str) -> list[str]:
    return [each for each in cleaning.site.names() if each.startswith(f"{name}-")]


def test_what_a_month_of_nights_leaves(cleaning: Cleaning) -> None:
    cleaning.rule("keep: 5\nmax_age: 30d\n")
    for night in nights(cleaning, 40):
        run = cleaning.run("plan-and-apply", "--output", str(cleaning.plan_file))
        assert run.code == 0, f"night {night}: {run.log}"
    steady, fixed, quiet = (of(cleaning, each.name) for each in (STEADY, FIXED, QUIET))
    assert {name.split("-")[1] for name in steady} == {f"1.0.dev{night}" for night in range(35, 40)}
    assert len(steady) == 10
    assert len(fixed) == 2, "the one for Python 3.10 is held for its coverage"
    versions = {name.split("-")[1] for name in quiet}
    assert versions == {"3.0.dev7", *(f"3.0.dev{night}" for night in range(10, 15))}, "3.0.dev7 is the last for Windows"
    rules = {row["filename"]: row["rule"] for row in cleaning.planned["files"]}
    assert {rules[name] for name in fixed} == {"newest-and-young", "coverage"}


def test_what_is_gone_went_in_the_night_that_was_foretold(cleaning: Cleaning) -> None:
    cleaning.rule(f"max_age: 10d\n{POLICY}")
    foretold: list[dict[str, str | None]] = []
    there: list[set[str]] = []
    for night in nights(cleaning, 45, [QUIET]):
        there.append(set(cleaning.site.names()))
        cleaning.run("plan-and-apply", "--output", str(cleaning.plan_file))
        if night >= 15:
            foretold.append({row["filename"]: row["goes_at"] for row in cleaning.planned["files"]})
    assert len(there[-1]) == 1, "the last file is held"
    left = [(night, name) for night, (before, after) in enumerate(pairwise(there)) for name in before - after]
    quiet = [(night, name) for night, name in left if night >= 15]
    assert quiet
    for night, name in quiet:
        for seen, plan in enumerate(foretold[: night - 14], start=15):
            moment = datetime.fromisoformat(str(plan[name])) - NOW
            assert timedelta(0) <= moment <= DAY * (night - seen)
            assert moment > DAY * (night - seen - 1)
