"""Which wheel of a project one interpreter gets, and what is said where it gets none."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from itertools import permutations
from pathlib import Path

import pytest

from nightly.channels import ANACONDA
from nightly.downstream.planning.ages import spell_age
from nightly.downstream.planning.channels_asked import CHANNELS_INPUTS, channels_asked
from nightly.downstream.planning.choosing import choose, with_stable
from nightly.downstream.planning.request import REQUEST_INPUTS, parse_packages, plan_request, project_names
from nightly.downstream.planning.wheel_tags import spell_tags
from nightly.downstream.records.plan import Package, State
from nightly.downstream.records.snapshot import Offer
from nightly.errors import UserError

NOW = datetime(2026, 11, 16, 5, 23, tzinfo=timezone.utc)
MONTH = timedelta(days=30)
TAGS = (
    "cp313-cp313-manylinux_2_28_x86_64",
    "cp313-cp313-manylinux_2_17_x86_64",
    "cp311-abi3-linux_x86_64",
    "py3-none-any",
)
FIRST, SECOND = "https://one.example/simple", "https://two.example/simple"


def offer(
    filename: str, *, hours: float | None = 5, channel: str = FIRST, project: str = "", sha256: str | None = None
) -> Offer:
    """A wheel that was uploaded some hours ago, of the project that its name says."""
    name, version, *_ = filename.split("-")
    return Offer(
        project=project or name.replace("_", "-").lower(),
        version=version,
        filename=filename,
        url=f"{channel}/{filename}",
        sha256=sha256,
        uploaded_at=None if hours is None else NOW - timedelta(hours=hours),
        channel=channel,
    )


def chosen(*offers: Offer, name: str = "foo", tags: tuple[str, ...] = TAGS, max_age: timedelta = MONTH) -> Package:
    return choose(offers, name, tags, NOW, max_age)


def test_a_wheel_is_planned_with_all_that_is_known_of_it() -> None:
    file = "foo-1.0.dev1-py3-none-any.whl"
    assert chosen(offer(file, sha256="a" * 64)) == Package(
        name="foo",
        state=State.NIGHTLY,
        version="1.0.dev1",
        url=f"{FIRST}/{file}",
        sha256="a" * 64,
        filename=file,
        uploaded_at=NOW - timedelta(hours=5),
        channel=FIRST,
    )


BEST = {
    "the greatest version, as PEP 440 orders them": ["1.10.dev1-py3-none-any", "1.9.dev1-py3-none-any"],
    "the next release before a maintenance branch": ["3.1.0.dev5-py3-none-any", "2.3.9.dev9-py3-none-any"],
    "a development release before an older release": ["2.0.dev1-py3-none-any", "1.9-py3-none-any"],
    "a greater local label": ["1.0.dev1+1120.gb-py3-none-any", "1.0.dev1+999.ga-py3-none-any"],
    "a better tag": ["1.0.dev1-cp313-cp313-manylinux_2_28_x86_64", "1.0.dev1-py3-none-any"],
    "the best of compressed tags": [
        "1.0.dev1-cp313-cp313-manylinux_2_28_x86_64.manylinux_2_34_x86_64",
        "1.0.dev1-cp313-cp313-manylinux_2_17_x86_64",
    ],
    "a higher build tag": ["1.0.dev1-10-py3-none-any", "1.0.dev1-9-py3-none-any"],
    "a version before a tag": ["1.0.dev2-py3-none-any", "1.0.dev1-cp313-cp313-manylinux_2_28_x86_64"],
    "what can be installed before what is greater": ["1.0.dev1-py3-none-any", "1.0.dev2-cp312-cp312-win_amd64"],
}


@pytest.mark.parametrize("files", BEST.values(), ids=BEST.keys())
def test_of_two_wheels_the_better_one_is_chosen_whatever_their_order(files: list[str]) -> None:
    offers = [offer(f"foo-{file}.whl") for file in files]
    for ordered in permutations(offers):
        assert chosen(*ordered).filename == f"foo-{files[0]}.whl"


def test_of_one_version_the_newest_build_is_chosen_though_an_old_tag_was_better() -> None:
    left_behind = offer("foo-1.0.dev0-cp313-cp313-manylinux_2_28_x86_64.whl", hours=24 * 20)
    new = offer("foo-1.0.dev0-cp313-cp313-manylinux_2_17_x86_64.whl", hours=24)
    assert chosen(left_behind, new).filename == new.filename


def test_wheels_of_one_night_are_of_one_build_whichever_came_last() -> None:
    compiled = offer("foo-1.0.dev0-cp313-cp313-manylinux_2_28_x86_64.whl", hours=6)
    plain = offer("foo-1.0.dev0-py3-none-any.whl", hours=5)
    assert chosen(compiled, plain).filename == compiled.filename


def test_a_hash_in_a_version_says_nothing_of_its_age() -> None:
    new, old = (
        offer("foo-1.0.dev0+gaaa-py3-none-any.whl", hours=5),
        offer("foo-1.0.dev0+gfff-py3-none-any.whl", hours=48),
    )
    assert chosen(old, new).version == "1.0.dev0+gaaa"


def test_a_wheel_whose_time_is_not_known_is_planned_and_said_to_be_of_unknown_age() -> None:
    package = chosen(offer("foo-1.0.dev1-py3-none-any.whl", hours=None))
    assert package.state is State.NIGHTLY
    assert "doesn't tell when it was uploaded" in package.reason


def test_the_first_channel_that_has_a_usable_wheel_is_taken() -> None:
    first = offer("foo-1.0.dev1-py3-none-any.whl")
    second = offer("foo-2.0.dev1-py3-none-any.whl", channel=SECOND)
    assert chosen(first, second).channel == FIRST
    assert chosen(second, first).channel == SECOND


UNUSABLE = {
    "another platform's": offer("foo-1.0.dev1-cp313-cp313-win_amd64.whl"),
    "an old one": offer("foo-1.0.dev1-py3-none-any.whl", hours=31 * 24),
    "one that can't be read": offer("foo-1.0.dev1-py3-none.whl"),
}


@pytest.mark.parametrize("unusable", UNUSABLE.values(), ids=UNUSABLE.keys())
def test_a_channel_without_a_usable_wheel_is_passed_over(unusable: Offer) -> None:
    assert chosen(unusable, offer("foo-0.9.dev1-py3-none-any.whl", channel=SECOND)).channel == SECOND


def test_what_no_channel_has_is_absent() -> None:
    package = chosen(offer("bar-1.0.dev1-py3-none-any.whl"))
    assert (package.state, package.url) == (State.ABSENT, None)
    assert "no channel has a wheel" in package.reason


NO_WHEELS = {
    "an sdist": "foo-1.0.dev1.tar.gz",
    "too few parts": "foo-1.0.dev1-any.whl",
    "no version": "foo-one-py3-none-any.whl",
    "another project's": "bar-1.0.dev1-py3-none-any.whl",
    "a bad build tag": "foo-1.0.dev1-x-py3-none-any.whl",
}


@pytest.mark.parametrize("filename", NO_WHEELS.values(), ids=NO_WHEELS.keys())
def test_a_name_that_is_no_wheels_of_the_project_is_passed_over(filename: str) -> None:
    assert chosen(offer(filename, project="foo")).state is State.ABSENT


def test_without_a_wheel_for_this_python_it_is_said_what_there_is() -> None:
    files = ["cp312-cp312-win_amd64", "cp39-cp39-macosx_11_0_arm64", "cp313-cp313t-manylinux_2_28_x86_64"]
    package = chosen(*(offer(f"foo-1.0.dev1-{tag}.whl") for tag in files))
    assert (package.state, package.version) == (State.UNSUPPORTED, None)
    assert package.reason.endswith("wheels for cp39, cp312, cp313t on macosx_arm64, manylinux_x86_64, win_amd64")


def test_what_is_older_than_allowed_is_stale_and_still_named() -> None:
    package = chosen(offer("foo-1.0.dev1-py3-none-any.whl", hours=45 * 24))
    assert (package.state, package.version) == (State.STALE, "1.0.dev1")
    assert package.reason == "uploaded 45 days ago, and no more than 30 days are allowed"


def test_a_wheel_is_stale_the_moment_after_its_time() -> None:
    file = "foo-1.0.dev1-py3-none-any.whl"
    assert chosen(offer(file, hours=48), max_age=timedelta(hours=48)).state is State.NIGHTLY
    assert chosen(offer(file, hours=48.001), max_age=timedelta(hours=48)).state is State.STALE


def test_a_fresh_maintenance_branch_is_no_reason_to_test_it_where_the_next_release_is_stale() -> None:
    package = chosen(
        offer("foo-3.0.dev1-py3-none-any.whl", hours=40 * 24), offer("foo-2.0.dev1-py3-none-any.whl", hours=5)
    )
    assert (package.state, package.version) == (State.STALE, "3.0.dev1")


ODD = {
    "older than the stable": ("2.0.0.dev7", "2.0.0", "older than the stable 2.0.0"),
    "a label of versioneer's": (
        "2.1.1+73.g8f83135",
        "2.1.2",
        "its version looks like a release; older than the stable 2.1.2",
    ),
    "the same version": ("3.16.0", "3.16.0", "its version looks like a release; the same version as the stable 3.16.0"),
    "a release ahead": ("53", "52", "its version looks like a release"),
    "nothing odd": ("2.0.0.dev7", "1.9", ""),
    "no stable": ("2.0.0.dev7", None, ""),
    "a stable that nobody can read": ("2.0.0.dev7", "one", ""),
}


@pytest.mark.parametrize(("version", "stable", "said"), ODD.values(), ids=ODD.keys())
def test_an_odd_version_is_a_nightly_all_the_same_and_told(version: str, stable: str | None, said: str) -> None:
    package = with_stable(chosen(offer(f"foo-{version}-py3-none-any.whl")), stable)
    assert (package.state, package.stable, package.reason) == (State.NIGHTLY, stable, said)


def test_tags_are_spelled_for_people() -> None:
    assert spell_tags({"py3-none-any"}) == "py3 on any platform"
    assert spell_tags({"cp311-abi3-win32", "pp310-pypy310_pp73-win32"}) == "cp311-abi3, pp310 on win32"


def test_of_many_tags_some_are_shown() -> None:
    assert "and 88 more on win32" in spell_tags({f"cp3{minor}-cp3{minor}-win32" for minor in range(100)})


@pytest.mark.parametrize(
    ("age", "said"),
    [
        (timedelta(minutes=59), "less than an hour"),
        (timedelta(hours=1), "1 hour"),
        (timedelta(hours=47), "47 hours"),
        (timedelta(hours=48), "2 days"),
        (timedelta(hours=-3), "less than an hour"),
    ],
    ids=str,
)
def test_ages_are_spelled_for_people(age: timedelta, said: str) -> None:
    assert spell_age(age) == said


PACKAGES = {
    "by space": ("numpy scipy", ("numpy", "scipy")),
    "by comma": ("numpy, scipy,", ("numpy", "scipy")),
    "by line": ("numpy\n\n scipy\r\n", ("numpy", "scipy")),
    "each once": ("numpy numpy", ("numpy",)),
    "extras": ("dask[array,distributed] numpy", ("dask[array,distributed]", "numpy")),
    "specifiers": ("numpy>=2,<3 scipy", ("numpy>=2,<3", "scipy")),
    "a line of its own": ("numpy >= 2\nfoo; sys_platform == 'win32'", ("numpy>=2", 'foo; sys_platform == "win32"')),
    "none": ("  \n", ()),
}


@pytest.mark.parametrize(("value", "expected"), PACKAGES.values(), ids=PACKAGES.keys())
def test_packages_are_read_as_people_write_lists(value: str, expected: tuple[str, ...]) -> None:
    assert parse_packages("packages", value) == expected


@pytest.mark.parametrize("value", ["-e .", "foo @ https://example.org/foo.whl", "./foo", "numpy==", "foo[bar", "--pre"])
def test_what_names_no_package_is_refused(value: str) -> None:
    with pytest.raises(UserError, match="packages") as refused:
        parse_packages("packages", value)
    assert refused.value.exit_code == 2


def test_projects_have_one_name_whatever_their_spelling() -> None:
    assert project_names(["Scikit_Build.Core>=1", "scikit-build-core"]) == ("scikit-build-core",)


def given(**inputs: str) -> dict[str, str]:
    """The inputs of a plan, where they aren't these at their defaults."""
    return {each.name: each.default for each in (*REQUEST_INPUTS, *CHANNELS_INPUTS)} | inputs


def test_a_request_holds_what_the_inputs_say() -> None:
    inputs = given(packages="Foo_Bar[x]", extras="a, b", groups="test\nci", max_age="2w", force="Foo_Bar baz")
    request = plan_request(inputs, Path("here"))
    assert (request.project, request.named) == (Path("here"), ("foo-bar",))
    assert (request.extras, request.groups) == (("a", "b"), ("test", "ci"))
    assert (request.max_age, request.force) == (timedelta(days=14), frozenset({"foo-bar", "baz"}))


@pytest.mark.parametrize(
    ("name", "value"),
    [("extras", "--index-url"), ("groups", "a;b"), ("force", "numpy>2"), ("max_age", "30"), ("max_age", "0d")],
)
def test_an_input_that_can_not_be_is_refused_by_its_name(name: str, value: str) -> None:
    with pytest.raises(UserError, match=name) as refused:
        plan_request(given(**{name: value}), Path())
    assert refused.value.exit_code == 2


def test_without_channels_the_flags_of_one_channel_count() -> None:
    (options,) = channels_asked(given(anaconda_organization="mine", label="dev"), {})
    assert (options.channel, options.organization, options.labels) == (ANACONDA, "mine", ("dev",))


def test_channels_are_asked_in_their_order() -> None:
    asked = channels_asked(given(channels="mine/label/dev, ./local\nC:\\wheels, theirs"), {})
    assert [(each.channel, each.organization, each.labels) for each in asked if not each.is_directory] == [
        (ANACONDA, "mine", ("dev",)),
        (ANACONDA, "theirs", ("main",)),
    ]
    assert [each.channel for each in asked if each.is_directory] == ["./local", "C:\\wheels"]


def test_the_addresses_and_the_token_are_for_all_channels() -> None:
    inputs = given(channels="mine,theirs", anaconda_api_url="https://a.example", anaconda_index_url="https://i.example")
    for options in channels_asked(inputs, {"INPUT_ANACONDA_TOKEN": "tk-1"}):
        assert (options.api_url, options.index_url) == ("https://a.example", "https://i.example")
        assert options.token
        assert options.token.secret == "tk-1"


@pytest.mark.parametrize(
    "value", ["https://pypi.anaconda.org/mine/simple", "mine/dev", "mine/label", "mine/label/", "mine theirs", "a/b/c"]
)
def test_what_is_no_channel_is_refused(value: str) -> None:
    with pytest.raises(UserError, match="channels") as refused:
        channels_asked(given(channels=value), {})
    assert refused.value.exit_code == 2
