"""Installing by the user's command: what real installers say, two steps for old pips, and channels that move."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from cells import PIP, Lab, open_lab
from nightly.cache import cache_dir
from nightly.channels import ANACONDA, ChannelOptions
from nightly.downstream.planning.hashing import wheel_hasher
from nightly.downstream.planning.install_words import says_down, says_moved, stumbles_over_extras, why_failed
from nightly.downstream.planning.interpreter import describe
from nightly.downstream.planning.request import PlanRequest
from nightly.downstream.planning.resolving import Moved, Resolution, Resolved, Unbuildable, Unreachable, Wanted
from nightly.downstream.planning.taking import open_sources
from nightly.downstream.records.plan import Package, Plan, State
from nightly.downstream.records.proof import ProofState
from nightly.downstream.records.result import End
from nightly.downstream.records.snapshot import Offer, Snapshot
from nightly.downstream.running.cell_plan import CellPlanner, merged, moved
from nightly.downstream.running.installing import install_newest
from nightly.downstream.running.shell import Ran
from nightly.errors import UserError
from nightly.venvs import ensure_venv
from nightly_installs import OLDER_PIP, Installer, newest_pip, older_pip, plan_of, uv
from sample_projects import make_project
from sample_wheels import make_package
from uploading import QUICK

NOW = datetime.now(timezone.utc)
WHEEL = "foo-1.2.dev0-py3-none-any.whl"


@pytest.fixture(scope="module", name="shop")
def shop_fixture(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """A lab that nothing is installed in: an index with foo 1.0 and its cap, a channel with foo 1.2.dev0."""
    with open_lab(tmp_path_factory.mktemp("shop")) as lab:
        lab.release("foo", "1.0")
        lab.release("cap", "1.0", requires=["foo<1.1"])
        lab.nightly("foo", "1.2.dev0")
        make_project(lab.project, "demo-app", ["foo", "cap"])
        broken = make_project(lab.root / "broken", "broken-app")
        (broken / "sample_backend.py").write_text("raise SystemExit('there is no compiler')\n", encoding="utf-8")
        yield lab


@pytest.fixture(name="lab")
def lab_fixture(tmp_path: Path) -> Iterator[Lab]:
    with open_lab(tmp_path) as lab:
        yield lab


def foo(lab: Lab, **other: str) -> Package:
    """The nightly of foo as it is planned, or with another URL or hash."""
    (offer,) = (offer for offer in lab.offers() if offer.project == "foo")
    planned = Package("foo", State.NIGHTLY, "", offer.version, offer.url, offer.sha256, offer.filename)
    return replace(planned, **other)  # type: ignore[arg-type]  # they are strings


def refusal(lab: Lab, installer: Installer, what: str, package: Package) -> str:
    """What an installer says that can't install, with the package as a constraint."""
    file = lab.root / "constraints.txt"
    file.write_text(f"{package.name} @ {package.url}#sha256={package.sha256}\n", encoding="utf-8")
    environ = {**lab.environ, "PIP_CONSTRAINT": str(file), "UV_CONSTRAINT": str(file)}
    command = [*installer(lab.python), what]
    ran = subprocess.run(command, check=False, env=environ, cwd=lab.root, capture_output=True, text=True)
    assert ran.returncode
    return ran.stdout + ran.stderr


installers = pytest.mark.parametrize("installer", [newest_pip, older_pip, uv])


@installers
def test_a_cap_is_said_with_the_package_and_the_requirement(shop: Lab, installer: Installer) -> None:
    package = foo(shop)
    said = refusal(shop, installer, str(shop.project), package)
    assert "foo<1.1" in why_failed(said)
    assert "cap" in why_failed(said)
    assert not says_moved(said, [package])
    assert not says_down(said, [package])


@installers
def test_other_bytes_than_planned_are_told_from_what_can_not_be_installed(shop: Lab, installer: Installer) -> None:
    package = foo(shop, sha256="0" * 64)
    said = refusal(shop, installer, "foo", package)
    assert says_moved(said, [package])
    assert not says_moved(said, [replace(package, filename="bar-1.0-py3-none-any.whl")])


@installers
def test_a_wheel_that_is_gone_is_told_from_what_can_not_be_installed(shop: Lab, installer: Installer) -> None:
    there = foo(shop)
    gone = replace(there, url=str(there.url).replace("1.2.dev0", "1.3.dev0"), filename=WHEEL.replace("1.2", "1.3"))
    said = refusal(shop, installer, "foo", gone)
    assert says_moved(said, [gone])
    assert not says_down(said, [gone])


@installers
def test_a_channel_that_does_not_answer_is_told_from_what_can_not_be_installed(shop: Lab, installer: Installer) -> None:
    package = foo(shop, url=f"http://127.0.0.1:9/{WHEEL}")
    said = refusal(shop, installer, "foo", package)
    assert says_down(said, [package])
    assert not says_moved(said, [package])


@installers
def test_a_package_that_is_not_there_is_named(shop: Lab, installer: Installer) -> None:
    assert "no-such-thing" in why_failed(refusal(shop, installer, "no-such-thing", foo(shop)))


@installers
def test_what_can_not_be_built_is_said(shop: Lab, installer: Installer) -> None:
    said = why_failed(refusal(shop, installer, str(shop.root / "broken"), foo(shop)))
    assert "there is no compiler" in said or "broken-app" in said


@pytest.mark.parametrize(
    ("output", "said"),
    [("one\n\nthe last line\n\n", "the last line"), ("", ""), ("x\n" * 50, "x")],
    ids=["any tool", "silence", "much"],
)
def test_of_other_tools_the_last_line_is_said(output: str, said: str) -> None:
    assert why_failed(output) == said


@pytest.mark.parametrize(
    ("output", "stumbles"),
    [
        ("AssertionError: north 1.0 != north 2.0.dev0 for wheel north\n", True),
        ("AssertionError: Candidate is not for this requirement north[more]\n", True),
        ("WARNING: Discarding https://x/north.whl. Requested north[more] has inconsistent name: expected 'x'\n", True),
        ("E   AssertionError: 1 != 2\n", False),
        ("ERROR: ResolutionImpossible\n", False),
    ],
    ids=["the version", "the candidate", "the name", "a test's", "a conflict"],
)
def test_how_an_old_pip_stumbles_over_extras_is_known(output: str, stumbles: bool) -> None:  # noqa: FBT001 - a value
    assert stumbles_over_extras(output) is stumbles


def test_a_pip_that_crashes_on_our_constraints_installs_in_two_steps(lab: Lab) -> None:
    lab.release("north", "1.0")
    lab.release("new-need", "1.0")
    lab.release("of-extra", "1.0")
    nightly = make_package(
        lab.root / "nightlies", "north", "2.0.dev0", {"north.py": "WORD = 'new'\n"},
        requires=["new-need", 'of-extra; extra == "more"'], extras=["more"],
    )  # fmt: skip
    lab.channel.seed(nightly, uploaded_at=NOW)
    lab.checkout(["north[more]"], "")
    lab.renew(ensure_venv(OLDER_PIP, cache=cache_dir(os.environ, sys.platform)))
    ran = lab.cell(PIP, test="python -c 'import north, new_need; assert north.WORD == \"new\"'")
    assert "two steps" in ran.mode.log
    assert ran.result.end is End.PASSED
    assert ran.result.proof is not None
    assert [each.state for each in ran.result.proof.packages] == [ProofState.NIGHTLY]


# The channel has moved


@dataclass
class Fixed:
    """An installer that would install foo 1.0 and nothing else, or can't be asked."""

    errors: list[UserError] = field(default_factory=list)

    def resolve(self, wanted: Wanted, nightlies: Sequence[Package]) -> Resolution:  # noqa: ARG002 - as Resolver has it
        if self.errors:
            raise self.errors.pop(0)
        found = [Resolved(each.name, each.version or "", url=each.url) for each in nightlies]
        return Resolution(tuple(found or [Resolved("foo", "1.0")]))


@dataclass
class Store:
    """A channel that has foo, and a plan of it; each installation says what is next of `words`."""

    lab: Lab
    words: list[str]
    resolver: Fixed = field(default_factory=Fixed)
    before: Callable[[], None] = lambda: None
    plans: list[Plan] = field(default_factory=list)

    @property
    def planner(self) -> CellPlanner:
        options = ChannelOptions(
            ANACONDA, self.lab.channel.organization,
            api_url=self.lab.channel.api_url, index_url=self.lab.channel.index_url,
        )  # fmt: skip
        sources = open_sources([options], QUICK, lambda _: None)
        return CellPlanner(
            request=PlanRequest(self.lab.root, packages=("foo",)),
            snapshot=Snapshot(NOW, (), tuple(self.lab.offers())),
            sources=sources,
            interpreter=describe(sys.executable),
            resolver=self.resolver,
            hash_wheel=wheel_hasher(QUICK),
            now=lambda: datetime.now(timezone.utc),
        )

    def install(self, plan: Plan) -> Ran:
        self.before()
        self.plans.append(plan)
        said = self.words.pop(0)
        return Ran(1 if said else 0, said)


@pytest.fixture(name="store")
def store_fixture(lab: Lab) -> Store:
    lab.nightly("foo", "1.2.dev0")
    return Store(lab, [""])


def replace_foo(lab: Lab) -> None:
    lab.nightly("foo", "1.2.dev0", f"AT = {datetime.now(timezone.utc).isoformat()!r}\n")


def test_what_can_be_installed_is_installed_once(store: Store) -> None:
    installed = install_newest(store.planner, store.install)
    assert (installed.end, installed.plan) == (None, store.plans[0])
    assert len(store.plans) == 1


def test_a_wheel_that_was_replaced_is_planned_anew_once(store: Store) -> None:
    planner, store.words = store.planner, ["it failed", ""]
    replace_foo(store.lab)
    installed = install_newest(planner, store.install)
    hashes = [plan.packages[0].sha256 for plan in store.plans]
    assert installed.end is None
    assert hashes[1] == foo(store.lab).sha256 != hashes[0]


def test_a_wheel_that_was_replaced_twice_is_the_channels_doing(store: Store) -> None:
    store.words, store.before = ["it failed", "it failed"], lambda: replace_foo(store.lab)
    installed = install_newest(store.planner, store.install)
    assert installed.end is End.CHANNEL_MOVED
    assert "foo" in installed.problem
    assert len(store.plans) == 2


def test_an_installer_that_finds_other_bytes_than_the_listing_says_is_believed(store: Store) -> None:
    store.words = [f"404 Not Found: {WHEEL}", f"404 Not Found: {WHEEL}"]
    assert install_newest(store.planner, store.install).end is End.CHANNEL_MOVED


def test_after_a_move_what_can_not_be_installed_is_still_said(store: Store) -> None:
    planner, store.words = store.planner, ["it failed", "ERROR: No matching distribution found for bar"]
    replace_foo(store.lab)
    installed = install_newest(planner, store.install)
    assert (installed.end, installed.problem) == (End.CANNOT_INSTALL, "ERROR: No matching distribution found for bar")


def test_a_wheel_that_is_gone_leaves_no_nightly(store: Store) -> None:
    planner, store.words = store.planner, ["it failed"]
    store.lab.nightly("bar", "1.0.dev0")
    store.lab.channel.state.packages(store.lab.channel.organization).pop("foo")
    installed = install_newest(planner, store.install)
    assert installed.end is End.NO_NIGHTLY
    assert "foo" in installed.problem


def test_a_channel_that_is_down_when_it_is_asked_again_is_told(store: Store) -> None:
    planner, store.words = store.planner, ["it failed"]
    store.lab.channel.close()
    assert install_newest(planner, store.install).end is End.CHANNEL_DOWN


def test_an_installation_that_takes_too_long_is_no_fault_of_the_channel(store: Store) -> None:
    installed = install_newest(store.planner, lambda _: Ran(-15, "", timed_out=True))
    assert installed.end is End.TIMED_OUT


@pytest.mark.parametrize(
    ("errors", "end"),
    [
        ([Moved("foo has other bytes")], None),
        ([Moved("foo has other bytes"), Moved("foo has other bytes")], End.CHANNEL_MOVED),
        ([Unbuildable("its metadata can't be made")], End.CANNOT_INSTALL),
        ([Unreachable("the index doesn't answer")], End.CANNOT_INSTALL),
        ([UserError("there is no pip")], End.CANNOT_INSTALL),
    ],
    ids=["moved once", "moved twice", "unbuildable", "unreachable index", "no pip"],
)
def test_what_goes_wrong_with_the_plan_is_a_result(store: Store, errors: list[UserError], end: End | None) -> None:
    store.resolver.errors = list(errors)
    installed = install_newest(store.planner, store.install)
    assert installed.end is end
    assert installed.problem == ("" if end is None else str(errors[-1]))


def test_planning_that_can_not_reach_a_channel_which_is_down_says_so(store: Store) -> None:
    planner, store.resolver.errors = store.planner, [Unreachable("it doesn't answer")]
    store.lab.channel.close()
    assert install_newest(planner, store.install).end is End.CHANNEL_DOWN


OFFER = Offer("foo", "1", "foo-1-py3-none-any.whl", "https://example.org/foo.whl", "a" * 64, NOW, "https://example.org")
PLANNED = Package("foo", State.NIGHTLY, "", "1", OFFER.url, OFFER.sha256)


@pytest.mark.parametrize(
    ("offers", "names"),
    [
        ([OFFER], ()),
        ([replace(OFFER, sha256="b" * 64)], ("foo",)),
        ([], ("foo",)),
        ([replace(OFFER, sha256=None)], ()),
    ],
    ids=["as planned", "other bytes", "gone", "a channel that gives no hash"],
)
def test_what_has_moved_is_told_by_url_and_hash(offers: list[Offer], names: tuple[str, ...]) -> None:
    assert moved(plan_of(PLANNED), Snapshot(NOW, (), tuple(offers))) == names


def test_a_new_snapshot_of_some_projects_leaves_the_others_as_they_were() -> None:
    bar, newer = replace(OFFER, project="bar"), replace(OFFER, sha256="b" * 64)
    later = NOW + timedelta(hours=1)
    old, new = Snapshot(NOW, ("c",), (OFFER, bar)), Snapshot(later, ("c",), (newer,))
    assert merged(old, new, {"foo"}) == Snapshot(later, ("c",), (bar, newer))
    assert merged(old, new, None) == new
