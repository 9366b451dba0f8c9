"""Each thing that went wrong with a channel's cleanup, decided by the default policy and by today's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest
from packaging.specifiers import SpecifierSet

from channel_files import MAIN, NOW, TAGS, night, remote
from hazards import DECISION, HAZARDS
from nightly.channel import RemoteFile
from retention import Decision, decide
from rules import Exemption, Pin, Policy, Rules

DAY = timedelta(days=1)

WITHIN = "keep newest-and-young"
BEYOND_N = "delete beyond-keep"
BEYOND_M = "delete beyond-max-age"
BEYOND_BOTH = "delete beyond-both"


@dataclass(frozen=True)
class Scenario:
    """Files of a channel, and what becomes of them: the verdict and the rule, by version, or by version and tag.

    `default` is by the default policy or the one that is given, `today` what is otherwise when nothing but N and M
    counts. `goes_at` is when a file goes by default, after `NOW`; None is never.
    """

    id: str
    files: Sequence[RemoteFile]
    default: Mapping[str, str]
    today: Mapping[str, str] = field(default_factory=dict)
    policy: Policy = field(default_factory=Policy)
    goes_at: Mapping[str, timedelta | None] = field(default_factory=dict)
    note: str = ""


def nights(*days: float, base: str = "2.3", tags: Sequence[str] = ("linux",)) -> list[RemoteFile]:
    """A version for each age in days: .dev1 is of the first."""
    return [file for number, age in enumerate(days, 1) for file in night(f"{base}.dev{number}", age, *tags)]


FIVE = nights(5, 4, 3, 2, 1)
FIVE_STAY = dict.fromkeys((f"2.3.dev{number}" for number in range(1, 6)), WITHIN)
FOUR_STAY = {**FIVE_STAY, "2.3.dev1": BEYOND_N}

SCENARIOS = [
    Scenario("H1", [*night("0.1.dev1+gdead", 0.1), *FIVE], {"0.1.dev1+gdead": WITHIN, **FOUR_STAY}),
    Scenario(
        "H1b",
        [*night("2.3.dev0+g0aaa", 0.1), *(each for n in range(1, 6) for each in night(f"2.3.dev0+g{n}", 6 - n))],
        {
            "2.3.dev0+g0aaa": WITHIN,
            **dict.fromkeys((f"2.3.dev0+g{n}" for n in range(2, 6)), WITHIN),
            "2.3.dev0+g1": BEYOND_N,
        },
    ),
    Scenario("H1c", [*night("2.4.0.dev0", 0.1), *FIVE], {"2.4.0.dev0": WITHIN, **FOUR_STAY}),
    Scenario("H1d", [*night("99.0.dev0", 20), *FIVE], {"99.0.dev0": BEYOND_N, **FIVE_STAY}),
    Scenario("H1d", [*night("2026.11.dev9", 6), *FIVE], {"2026.11.dev9": BEYOND_N, **FIVE_STAY}, note="new scheme"),
    Scenario("H2", nights(31), {"2.3.dev1": "hold floor"}, {"2.3.dev1": "hold last-files"}, goes_at={"2.3.dev1": None}),
    Scenario("H2", nights(91), {"2.3.dev1": "hold last-files"}, goes_at={"2.3.dev1": None}, note="for long"),
    Scenario(
        "H2",
        nights(31),
        {"2.3.dev1": "hold floor"},
        {"2.3.dev1": BEYOND_M},
        Policy(Rules(allow_empty=True)),
        goes_at={"2.3.dev1": 59 * DAY},
        note="may be emptied",
    ),
    Scenario(
        "H3",
        [*night("2.3.dev0", 6, "linux", "win"), *FIVE],
        {"2.3.dev0 win": "hold coverage", "2.3.dev0 linux": BEYOND_N, **FIVE_STAY},
        {"2.3.dev0 win": BEYOND_N},
        goes_at={"2.3.dev0 win": 84 * DAY, "2.3.dev1": 25 * DAY},
    ),
    Scenario(
        "H3b",
        [*night("2.3.dev0", 6, "linux", "win"), *nights(5, 4, 3, 2, 1, tags=["sdist"])],
        {"2.3.dev0": "hold coverage", **FIVE_STAY},
        {"2.3.dev0": BEYOND_N},
    ),
    Scenario(
        "H4",
        [*night("2.4.0.dev0", 0.1), *night("2.4.0.dev0", 300, "cp310")],
        {"2.4.0.dev0 linux": WITHIN, "2.4.0.dev0 cp310": BEYOND_M},
    ),
    Scenario("H5", FIVE, FIVE_STAY),  # a version without files isn't among the files
    Scenario(
        "H6",
        nights(*(hours / 24 for hours in (7, 6, 5, 4, 3, 2, 1))),
        {"2.3.dev1": "hold min-age", "2.3.dev2": "hold min-age", **{f"2.3.dev{n}": WITHIN for n in range(3, 8)}},
        {"2.3.dev1": BEYOND_N, "2.3.dev2": BEYOND_N},
        goes_at={"2.3.dev1": 17 * timedelta(hours=1)},
    ),
    Scenario(
        "H7",
        [*night("1.2.9.dev7", 1.5), *nights(1.2, 1, 0.8, 0.6, 0.4)],
        {"1.2.9.dev7": WITHIN, **FIVE_STAY},
        policy=Policy(Rules(streams="minor")),
    ),
    Scenario(
        "H7",
        [*night("1.2.9.dev7", 1.5), *nights(1.2, 1, 0.8, 0.6, 0.4)],
        {"1.2.9.dev7": BEYOND_N, **FIVE_STAY},
        note="without streams",
    ),
    Scenario(
        "H9b",
        [remote("2.3.dev1", age=None), remote("2.3.dev2", "win", age=None)],
        dict.fromkeys(("2.3.dev1", "2.3.dev2"), "hold unknown-time"),
        goes_at={"2.3.dev1": None},
    ),
    Scenario(
        "H9c",
        [remote("2.3.dev0", age=None), *nights(400, 1)],
        {"2.3.dev0": "hold unknown-time", "2.3.dev1": BEYOND_M, "2.3.dev2": WITHIN},
    ),
    Scenario(
        "H10",
        [
            *night("1.17.dev1", 400, project="scipy"),
            *night("0.3.dev1", 400, project="scipy-openblas64"),
            *night("0.3.dev2", 1, project="scipy_openblas64"),
        ],
        {"1.17.dev1": "hold exempt", "0.3.dev1": BEYOND_M, "0.3.dev2": WITHIN},
        policy=Policy(exempt=(Exemption("SciPy", "its own schedule"),)),
        goes_at={"1.17.dev1": None},
    ),
    Scenario(
        "H10f",
        nights(400, 300),
        dict.fromkeys(("2.3.dev1", "2.3.dev2"), "hold exempt"),
        policy=Policy(exempt=(Exemption("glob:*", "a moratorium"),)),
    ),
    Scenario(
        "H17",
        [*nights(30.5, 30, 30 - 1 / 86_400, 1)],
        {"2.3.dev1": BEYOND_M, "2.3.dev2": BEYOND_M, "2.3.dev3": WITHIN, "2.3.dev4": WITHIN},
        goes_at={"2.3.dev3": timedelta(seconds=1)},
    ),
    Scenario(
        "H19",
        [
            *night("2.3.dev9", 1),
            remote("2.3.dev1", age=400 * DAY, name="demo-2.3.dev1-py312_0.conda"),
            remote("2.3.dev2", age=400 * DAY, name="demo-2.3.dev2-py312_0.tar.bz2"),
            remote("2.3.dev3", age=400 * DAY, labels=["main", "keep"]),
            remote("2.3.dev4", age=400 * DAY, labels=["dev"]),
            remote("2.3.dev5", age=400 * DAY, labels=[]),
        ],
        {
            "2.3.dev9": WITHIN,
            **dict.fromkeys(("2.3.dev1", "2.3.dev2"), "hold not-python"),
            **dict.fromkeys(("2.3.dev3", "2.3.dev4", "2.3.dev5"), "hold label"),
        },
    ),
    Scenario(
        "H24",
        nights(10, 1),
        {"2.3.dev1": WITHIN, "2.3.dev2": WITHIN},
        goes_at={"2.3.dev1": 20 * DAY, "2.3.dev2": None},
    ),
    Scenario(
        "H25",
        FIVE,
        {**FIVE_STAY, **dict.fromkeys(("2.3.dev1", "2.3.dev2"), "delete beyond-max-bytes")},
        policy=Policy(Rules(max_bytes=3_000_000)),
    ),
    Scenario("numpy#25907", [remote(age=None, project="numpy")], {"1.0.dev1": "hold unknown-time"}),
    Scenario(
        "una#119",
        nights(35, 34, 33),
        {"2.3.dev1": BEYOND_M, "2.3.dev2": BEYOND_M, "2.3.dev3": "hold floor"},
        {"2.3.dev3": "hold last-files"},
    ),
    Scenario(
        "una#65",
        [*night("0.3.26.0", 400), *night("0.2.1", 400), *night("0.4.dev1", 1)],
        {"0.3.26.0": "hold pin", "0.2.1": BEYOND_M, "0.4.dev1": WITHIN},
        policy=Policy(pin=(Pin("Demo", SpecifierSet("==0.3.*"), "others build against it"),)),
        goes_at={"0.3.26.0": None},
    ),
    Scenario(
        "una#155",
        [
            remote("2.3.dev1", age=3 * DAY, size=9 * 10**9),
            remote("2.3.dev2", age=2 * DAY, size=9 * 10**9),
            remote("2.3.dev3", "win", age=2 * DAY, size=9 * 10**9),
        ],
        {"2.3.dev1": "delete beyond-max-bytes", "2.3.dev2": WITHIN, "2.3.dev3": WITHIN},
        {"2.3.dev2": "delete beyond-max-bytes"},
        Policy(Rules(max_bytes=10**10)),
        note="what is held stays, however large",
    ),
    Scenario(
        "arrow#40216",
        [*night("2.3.dev0", 16, "linux", "mac", "win"), *nights(5, 4, 3, 2, 1, tags=["linux", "mac"])],
        {"2.3.dev0": BEYOND_N, "2.3.dev0 win": "hold coverage", **FIVE_STAY},
        {"2.3.dev0 win": BEYOND_N},
        goes_at={"2.3.dev0 win": 74 * DAY},
    ),
    Scenario(
        "arrow#45155",
        [*night("2.3.dev0", 40, "linux", "mac", "win"), *nights(5, 4, 3, 2, 1, tags=["win", "mac", "musl"])],
        {"2.3.dev0": BEYOND_BOTH, "2.3.dev0 linux": "hold coverage", **FIVE_STAY},
        {"2.3.dev0 linux": BEYOND_BOTH},
    ),
    Scenario(
        "arrow#47381",
        [*night("2.3.dev0", 6, "linux", "cp313t"), *nights(5, 4, 3, 2, 1, tags=["cp313t"])],
        {"2.3.dev0 linux": "hold coverage", "2.3.dev0 cp313t": BEYOND_N, **FIVE_STAY},
        {"2.3.dev0 linux": BEYOND_N},
    ),
    Scenario(
        "numpy#28410",
        [
            *night("2.4.0.dev0", 0.1, "linux", "cp312-cp312-macosx_10_14_x86_64"),
            *night("2.4.0.dev0", 60, "cp312-cp312-macosx_10_9_x86_64", "cp312-cp312-manylinux2014_x86_64"),
            *night("2.4.0.dev0", 60, "cp310"),
        ],
        {
            "2.4.0.dev0": WITHIN,
            **dict.fromkeys(
                ("2.4.0.dev0 cp312-cp312-macosx_10_9_x86_64", "2.4.0.dev0 cp312-cp312-manylinux2014_x86_64"), BEYOND_M
            ),
            "2.4.0.dev0 cp310": "hold coverage",
        },
        {"2.4.0.dev0 cp310": BEYOND_M},
        goes_at={"2.4.0.dev0 cp310": 30 * DAY},
    ),
    Scenario(
        "astropy#15935",
        [*night("6.1.dev98", 2), *night("6.1.dev1234", 0)],
        {"6.1.dev1234": WITHIN, "6.1.dev98": BEYOND_N},
        policy=Policy(Rules(keep=1)),
    ),
    Scenario("scipp#3558", nights(0), {"2.3.dev1": WITHIN}, policy=Policy(Rules(keep=1))),
    Scenario(
        "duckdb#15134",
        nights(12, 11, 10),
        {"2.3.dev1": BEYOND_M, "2.3.dev2": BEYOND_M, "2.3.dev3": "hold floor"},
        {"2.3.dev3": "hold last-files"},
        Policy(Rules(max_age=3 * DAY)),
    ),
    Scenario(
        "duckdb#16634",
        [*nights(6, 5, 4, base="1.2"), *nights(3, 2, 1, base="1.3")],
        {
            **{f"{base}.dev{n}": WITHIN for base in ("1.2", "1.3") for n in (2, 3)},
            **dict.fromkeys(("1.2.dev1", "1.3.dev1"), BEYOND_N),
        },
        policy=Policy(Rules(keep=2, streams=r"^(\d+\.\d+)\.")),
    ),
    Scenario(
        "habitat-sim#1262",
        [*night("2.3.dev1", 0.9, "linux", "win"), *night("2.3.dev2", 0.1)],
        {"2.3.dev2": WITHIN, "2.3.dev1": "hold min-age"},
        {"2.3.dev1": BEYOND_N},
        Policy(Rules(keep=1)),
    ),
    Scenario(
        "pytorch#70044",
        [*night("2.3.dev0", 91, "cp310"), *night("2.3.dev9", 89, "win"), *FIVE],
        {"2.3.dev0": BEYOND_BOTH, "2.3.dev9": "hold coverage", **FIVE_STAY},
        {"2.3.dev9": BEYOND_BOTH},
    ),
    Scenario(
        "gitlab#325429",
        nights(*range(200, 189, -1)),
        {**{f"2.3.dev{n}": "keep newest" for n in range(2, 12)}, "2.3.dev1": BEYOND_BOTH},
        policy=Policy(Rules(keep=10, keep_if="either")),
        goes_at={"2.3.dev2": None},
    ),
    Scenario(
        "gitlab#336593",
        [remote("2.3.dev0", age=None), *FIVE],
        {"2.3.dev0": "hold unknown-time", **FIVE_STAY},
        note="it takes no other's place",
    ),
    Scenario(
        "gitlab#466239",
        [
            *night("1.0", 400, project="demo"),
            *night("2.0", 400, project="my-demo"),
            *night("3.0", 1, project="my-demo"),
        ],
        {"1.0": "hold exempt", "2.0": BEYOND_M, "3.0": WITHIN},
        policy=Policy(exempt=(Exemption("glob:dem?", "a pattern is for the whole name"),)),
    ),
    Scenario("delete-package-versions#231", nights(500), {"2.3.dev1": "hold last-files"}),
]


def shown(file: RemoteFile) -> str:
    """A file's version and tag, as the scenarios name it."""
    tag = file.filename.removeprefix(f"demo-{file.version}-").removesuffix(".whl")
    return f"{file.version} {next((name for name, its in TAGS.items() if its in file.filename), tag)}"


def decided(scenario: Scenario, policy: Policy) -> dict[str, Decision]:
    return {shown(each.file): each for each in decide(scenario.files, policy, NOW, MAIN)}


def expected(scenario: Scenario, rules: Mapping[str, str]) -> dict[str, str]:
    """What is expected of each file; every entry has to be of one."""
    names = [shown(file) for file in scenario.files]
    found = {name: name if name in rules else name.partition(" ")[0] for name in names}
    assert set(found.values()) == rules.keys()
    return {name: rules[key] for name, key in found.items()}


def name(scenario: Scenario) -> str:
    return f"{scenario.id} {scenario.note}".strip()


@pytest.mark.parametrize("scenario", SCENARIOS, ids=name)
def test_the_default_policy_is_right_here(scenario: Scenario) -> None:
    decisions = decided(scenario, scenario.policy)
    found = {name: f"{each.verdict.value} {each.rule}" for name, each in decisions.items()}
    assert found == expected(scenario, scenario.default)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=name)
def test_todays_policy_without_its_bugs(scenario: Scenario) -> None:
    rules = replace(scenario.policy.rules, floor=0, coverage=0, min_age=timedelta(0))
    decisions = decided(scenario, replace(scenario.policy, rules=rules))
    found = {name: f"{each.verdict.value} {each.rule}" for name, each in decisions.items()}
    assert found == expected(scenario, scenario.default) | {
        file: scenario.today[key] for file in found for key in (file.partition(" ")[0], file) if key in scenario.today
    }


@pytest.mark.parametrize("scenario", [each for each in SCENARIOS if each.goes_at], ids=name)
def test_it_goes_when_the_decision_says(scenario: Scenario) -> None:
    decisions = decided(scenario, scenario.policy)
    found = {key: each.goes_at for name, each in decisions.items() for key in (name, name.partition(" ")[0])}
    moments = {key: None if after is None else NOW + after for key, after in scenario.goes_at.items()}
    assert {key: found[key] for key in moments} == moments


def test_every_hazard_of_the_decision_has_its_scenario() -> None:
    assert {each.id for each in SCENARIOS} == {id_ for id_, (_, place) in HAZARDS.items() if place == DECISION}


def test_none_of_todays_hazards_is_left_out() -> None:
    numbers = {int("".join(filter(str.isdigit, id_))) for id_ in HAZARDS if id_.startswith("H")}
    assert numbers == set(range(1, 27))
