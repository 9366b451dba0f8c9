"""Trying again, and knowing when to stop."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightly.http_errors import Refused, Unavailable
from nightly.patience import Patience
from nightly.retry import Breaker, retrying

QUICK = Patience(tries=4, first_wait=0.001, longest_wait=0.002, file_limit=10)
DOWN = Unavailable("GET x", "down", 503)


class Unit:
    """Fails as it was told, and then doesn't."""

    def __init__(self, *errors: Exception) -> None:
        self.errors = list(errors)
        self.tries: list[int] = []

    def __call__(self, tried: int) -> str:
        self.tries.append(tried)
        if self.errors:
            raise self.errors.pop(0)
        return "done"


@pytest.mark.parametrize("failures", range(4))
def test_what_is_unavailable_is_tried_again_and_told_which_try_it_is(failures: int) -> None:
    unit = Unit(*[DOWN] * failures)
    assert retrying(unit, QUICK) == "done"
    assert unit.tries == list(range(1, failures + 2))


def test_the_last_trys_error_is_raised() -> None:
    last = Unavailable("GET x", "last", 500)
    unit = Unit(DOWN, DOWN, DOWN, last)
    with pytest.raises(Unavailable) as raised:
        retrying(unit, QUICK)
    assert raised.value is last


@pytest.mark.parametrize("error", [Refused("GET x", "no", 401), OSError("disk"), KeyError("bug")], ids=repr)
def test_what_would_fail_again_isnt_tried_again(error: Exception) -> None:
    unit = Unit(error)
    with pytest.raises(type(error)):
        retrying(unit, QUICK)
    assert unit.tries == [1]


def test_a_wait_that_goes_beyond_the_limit_isnt_begun() -> None:
    unit = Unit(Unavailable("GET x", "later", 429, retry_after=3600))
    with pytest.raises(Unavailable):
        retrying(unit, QUICK)
    assert unit.tries == [1]


def test_no_try_is_begun_after_the_limit() -> None:
    unit = Unit(*[DOWN] * 9)
    with pytest.raises(Unavailable):
        retrying(unit, replace(QUICK, tries=99, file_limit=0))
    assert unit.tries == [1]


@given(tried=st.integers(1, 99), asked=st.none() | st.floats(0, 1000))
def test_waits_grow_to_their_limit_and_are_never_less_than_the_server_asked_for(
    tried: int, asked: float | None
) -> None:
    patience = Patience(first_wait=1, longest_wait=30)
    wait = patience.wait(tried, asked)
    assert wait >= (asked or 0)
    assert wait <= max(30, asked or 0)
    assert wait >= min(30, 2 ** (tried - 1)) / 2


def test_a_breaker_opens_after_failures_in_a_row_and_stays_open() -> None:
    breaker = Breaker(limit=2)
    states = []
    for happens in (breaker.failed, breaker.answered, breaker.failed, breaker.failed, breaker.answered):
        happens()
        states.append(breaker.is_open)
    assert states == [False, False, False, True, True]
