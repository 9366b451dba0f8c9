"""What is read from installers' words about conflicts."""

from __future__ import annotations

import pytest

from nightly.downstream.planning.conflicts import Demand, demands

PIP = """\
Collecting cap
The conflict is caused by:
    The user requested foo>=1; python_version > "3"
    some-app[test] 1.0 depends on foo[x]<2
    cap 2.0 depends on foo<1.2
    The user requested (constraint) foo 1.2.0.dev0 (from https://example.org/foo-1.2.0.dev0-py3-none-any.whl)

To fix this you could try to:
1. loosen the range of package versions you've specified
"""
MISSING = """\
ERROR: Could not find a version that satisfies the requirement bar>=5 (from long-name) (from versions: 2.0, 2.1rc1)
ERROR: No matching distribution found for bar>=5
"""
ABSENT = """\
ERROR: Could not find a version that satisfies the requirement nosuch (from versions: none)
ERROR: No matching distribution found for nosuch
"""
UV_WRAPPED = """\
  × No solution found when resolving dependencies:
  ╰─▶ Because only foo>=1.2 is available and every-cap==1.0 depends on
      foo<1.1, we can conclude that every-cap==1.0 cannot be used. (1)

      Because only foo[x]>=1.2 is available and every-cap>=2.0 depends on
      foo[x]<1.2, we can conclude that every-cap>=2.0 cannot be used.
      And because we know from (1) that every-cap<2.0 cannot be used and you
      require every-cap, we can conclude that your requirements are
      unsatisfiable.
"""  # noqa: RUF001 - uv's own sign
UV = """\
error: No solution found when resolving dependencies
  cause: Because only foo>=1.2 is available and all versions of cap depend on foo>=1,<1.2, we can conclude that all \
versions of cap cannot be used.
         And because you require cap and foo<2, we can conclude that your requirements are unsatisfiable.
"""


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (
            PIP,
            {
                Demand("some-app", "==1.0", "foo[x]<2"),
                Demand("cap", "==2.0", "foo<1.2"),
                Demand("", "", 'foo>=1; python_version > "3"'),
            },
        ),
        (MISSING, {Demand("long-name", "", "bar>=5")}),
        (ABSENT, set()),
        (
            UV_WRAPPED,
            {
                Demand("every-cap", "==1.0", "foo<1.1"),
                Demand("every-cap", ">=2.0", "foo[x]<1.2"),
                Demand("", "", "every-cap"),
            },
        ),
        (UV, {Demand("cap", "", "foo>=1,<1.2"), Demand("", "", "cap")}),
        ("", set()),
        ("x depends on ???\n    y 1 depends on ???\n", set()),
    ],
    ids=["pip", "pip misses a version", "pip misses a project", "uv 0.11", "uv 0.13", "nothing", "no requirements"],
)
def test_demands_are_read_from_an_installers_words(words: str, expected: set[Demand]) -> None:
    assert set(demands(words)) == expected


@pytest.mark.parametrize(
    ("requirement", "version"),
    [
        ("foo<1.2", "1.2.0.dev0"),
        ("foo==1.1", "1.2.0.dev0"),
        ("foo>=2.0", "2.0.dev7"),
        ("foo~=1.0; os_name == 'x'", "2.0"),
    ],
)
def test_what_a_requirement_excludes_is_a_cap(requirement: str, version: str) -> None:
    assert Demand("cap", "", requirement).excludes(version)


@pytest.mark.parametrize(
    ("requirement", "version"),
    [
        ("foo", "1.2.dev0"),
        ("foo<2", "1.2.dev0"),
        ("foo>=1.0", "2.0rc1"),
        ("foo==2.1.1", "2.1.1+73.g8f8"),
        ("foo<2", "?"),
    ],
)
def test_being_a_pre_release_is_no_reason_to_exclude(requirement: str, version: str) -> None:
    assert not Demand("who", "", requirement).excludes(version)
