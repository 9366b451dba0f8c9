"""How a policy's file is read, and how each thing that is wrong in one is told."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import fields, replace
from datetime import date, timedelta
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from packaging.specifiers import SpecifierSet

from document import MAX_CHARACTERS
from hazards import HAZARDS, POLICY
from nightly.errors import UserError
from policy import check_policy, parse_policy, read_policy
from quantities import parse_duration, parse_share, parse_size, spell_duration, spell_size
from rules import Exemption, Limits, Override, Pin, Policy, Rules

ROOT = Path(__file__).resolve().parent.parent
CLEANUP = ROOT / "cleanup"

DAY = timedelta(days=1)

EVERY_KEY = """\
keep: 7
max_age: 4w
keep_if: either
min_age: 12h
floor: 2
floor_max_age: none
coverage: 3
coverage_max_age: 60d
max_bytes: 10 GB
streams: minor
allow_empty: true
exempt:
  - project: glob:scipy-openblas*
    reason: >
      built by hand,
      a few times a year
    until: 2027-01-31
  - {project: Some.Project, reason: "why"}
pin:
  - requirement: scipy-openblas64==0.3.*
    reason: NumPy builds against it
projects:
  numpy:
    keep: 2
    max_age:
limits:
  files: 10
  bytes: 1 TB
  channel_share: 12.5 %
  channel_share_above: 3
  project_share: 100%
  project_share_above: 0
"""

ALL = Rules(
    keep=7,
    max_age=28 * DAY,
    keep_if="either",
    min_age=DAY / 2,
    floor=2,
    floor_max_age=None,
    coverage=3,
    coverage_max_age=60 * DAY,
    max_bytes=10**10,
    streams="minor",
    allow_empty=True,
)


def problems(text: str) -> list[str]:
    """What is said of a policy that can't be used, line by line: `2: what is wrong`."""
    with pytest.raises(UserError) as caught:
        parse_policy(text, "policy.yml")
    assert caught.value.exit_code == 2
    assert "nothing is deleted" in caught.value.do
    _, *lines = caught.value.what.splitlines()
    assert all(line.startswith("policy.yml:") for line in lines)
    return [line.removeprefix("policy.yml:") for line in lines]


def test_every_key_is_read() -> None:
    assert parse_policy(EVERY_KEY, "policy.yml") == Policy(
        rules=ALL,
        projects=(Override("numpy", replace(ALL, keep=2, max_age=None), 23),),
        exempt=(
            Exemption("glob:scipy-openblas*", "built by hand, a few times a year", date(2027, 1, 31), 13),
            Exemption("Some.Project", "why", None, 18),
        ),
        pin=(Pin("scipy-openblas64", SpecifierSet("==0.3.*"), "NumPy builds against it", None, 20),),
        limits=Limits(10, 10**12, 0.125, 3, 1.0, 0),
        source="policy.yml",
    )


def test_every_key_has_its_default() -> None:
    assert parse_policy("keep: 5", "") == Policy()
    assert Rules() == Rules(
        keep=5,
        max_age=30 * DAY,
        keep_if="both",
        min_age=DAY,
        floor=1,
        floor_max_age=90 * DAY,
        coverage=1,
        coverage_max_age=90 * DAY,
        max_bytes=None,
        streams="none",
        allow_empty=False,
    )
    assert Limits() == Limits(500, 20 * 10**9, 0.3, 100, 0.6, 20)


@pytest.mark.parametrize("key", [each.name for each in fields(Rules)])
def test_a_projects_override_may_change_any_rule_and_nothing_else(key: str) -> None:
    value = yaml.safe_load(EVERY_KEY)[key]
    policy = parse_policy(yaml.safe_dump({"projects": {"Num.Py": {key: value}}}), "")
    assert policy.rules_of("numpy") == Rules()
    assert policy.rules_of("num-py") == replace(Rules(), **{key: getattr(ALL, key)})


@pytest.mark.parametrize("key", ["max_age", "floor_max_age", "coverage_max_age", "max_bytes"])
@pytest.mark.parametrize("word", ["none", "null", "~", ""])
def test_a_limit_may_be_none(key: str, word: str) -> None:
    assert getattr(parse_policy(f"{key}: {word}", "").rules, key) is None


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("keap: 5", "1: unknown key 'keap' in the policy; did you mean 'keep'?"),
        ("keep: 5\n\nwhatever: 5", "3: unknown key 'whatever' in the policy; there are allow_empty, coverage"),
        ('keep: "5"', "1: keep: has to be a whole number, 0 or more, not '5'"),
        ("keep: -1", "1: keep: has to be a whole number, 0 or more, not '-1'"),
        ("keep: 5.0", "1: keep: has to be a whole number, 0 or more, not '5.0'"),
        ("keep: 010", "1: keep: has to be a whole number, 0 or more, not '010'"),
        ("keep: 1:30", "1: keep: has to be a whole number, 0 or more, not '1:30'"),
        ("keep: true", "1: keep: has to be a whole number, 0 or more, not 'true'"),
        ("keep:", "1: keep: has to be a whole number, 0 or more, not nothing"),
        ("keep: [5]", "1: keep: has to be a whole number, 0 or more, not a list"),
        ("keep: 5\nfloor: 1\nkeep: 6", "3: the policy has 'keep' twice, first in line 1"),
        ("keep_if: all", "1: keep_if: has to be both or either, not 'all'"),
        ("max_age: 30", "1: max_age: '30' isn't a duration; write a whole number of weeks, days, hours"),
        ("max_age: 30 days", "1: max_age: '30 days' isn't a duration"),
        ("max_age: 1.5d", "1: max_age: '1.5d' isn't a duration"),
        ("max_age: -3d", "1: max_age: '-3d' isn't a duration"),
        ("max_age: 40000d", "1: max_age: '40000d' isn't a duration"),
        ("max_age: {days: 3}", "1: max_age: has to be a value, not a mapping"),
        ("min_age: none", "1: min_age: has to be a value, not 'none'"),
        ("max_bytes: 10 GBit", "1: max_bytes: '10 GBit' isn't a size; write a number of bytes, or one with a unit"),
        ("max_bytes: 0", "1: max_bytes: '0' isn't a size"),
        ("streams: minr", "1: streams: has to be none, minor, label, or a pattern with a group"),
        ("streams: '(x'", "1: streams: '(x' isn't a pattern: missing ), unterminated subpattern"),
        ("allow_empty: yes", "1: allow_empty: has to be true or false, not 'yes'"),
        ('allow_empty: "true"', "1: allow_empty: has to be true or false, not 'true'"),
        ("exempt: scipy", "1: exempt has to be a list (- ITEM, line by line), not text"),
        ("exempt:\n  - scipy", "2: an entry of exempt has to be a mapping (KEY: VALUE, line by line), not text"),
        ("exempt:\n  - project: scipy", "2: an entry of exempt needs a reason"),
        ("exempt:\n  - reason: why", "2: an entry of exempt needs a project"),
        ("exempt:\n  - {project: a, reason: ''}", "2: reason: has to be readable text, not ''"),
        ("exempt:\n  - {project: a, reason: 5}", "2: reason: has to be readable text, not '5'"),
        (
            "exempt:\n  - {project: a*, reason: b}",
            "2: project: 'a*' isn't a project's name; a pattern is written 'glob:a*'",
        ),
        ("exempt:\n  - {project: 'glob:', reason: b}", "2: project: the pattern after 'glob:' is missing"),
        ("exempt:\n  - {project: a b, reason: c}", "2: project: name is invalid: 'a b'"),
        (
            "exempt:\n  - {project: a_b, reason: c}\n  - {project: A.B, reason: c}",
            "3: 'A.B' is named again, first in line 2",
        ),
        ("exempt:\n  - {project: a, reason: b, until: soon}", "2: until: 'soon' isn't a day; write it as YYYY-MM-DD"),
        ("exempt:\n  - {project: a, reason: b, until: 2027-02-30}", "2: until: '2027-02-30' isn't a day"),
        ("exempt:\n  - {project: a, reason: b, owner: c}", "2: unknown key 'owner' in an entry of exempt"),
        ("pin:\n  - {requirement: a, reason: b}", "2: requirement: has to be a project and its versions alone"),
        ("pin:\n  - {requirement: 'a[b]==1', reason: b}", "2: requirement: has to be a project and its versions alone"),
        ("pin:\n  - {requirement: 'a=1', reason: b}", "2: requirement: 'a=1' isn't a requirement such as"),
        ("pin:\n  - requirement: a==1", "2: an entry of pin needs a reason"),
        ("projects: [numpy]", "1: projects has to be a mapping (KEY: VALUE, line by line), not a list"),
        (
            "projects:\n  numpy: 5",
            "2: the override of 'numpy' has to be a mapping (KEY: VALUE, line by line), not a number",
        ),
        ("projects:\n  numpy: {exempt: []}", "2: unknown key 'exempt' in the override of 'numpy'"),
        ("projects:\n  num*: {}", "2: num*: 'num*' isn't a project's name"),
        ("projects:\n  a-b: {}\n  a_b: {}", "3: 'a_b' is named again, first in line 2"),
        ("limits: none", "1: limits has to be a mapping (KEY: VALUE, line by line), not text"),
        ("limits: {channel_share: 130 %}", "1: channel_share: '130 %' isn't a share; write a percentage"),
        ("limits: {channel_share: 0%}", "1: channel_share: '0%' isn't a share"),
        ("limits: {project_share: 0.6}", "1: project_share: '0.6' isn't a share"),
        ("[keep]: 5", "1: a key of the policy has to be text, not a list"),
        ("- keep: 5", "1: the policy has to be a mapping (KEY: VALUE, line by line), not a list"),
        ("keep: &n 5\nfloor: *n", "1: anchors (&) and aliases (*) aren't taken; write out what is meant"),
        ("keep: !!int 5", "1: tags (!) aren't taken; write the plain value"),
        ("keep: 5\n---\nkeep: 6", "2: there's a second document; one is all that is read"),
        ("keep: 5\n exempt: []", "2: this isn't YAML: mapping values are not allowed here"),
        (r'keep: "\UFFFFFFFF"', "1: this isn't YAML: "),
        (r'exempt: [{project: a, reason: "\ud800"}]', "1: reason: has to be readable text, not '\\ud800'"),
        ("keep: '5", "1: this isn't YAML: found unexpected end of stream"),
        ("keep: \x00", "1: this isn't YAML: unacceptable character #x0000"),
        ("exempt: " + "[" * 50, "1: this is nested too deeply"),
        ("#" * (MAX_CHARACTERS + 1), f"1: the file has {MAX_CHARACTERS + 1} characters; at most {MAX_CHARACTERS} are"),
        ("", "1: the file is empty; write at least one key, such as keep: 5"),
        ("# nothing\n", "1: the file is empty; write at least one key, such as keep: 5"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(text: str, told: str) -> None:
    (found,) = problems(text)
    assert found.startswith(told)


def test_all_problems_are_told_at_once_by_line() -> None:
    found = problems("exempt:\n  - project: a\nkeep: x\nmax_age: 30\n")
    assert [line.partition(":")[0] for line in found] == ["2", "3", "4"]


def test_an_error_page_is_no_policy() -> None:
    """H10c, of an index's or a host's answers that were saved under the policy's name."""
    for text in ("429: Too Many Requests", "<html><body>502</body></html>", "404: Not Found\n", '{"error": null}'):
        assert problems(text)


def test_blank_lines_and_comments_mean_nothing() -> None:
    """H10b, H10d."""
    spread = "\n\n# a list\nexempt:\n\n  # why\n  - project: scipy\n\n    reason: x  # y\n\n"
    policy = parse_policy(spread, "")
    assert [policy.exemption_of(name) is not None for name in ("SciPy", "scipy-openblas64", "h5py", "")] == [
        True,
        False,
        False,
        False,
    ]


def test_an_empty_item_exempts_nothing() -> None:
    """H10b."""
    assert problems("exempt:\n  -\n") == [
        "2: an entry of exempt has to be a mapping (KEY: VALUE, line by line), not nothing"
    ]


def test_no_key_can_be_switched_off_by_leaving_its_value_out() -> None:
    """delete-tag-and-release#13: but a limit on ages and bytes, which without a value is none, and keeps more."""
    keys = [key for key in (each.name for each in fields(Rules)) if problems_of_empty(key)]
    assert set(keys) == {"keep", "keep_if", "min_age", "floor", "coverage", "allow_empty"}


def problems_of_empty(key: str) -> bool:
    try:
        parse_policy(f"{key}:", "")
    except UserError:
        return True
    return False


@pytest.mark.parametrize(
    ("entry", "covered"),
    [
        ("scipy", ["scipy", "SciPy"]),
        ("scipy_openblas64", ["scipy-openblas64", "scipy.openblas64"]),
        ("glob:scipy*", ["scipy", "SciPy", "scipy-openblas64", "scipy.openblas64"]),
        ("glob:scipy-openblas??", ["scipy-openblas64", "scipy.openblas64"]),
        ("glob:*", ["scipy", "SciPy", "scipy-openblas64", "scipy.openblas64", "my-scipy"]),
    ],
)
def test_names_are_compared_exactly_and_as_installers_do(entry: str, covered: list[str]) -> None:
    names = ["scipy", "SciPy", "scipy-openblas64", "scipy.openblas64", "my-scipy"]
    assert [name for name in names if Exemption(entry, "why").covers(name)] == covered


def test_a_policy_that_fits_its_channel_passes() -> None:
    policy = parse_policy(EVERY_KEY, "policy.yml")
    there = {"scipy_openblas64": {"0.3.1", "odd"}, "some-project": set[str](), "NumPy": {"2.dev1"}}
    assert check_policy(policy, there, date(2027, 1, 31)) == []


@pytest.mark.parametrize(
    ("there", "told"),
    [
        ({"scipy-openblas64": {"0.3.1"}}, "18: the channel has no project 'Some.Project'; correct or remove it"),
        (
            {"scipy-openblas32": {"0.3.1"}, "some-project": {"1"}},
            "20: the channel has nothing that is 'scipy-openblas64==0.3.*'",
        ),
        (
            {"scipy-openblas64": {"0.2"}, "some-project": {"1"}},
            "20: the channel has nothing that is 'scipy-openblas64==0.3.*'",
        ),
    ],
    ids=["no such project", "no project that is pinned", "no version that is pinned"],
)
def test_what_names_nothing_is_an_error(there: dict[str, set[str]], told: str) -> None:
    with pytest.raises(UserError, match=re.escape(f"policy.yml:{told}")) as caught:
        check_policy(parse_policy(EVERY_KEY, "policy.yml"), there, date(2026, 1, 1))
    assert caught.value.exit_code == 2


def test_a_project_that_could_not_be_read_may_have_what_is_pinned() -> None:
    there = {"scipy-openblas64": None, "some-project": None, "numpy": None}
    assert check_policy(parse_policy(EVERY_KEY, "policy.yml"), there, date(2026, 1, 1)) == []


def test_a_promise_that_ran_out_is_an_error_from_the_day_after() -> None:
    there = {"scipy-openblas64": None, "some-project": None}
    with pytest.raises(UserError, match=r"policy\.yml:13: this ran out on 2027-01-31"):
        check_policy(parse_policy(EVERY_KEY, "policy.yml"), there, date(2027, 2, 1))


def test_an_override_of_a_project_that_is_not_there_yet_is_told() -> None:
    there = {"scipy-openblas64": None, "some-project": None}
    (told,) = check_policy(parse_policy(EVERY_KEY, "policy.yml"), there, date(2026, 1, 1))
    assert told == "policy.yml:23: the channel has no project 'numpy'"


def test_two_policies_that_say_the_same_have_one_digest() -> None:
    spelled = EVERY_KEY.replace("4w", "28d").replace("10 GB", "10000 MB").replace("12h", "720m")
    other = parse_policy("# a comment\n\n" + spelled, "elsewhere.yml")
    assert other.digest == parse_policy(EVERY_KEY, "policy.yml").digest


@pytest.mark.parametrize(
    ("said", "changed"),
    [
        ("keep: 7", "keep: 8"),
        ("either", "both"),
        ("floor_max_age: none", "floor_max_age: 90d"),
        ("60d", "61d"),
        ("10 GB", "11 GB"),
        ("minor", "label"),
        ("true", "false"),
        ("glob:scipy", "glob:numpy"),
        ("by hand", "by machine"),
        ("2027", "2028"),
        ("0.3.*", "0.4.*"),
        ("  numpy:", "  scipy:"),
        ("    keep: 2", "    keep: 3"),
        ("files: 10", "files: 11"),
        ("12.5 %", "12.6 %"),
    ],
)
def test_a_policy_that_says_something_else_has_another_digest(said: str, changed: str) -> None:
    assert said in EVERY_KEY
    assert parse_policy(EVERY_KEY.replace(said, changed), "").digest != parse_policy(EVERY_KEY, "").digest


def test_a_policy_is_read_from_its_file_with_any_line_ends(tmp_path: Path) -> None:
    path = tmp_path / "policy.yml"
    path.write_bytes(b"\xef\xbb\xbf" + EVERY_KEY.replace("\n", "\r\n").encode())
    policy = read_policy(path)
    assert replace(policy, source="policy.yml") == parse_policy(EVERY_KEY, "policy.yml")
    assert policy.source == path.as_posix()


@pytest.mark.parametrize("content", [None, b"keep: \xff"], ids=["missing", "no UTF-8"])
def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "policy.yml"
    if content:
        path.write_bytes(content)
    with pytest.raises(UserError, match=r"The policy .*policy\.yml can't be read") as caught:
        read_policy(path)
    assert caught.value.exit_code == 2


KEYS = [*(each.name for each in fields(Rules)), "exempt", "pin", "projects", "limits", "project", "reason", "x"]

documents = st.recursive(
    st.sampled_from(["scipy", "5d", "both", None, 3, True]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=5),
)


@given(st.text(max_size=40) | documents.map(yaml.safe_dump))
def test_a_policy_is_understood_or_refused(text: str) -> None:
    with suppress(UserError):
        assert isinstance(parse_policy(text, ""), Policy)


def test_the_channels_own_policy_names_its_n_and_m_and_gives_every_reason() -> None:
    path = CLEANUP / "policy.yml"
    assert {"keep", "max_age"} <= yaml.safe_load(path.read_text(encoding="utf-8")).keys()
    policy = read_policy(path)
    assert "" not in [*(each.reason for each in policy.exempt), *(each.reason for each in policy.pin)]


def test_what_the_cleanup_runs_on_is_pinned_by_hash_and_the_same_as_the_uploads() -> None:
    """H26."""
    ours, theirs = pins(CLEANUP), pins(ROOT / "scripts")
    assert all(hashes for _, hashes in ours.values())
    assert theirs.items() <= ours.items()
    assert ours.keys() - theirs.keys() == {"pyyaml"}


def pins(directory: Path) -> dict[str, tuple[str, frozenset[str]]]:
    """The versions and hashes of a lock."""
    lock = (directory / "requirements.txt").read_text(encoding="utf-8")
    entries = re.findall(r"^([a-z0-9-]+)==(\S+)(.*?)(?=^\S|\Z)", lock, re.MULTILINE | re.DOTALL)
    return {name: (version, frozenset(re.findall(r"sha256:\w{64}", rest))) for name, version, rest in entries}


def test_every_hazard_of_reading_a_policy_is_tried_here() -> None:
    text = Path(__file__).read_text(encoding="utf-8")
    assert [
        id_ for id_, (_, place) in HAZARDS.items() if place == POLICY and not re.search(rf'"""{id_}|, {id_}[,.]', text)
    ] == []


@pytest.mark.parametrize(
    ("text", "duration"),
    [("0", 0), ("45s", 45), ("90m", 5400), ("24h", 86_400), ("30d", 2_592_000), ("2w", 1_209_600), ("2 w", 1_209_600)],
)
def test_a_duration_is_a_number_of_one_unit(text: str, duration: int) -> None:
    assert parse_duration(text) == timedelta(seconds=duration)


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("1", 1),
        ("500 MB", 500 * 10**6),
        ("20 GB", 20 * 10**9),
        ("1.5GB", 15 * 10**8),
        ("8 GiB", 8 * 2**30),
        ("1 kB", 1000),
    ],
)
def test_a_size_is_a_number_of_bytes_or_of_multiples(text: str, size: int) -> None:
    assert parse_size(text) == size


def test_a_share_is_a_percentage() -> None:
    assert (parse_share("30 %"), parse_share("0.5%"), parse_share("100%")) == (0.3, 0.005, 1.0)


@pytest.mark.parametrize(
    ("seconds", "spelled"),
    [
        (0, "0 s"),
        (59, "59 s"),
        (61, "1 m 1 s"),
        (3600, "1 h"),
        (86_400, "1 d"),
        (90_000, "1 d 1 h"),
        (86_460, "1 d"),
        (-61, "1 m 1 s"),
        (8_640_000, "100 d"),
    ],
)
def test_a_duration_is_spelled_in_two_units(seconds: int, spelled: str) -> None:
    assert spell_duration(seconds) == spelled


@pytest.mark.parametrize(
    ("size", "spelled"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1 kB"),
        (1_234_567, "1.2 MB"),
        (9_700_000_000, "9.7 GB"),
        (5 * 10**15, "5000 TB"),
    ],
)
def test_a_size_is_spelled_in_one_unit(size: int, spelled: str) -> None:
    assert spell_size(size) == spelled
