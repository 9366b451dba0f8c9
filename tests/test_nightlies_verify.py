"""`nightlies verify`: is it the planned nightlies that are installed, and if not, why."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from nightly.actions import Runner
from nightly.data import load, save
from nightly.downstream.modes import verify
from nightly.downstream.records.plan import Package, Plan, State
from nightly.downstream.records.proof import Proof
from nightly.errors import UserError
from nightly.patience import Patience
from nightly_installs import Night, a_night, newest_pip, plan_of, uv

QUICK = Patience(tries=2, first_wait=0.01, longest_wait=0.01)


@dataclass(frozen=True)
class Verified:
    """How it ended, and what was said."""

    code: int
    log: str
    summary: str


@dataclass(frozen=True)
class Laptop:
    """An environment with the nightlies foo and bar, one with releases of them, and one with other packages."""

    directory: Path
    foo: Package
    bar: Package
    nightly: Path
    stable: Path
    mixed: Path
    other: Path

    def verify(self, plan: Plan, *pythons: Path, more: tuple[str, ...] = ()) -> Verified:
        save(self.directory / "plan.json", plan)
        summary = self.directory / "summary.md"
        summary.unlink(missing_ok=True)
        log = io.StringIO()
        options = ["--plan", str(self.directory / "plan.json"), "--python", ",".join(map(str, pythons)), *more]
        code = verify.run(options, {}, Runner(log=log, summary_file=summary), QUICK)
        return Verified(code, log.getvalue(), summary.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def laptop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Laptop]:
    with a_night(tmp_path_factory.mktemp("verify")) as night:
        yield laptop_of(night)


def laptop_of(night: Night) -> Laptop:
    foo, bar = night.nightly("foo", "1.2.0.dev0"), night.nightly("bar", "2.1.dev3+gabc1234")
    for name in ("foo", "bar", "baz"):
        night.release(name, "1.0")
    pythons = {name: night.environment(name) for name in ("nightly", "stable", "mixed", "other")}
    both, one = night.constraints(foo, bar), night.constraints(foo)
    night.install(newest_pip, pythons["nightly"], "foo", "bar", PIP_CONSTRAINT=both)
    night.install(uv, pythons["stable"], "foo", "bar", PIP_CONSTRAINT=both)
    night.install(uv, pythons["mixed"], "foo", "bar", UV_CONSTRAINT=one)
    night.install(uv, pythons["other"], "baz")
    return Laptop(night.directory, foo, bar, **pythons)


def test_planned_nightlies_that_are_installed_are_told_and_pass(laptop: Laptop) -> None:
    verified = laptop.verify(plan_of(laptop.foo, laptop.bar), laptop.nightly)
    assert verified.code == 0
    assert "2 of 2 dependencies really nightly" in verified.log
    assert "nightly      2.1.dev3+gabc1234  URL and hash are the plan's" in verified.log
    assert "| bar | <code>2&#46;1.dev3" in verified.summary
    assert "2026-06-21 03:00 | <code>abc1234</code> |" in verified.summary


def test_what_isnt_planned_or_isnt_installed_fails_nothing(laptop: Laptop) -> None:
    absent = Package("baz", State.ABSENT, "the channel has none")
    nowhere = replace(laptop.foo, name="nowhere")
    verified = laptop.verify(plan_of(laptop.foo, nowhere, replace(absent, name="bar")), laptop.nightly)
    assert verified.code == 0
    assert "1 of 2 dependencies really nightly" in verified.log
    assert "Not installed, so not needed: nowhere." in verified.summary


def test_one_planned_nightly_that_isnt_there_fails_and_is_told_why(laptop: Laptop) -> None:
    verified = laptop.verify(plan_of(laptop.foo, laptop.bar), laptop.mixed)
    assert verified.code == 1
    assert "1 of 2 dependencies really nightly" in verified.log
    assert "error: bar is no nightly: bar 1.0: 1.0 was installed from an index" in verified.log
    assert "foo is no nightly" not in verified.log
    assert verified.log.count("1.0 was installed from an index") == 1


def test_the_worst_of_several_environments_counts(laptop: Laptop) -> None:
    assert laptop.verify(plan_of(laptop.foo), laptop.nightly, laptop.mixed).code == 0
    with pytest.raises(UserError, match="No planned nightly is installed"):
        laptop.verify(plan_of(laptop.foo), laptop.nightly, laptop.stable)


def test_without_one_nightly_it_says_what_that_usually_means(laptop: Laptop) -> None:
    with pytest.raises(UserError) as failed:
        laptop.verify(plan_of(laptop.foo, laptop.bar), laptop.stable)
    said = str(failed.value)
    assert failed.value.exit_code == 1
    assert "bar 1.0: 1.0 was installed from an index" in said
    assert "uv reads UV_CONSTRAINT and no PIP_CONSTRAINT" in said
    assert "`uv sync`" in said
    assert "pixi" in said
    assert "indexserver" in said
    assert "Set both PIP_CONSTRAINT and UV_CONSTRAINT" in said


def test_an_environment_with_none_of_the_packages_is_the_wrong_one(laptop: Laptop) -> None:
    with pytest.raises(UserError) as failed:
        laptop.verify(plan_of(laptop.foo), laptop.other)
    assert failed.value.exit_code == 1
    assert "None of the planned packages is installed in" in str(failed.value)
    assert "--python" in str(failed.value)


def test_the_proof_is_written_where_it_is_wanted_also_when_it_fails(laptop: Laptop, tmp_path: Path) -> None:
    wanted = ("--output", str(tmp_path / "proof.json"))
    laptop.verify(plan_of(laptop.foo), laptop.nightly, more=wanted)
    assert load(Proof, tmp_path / "proof.json").holds
    with pytest.raises(UserError):
        laptop.verify(plan_of(laptop.foo), laptop.stable, more=wanted)
    assert not load(Proof, tmp_path / "proof.json").holds


def test_the_remedy_for_a_lock_file_works(laptop: Laptop, tmp_path_factory: pytest.TempPathFactory) -> None:
    """What was installed from a lock becomes nightly by installing the constraints over it."""
    with a_night(tmp_path_factory.mktemp("lock")) as night:
        foo, _ = night.nightly("foo", "1.2.0.dev0"), night.release("foo", "1.0")
        python = night.environment("synced")
        night.install(uv, python, "foo")
        night.install(uv, python, "--no-deps", "--reinstall", "-r", night.constraints(foo))
        assert laptop.verify(plan_of(foo), python).code == 0


@pytest.mark.parametrize(("text", "gist"), [(None, "No such file"), ("{", "isn't JSON"), ("{}", "has no python")])
def test_a_plan_that_cant_be_read_is_refused(tmp_path: Path, text: str | None, gist: str) -> None:
    if text is not None:
        (tmp_path / "plan.json").write_text(text)
    with pytest.raises(UserError, match=gist) as refused:
        verify.run(["--plan", str(tmp_path / "plan.json"), "--python", "x"], {}, Runner(log=io.StringIO()), QUICK)
    assert refused.value.exit_code == 2


def test_a_python_that_isnt_there_is_an_error(laptop: Laptop) -> None:
    with pytest.raises(UserError, match="doesn't say what it is"):
        laptop.verify(plan_of(laptop.foo), laptop.directory / "no-python")


def test_what_a_package_says_of_itself_is_text_in_the_summary(laptop: Laptop) -> None:
    odd = Package("bar", State.CAPPED, "<script> @someone | ::error::x")
    verified = laptop.verify(plan_of(laptop.foo, odd), laptop.nightly)
    assert "<script>" not in verified.summary
    assert "@someone" not in verified.summary
    assert "\n::error::" not in verified.log


def test_a_plan_without_a_nightly_is_told_as_such(laptop: Laptop) -> None:
    absent = Package("foo", State.ABSENT, "no channel has a wheel of it")
    with pytest.raises(UserError, match="foo: absent, no channel has a wheel of it") as refused:
        laptop.verify(plan_of(absent), laptop.nightly)
    assert refused.value.exit_code == 1


def test_a_proof_that_can_not_be_written_is_told(laptop: Laptop) -> None:
    with pytest.raises(UserError, match="can't be written"):
        laptop.verify(plan_of(laptop.foo), laptop.nightly, more=("--output", str(laptop.directory / "no" / "x.json")))
