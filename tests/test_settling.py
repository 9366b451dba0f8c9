"""Which nightlies stay when not all can."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nightly.downstream.planning.conflicts import Demand
from nightly.downstream.planning.resolving import Conflict, Resolution, Resolved, Resolver, Unbuildable, Wanted
from nightly.downstream.planning.settling import Settled, settle
from nightly.downstream.records.plan import Package, State
from shop import EVERY_INSTALLER, PIPS, UVS, Shop, a_shop

Answer = Resolution | Conflict
NAMES = "abcdefgh"
NEWER = (PIPS[-1], UVS[0], UVS[-1])
"""Each with words of its own; those of older pips are the newest's."""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with a_shop(tmp_path_factory.mktemp("shop")) as opened:
        yield opened


@dataclass
class Counted:
    """A resolver that counts how often it is asked."""

    resolver: Resolver
    runs: int = 0

    def resolve(self, wanted: Wanted, nightlies: Sequence[Package]) -> Answer:
        self.runs += 1
        return self.resolver.resolve(wanted, nightlies)


@dataclass
class Told:
    """A resolver that knows which nightlies can't be together, and says of it as much as `says` does.

    `requires` is the metadata of releases.
    """

    wrong: Collection[frozenset[str]]
    says: Callable[[frozenset[str]], Conflict] = field(default=lambda _: Conflict(("no",)))
    requires: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def resolve(self, wanted: Wanted, nightlies: Sequence[Package]) -> Answer:
        names = {each.name for each in nightlies if each.state is State.NIGHTLY}
        for wrong in self.wrong:
            if wrong <= names:
                return self.says(wrong)
        return Resolution(tuple(self._resolved(name, names) for name in wanted.requirements))

    def _resolved(self, name: str, nightlies: Collection[str]) -> Resolved:
        return Resolved(name, "2.dev0") if name in nightlies else Resolved(name, "1.0", self.requires.get(name, ()))


def settled(shop: Shop, tool: str, requirements: str, nightlies: str, *forced: str) -> tuple[Settled, int]:
    """The outcome, and how often the installer ran, counting the stable resolution."""
    resolver, wanted = Counted(shop.resolver(tool)), Wanted(requirements=tuple(requirements.split()))
    stable = resolver.resolve(wanted, ())
    assert isinstance(stable, Resolution)
    chosen = [shop.planned(name) for name in nightlies.split()]
    return settle(resolver, wanted, chosen, forced, stable), resolver.runs


def states(found: Settled) -> dict[str, str]:
    return {package.name: package.state.value for package in found.packages}


@pytest.mark.parametrize("tool", NEWER)
def test_nightlies_that_nobody_caps_are_settled_at_once(shop: Shop, tool: str) -> None:
    found, runs = settled(shop, tool, "with-x trans same behind shap", "foo trans same behind shap")
    assert set(states(found).values()) == {"nightly"}
    assert (found.notes, runs) == ((), 2)


@pytest.mark.parametrize("tool", EVERY_INSTALLER)
def test_a_capped_nightly_is_left_out_with_who_caps_it_and_the_rest_stays(shop: Shop, tool: str) -> None:
    found, runs = settled(shop, tool, "cap trans with-x", "foo trans")
    foo, trans = found.packages
    assert (foo.state, trans.state) == (State.CAPPED, State.NIGHTLY)
    assert foo.capped_by == "cap 2.0 (foo<1.2)"
    assert foo.reason == "cap 2.0 requires foo<1.2, which excludes 1.2.0.dev0"
    assert runs == 3


@pytest.mark.parametrize("tool", NEWER)
def test_the_version_that_would_be_installed_is_named_of_many_that_cap(shop: Shop, tool: str) -> None:
    found, _ = settled(shop, tool, "every-cap", "foo")
    (foo,) = found.packages
    assert (foo.capped_by or "").startswith("every-cap 2.0 (foo")


@pytest.mark.parametrize("tool", NEWER)
def test_a_cap_in_what_was_asked_for_is_told_as_such(shop: Shop, tool: str) -> None:
    found, _ = settled(shop, tool, "foo<1.2 same", "foo same")
    assert states(found) == {"foo": "capped", "same": "nightly"}
    assert found.packages[0].capped_by == "what is asked for (foo<1.2)"


@pytest.mark.parametrize("tool", NEWER)
def test_a_nightly_that_takes_another_package_back_stays_and_is_noted(shop: Shop, tool: str) -> None:
    found, runs = settled(shop, tool, "newcap", "foo")
    assert states(found) == {"foo": "nightly"}
    assert found.notes == ("newcap goes back from 2.0 to 1.9, so as to allow foo 1.2.0.dev0",)
    assert runs == 2


@pytest.mark.parametrize("tool", NEWER)
def test_nightlies_that_need_each_other_stay_together_where_a_third_is_capped(shop: Shop, tool: str) -> None:
    found, _ = settled(shop, tool, "pair cap", "pair pair-core foo")
    assert states(found) == {"pair": "nightly", "pair-core": "nightly", "foo": "capped"}


@pytest.mark.parametrize("tool", NEWER)
@pytest.mark.parametrize(
    ("name", "by"), [("pair", "pair 1.1.dev0 (pair-core==11)"), ("wants", "wants 1.1.dev0 (bar>=5)")]
)
def test_a_nightly_that_needs_what_isnt_there_is_left_out(shop: Shop, tool: str, name: str, by: str) -> None:
    found, _ = settled(shop, tool, f"{name} trans", f"{name} trans", name)
    assert states(found) == {name: "capped", "trans": "nightly"}
    assert found.packages[0].capped_by == by


@pytest.mark.parametrize("tool", NEWER)
def test_what_is_forced_stays_in_with_the_extras_that_are_required(shop: Shop, tool: str) -> None:
    found, runs = settled(shop, tool, "cap with-x trans", "foo trans", "foo")
    foo, trans = found.packages
    assert (foo.state, trans.state) == (State.FORCED, State.NIGHTLY)
    assert foo.requirements == ("foo[x]",)
    assert foo.capped_by == "cap 2.0 (foo<1.2)"
    assert "forced" in foo.reason
    assert runs == 3


@pytest.mark.parametrize("tool", [PIPS[-1], UVS[-1]])
def test_force_changes_nothing_where_nobody_caps(shop: Shop, tool: str) -> None:
    found, _ = settled(shop, tool, "foo", "foo", "foo")
    assert states(found) == {"foo": "nightly"}


@pytest.mark.parametrize("tool", [PIPS[-1], UVS[-1]])
def test_what_nobody_needs_stays_as_it_is_and_asks_for_nothing(shop: Shop, tool: str) -> None:
    found, runs = settled(shop, tool, "elsewhere", "foo", "foo")
    assert (states(found), runs) == ({"foo": "nightly"}, 1)


def chosen(names: str) -> list[Package]:
    return [Package(name, State.NIGHTLY, version="2.dev0", url=f"https://example.org/{name}.whl") for name in names]


def settle_told(told: Resolver, names: str, forced: Collection[str] = ()) -> tuple[Settled, int]:
    wanted, resolver = Wanted(requirements=tuple(names)), Counted(told)
    stable = Resolution(tuple(Resolved(name, "1.0", extras=("y", "x")) for name in names))
    return settle(resolver, wanted, chosen(names), forced, stable), resolver.runs


def test_a_conflict_that_says_nothing_is_found_by_trying_one_after_the_other() -> None:
    found, runs = settle_told(Told([frozenset("b")]), "abc")
    assert states(found) == {"a": "nightly", "b": "capped", "c": "nightly"}
    assert found.packages[1].reason == "it can't be installed with the rest: no"
    assert runs == 4


def test_metadata_tells_who_caps_where_the_installers_words_dont() -> None:
    told, wanted = Counted(Told([frozenset("b")], requires={"a": ("b<2",)})), Wanted(requirements=("a", "b", "c"))
    stable = told.resolver.resolve(wanted, ())
    assert isinstance(stable, Resolution)
    found = settle(told, wanted, chosen("bc"), (), stable)
    assert (states(found), found.packages[0].capped_by) == ({"b": "capped", "c": "nightly"}, "a 1.0 (b<2)")
    assert told.runs == 2


def test_what_a_nightly_replaces_caps_nobody() -> None:
    stable = Resolution((Resolved("a", "1.0", requires=("b<2",)), Resolved("b", "1.0")))
    found = settle(Told([frozenset("b")]), Wanted(requirements=("a", "b")), chosen("ab"), (), stable)
    assert found.packages[1].capped_by is None


def test_one_nightly_may_cap_another() -> None:
    says = Conflict(("a 2.dev0 depends on b<2",), (Demand("a", "==2.dev0", "b<2"),))
    found, _ = settle_told(Told([frozenset("ab")], lambda _: says), "ab")
    assert (states(found), found.packages[1].capped_by) == ({"a": "nightly", "b": "capped"}, "a 2.dev0 (b<2)")


def test_who_is_capped_by_a_nightly_that_is_left_out_as_well_comes_back() -> None:
    says = Conflict(("no",), (Demand("a", "==2.dev0", "b<2"), Demand("c", "==1.0", "a<2")))
    found, _ = settle_told(Told([frozenset("ab"), frozenset("a")], lambda _: says), "abc")
    assert states(found) == {"a": "capped", "b": "nightly", "c": "nightly"}
    assert found.packages[0].capped_by == "c 1.0 (a<2)"


def test_what_another_brings_is_no_reason_to_be_left_out() -> None:
    class Lacking(Told):
        """`a` needs the nightly of `b`."""

        def resolve(self, wanted: Wanted, nightlies: Sequence[Package]) -> Answer:
            names = {each.name for each in nightlies}
            return silent(frozenset()) if "a" in names and "b" not in names else super().resolve(wanted, nightlies)

    found, _ = settle_told(Lacking([frozenset("c")]), "abc")
    assert states(found) == {"a": "nightly", "b": "nightly", "c": "capped"}


def test_taking_back_to_what_cant_be_built_is_a_conflict() -> None:
    class Unbuilt:
        def resolve(self, wanted: Wanted, nightlies: Sequence[Package]) -> Answer:
            if any(package.name == "b" for package in nightlies):
                raise Unbuildable("Failed to build capper==0.1")
            return Told([]).resolve(wanted, nightlies)

    found, _ = settle_told(Unbuilt(), "ab")
    assert states(found) == {"a": "nightly", "b": "capped"}
    assert "Failed to build capper==0.1" in found.packages[1].reason


def test_a_forced_nightly_in_a_conflict_that_says_nothing_is_forced() -> None:
    found, _ = settle_told(Told([frozenset("b")]), "abc", ["b"])
    assert states(found) == {"a": "nightly", "b": "forced", "c": "nightly"}
    assert found.packages[1].requirements == ("b[y,x]",)


def test_a_nightly_that_isnt_stable_either_is_given_back_in_its_place() -> None:
    stable = Resolution((Resolved("b", "1.0"),))
    found = settle(Told([]), Wanted(requirements=("b",)), chosen("ab"), (), stable)
    assert found.packages == tuple(chosen("ab"))


def test_other_states_keep_their_fields() -> None:
    before = [replace(package, stable="1.0", channel="https://example.org") for package in chosen("ab")]
    stable = Resolution((Resolved("a", "1.0"), Resolved("b", "1.0")))
    found = settle(Told([frozenset("b")]), Wanted(requirements=("a", "b")), before, (), stable)
    assert [(each.stable, each.channel, each.url) for each in found.packages] == [
        ("1.0", "https://example.org", each.url) for each in before
    ]


SETS = st.sets(st.frozensets(st.sampled_from(NAMES), min_size=1, max_size=3), max_size=6)


def telling(wrong: frozenset[str]) -> Conflict:
    return Conflict(("no",), tuple(Demand("cap", "==1", f"{name}<2") for name in wrong))


def silent(_: frozenset[str]) -> Conflict:
    return Conflict(("no",))


@settings(deadline=None)
@given(SETS, st.sets(st.sampled_from(NAMES)), st.sampled_from([telling, silent]))
def test_what_is_left_can_be_installed_and_the_work_is_bounded(
    wrong: set[frozenset[str]], forced: set[str], says: Callable[[frozenset[str]], Conflict]
) -> None:
    told = Told(wrong, says)
    found, runs = settle_told(told, NAMES, forced)
    kept = [package for package in found.packages if package.is_planned]
    assert isinstance(told.resolve(Wanted(requirements=tuple(NAMES)), kept), Resolution)
    assert runs <= len(NAMES) ** 2 + len(forced)
    assert [package.name for package in found.packages] == [*NAMES]
    assert {package.name for package in found.packages if package.state is State.FORCED} <= forced


@settings(deadline=None)
@given(SETS, st.sampled_from([telling, silent]))
def test_none_is_left_out_that_could_be_added(
    wrong: set[frozenset[str]], says: Callable[[frozenset[str]], Conflict]
) -> None:
    told = Told(wrong, says)
    found, _ = settle_told(told, NAMES)
    kept = [package for package in found.packages if package.is_planned]
    for package in chosen("".join(each.name for each in found.packages if not each.is_planned)):
        assert isinstance(told.resolve(Wanted(requirements=tuple(NAMES)), [*kept, package]), Conflict)
