"""Planning nightlies with the real installers, an index, and channels, all of which are on this machine."""

from __future__ import annotations

import hashlib
import html
import os
import shlex
import shutil
import sys
import sysconfig
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from anaconda_calls import Behavior
from anaconda_records import Style
from anaconda_server import ORGANIZATION, AnacondaServer
from exchanges import Request
from faults import BAD_GATEWAY, EVERY, Effect, Fault, Hang, Status, Truncate
from nightly.data import load, save
from nightly.downstream.modes import plan as mode
from nightly.downstream.modes import snapshot
from nightly.downstream.planning.resolving import Moved
from nightly.downstream.records.plan import Package, Plan, State
from nightly.downstream.records.snapshot import Snapshot
from planning_runs import Caller, ModeRun, addresses, directory_channel
from registry import Registry
from sample_projects import make_project
from sample_wheels import make_package, make_wheel
from uploading import IMPATIENT, After

OTHER = "other-wheels"
NOW = datetime.now(timezone.utc)


@dataclass
class Place:
    """A project's checkout, an index of releases, and a channel of nightlies."""

    root: Path
    channel: AnacondaServer
    index: Registry
    caller: Caller

    @property
    def project(self) -> Path:
        return self.root / "checkout"

    @property
    def output(self) -> Path:
        return self.root / "plan.json"

    @property
    def constraints(self) -> Path:
        return self.root / "nightly.txt"

    def release(self, name: str, version: str, *requires: str, extras: tuple[str, ...] = ()) -> None:
        """Let the index have a release."""
        make_package(self.root / "index", name, version, {}, requires=requires, extras=extras)

    def nightly(
        self, name: str, version: str, *requires: str, tag: str = "py3-none-any", hours: float = 5, owner: str = ""
    ) -> Path:
        """Let the channel have a nightly, which was uploaded some hours ago."""
        wheel = make_package(self.root / "nightlies", name, version, {}, requires=requires, tag=tag)
        self.channel.seed(wheel, uploaded_at=NOW - timedelta(hours=hours), organization=owner)
        return wheel

    def replace_by(self, old: Path, new: Path) -> None:
        """Let the channel have other bytes under the name."""
        for file in self.channel.state.files(ORGANIZATION, old.name.partition("-")[0]):
            self.channel.state.delete_file(file)
        self.channel.seed(new, uploaded_at=NOW)

    def run(self, **inputs: str) -> ModeRun:
        """Plan for this Python."""
        defaults = {"project": self.project, "output": self.output, "constraints": self.constraints}
        given = {name: str(value) for name, value in defaults.items()} | {"python": sys.executable} | inputs
        return self.caller.run(mode.run, **given)

    def plan(self, **inputs: str) -> Plan:
        """The plan that was made."""
        run = self.run(**inputs)
        assert (run.code, run.error) == (0, None)
        return load(Plan, self.output)

    def asked(self) -> list[Request]:
        """What the API of the channel was asked."""
        return [request for request in self.channel.requests if request.role == "api"]


def only_uv(directory: Path) -> Path:
    """A directory with uv alone in it."""
    directory.mkdir()
    program = f"uv{sysconfig.get_config_var('EXE') or ''}"
    found = Path(sysconfig.get_path("scripts")) / program
    shutil.copy2(found, directory / program)
    return directory


@pytest.fixture(name="uv", scope="session")
def uv_fixture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A PATH with uv on it."""
    return only_uv(tmp_path_factory.mktemp("uv") / "bin")


@pytest.fixture(name="place")
def place_fixture(tmp_path: Path, uv: Path) -> Iterator[Place]:
    """A project that needs foo and bar, of which foo and the channel's baz have nightlies; it's planned by uv."""
    (tmp_path / "index").mkdir()
    index = Registry(tmp_path / "index")
    with AnacondaServer(tmp_path / "anaconda.org", (ORGANIZATION, OTHER)) as channel:
        caller = Caller(tmp_path, installers(tmp_path, index, uv) | addresses(channel))
        place = Place(tmp_path, channel, index, caller)
        place.release("foo", "1.0")
        place.release("bar", "2.0")
        place.nightly("foo", "1.1.dev5")
        place.nightly("baz", "9.9.dev9")
        make_project(place.project, "demo-app", ["foo", "bar"])
        yield place
    index.close()


def installers(home: Path, index: Registry, path: Path) -> dict[str, str]:
    """The variables by which pip and uv ask this index alone."""
    kept = {
        name: value for name, value in os.environ.items() if name.upper() in {"SYSTEMROOT", "TEMP", "TMP", "TMPDIR"}
    }
    return kept | {
        "PATH": str(path),
        "HOME": str(home),
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_INDEX_URL": index.index_url,
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "UV_DEFAULT_INDEX": index.index_url,
        "UV_NO_CONFIG": "1",
        "UV_CACHE_DIR": str(home / "uv-cache"),
    }


def by_name(plan: Plan) -> dict[str, Package]:
    return {package.name: package for package in plan.packages}


def states(plan: Plan) -> dict[str, State]:
    return {package.name: package.state for package in plan.packages}


def test_what_the_project_needs_and_the_channel_has_is_planned(place: Place) -> None:
    wheel = place.root / "nightlies" / "foo-1.1.dev5-py3-none-any.whl"
    plan = place.plan()
    (foo,) = plan.packages
    assert (foo.name, foo.state, foo.version, foo.stable, foo.reason) == ("foo", State.NIGHTLY, "1.1.dev5", "1.0", "")
    assert foo.sha256 == hashlib.sha256(wheel.read_bytes()).hexdigest()
    assert plan.python == ".".join(map(str, sys.version_info[:3]))
    line = place.constraints.read_text(encoding="utf-8").strip()
    assert line == f"foo @ {foo.url}#sha256={foo.sha256}"


def test_pip_plans_the_same_where_there_is_no_uv(place: Place) -> None:
    by_uv = place.plan()
    place.caller.environ["PATH"] = str(place.root)
    assert place.plan().packages == by_uv.packages


def test_the_channel_is_asked_for_nothing_that_is_not_needed(place: Place) -> None:
    place.plan()
    assert [request.plain_path for request in place.asked()] == [
        f"/packages/{ORGANIZATION}",
        f"/package/{ORGANIZATION}/foo",
    ]


def test_what_is_needed_by_what_is_needed_is_planned(place: Place) -> None:
    place.release("bar", "2.1", "baz[extra]>=1")
    place.release("baz", "9.0", extras=("extra",))
    assert states(place.plan()) == {"foo": State.NIGHTLY, "baz": State.NIGHTLY}


def test_extras_and_groups_count_when_they_are_asked_for(place: Place) -> None:
    for name in ("ex", "gr"):
        place.release(name, "1.0")
        place.nightly(name, "1.1.dev1")
    make_project(place.project, "demo-app", ["foo"], extras={"fast": ["ex"]}, groups={"test": ["gr"]})
    assert set(states(place.plan())) == {"foo"}
    assert set(states(place.plan(extras="fast", groups="test"))) == {"foo", "ex", "gr"}


def test_a_marker_that_is_not_for_this_python_needs_nothing(place: Place) -> None:
    make_project(place.project, "demo-app", ["foo", "baz; python_version < '3'"])
    assert set(states(place.plan())) == {"foo"}


def test_a_project_is_found_whatever_its_spelling(place: Place) -> None:
    place.release("scikit-build-core", "0.10")
    place.nightly("scikit_build_core", "0.11.dev3")
    make_project(place.project, "demo-app", ["Scikit.Build-Core"])
    assert place.plan().packages[0].version == "0.11.dev3"


def test_of_named_packages_alone_a_plan_is_made(place: Place) -> None:
    place.nightly("bar", "2.1.dev1")
    assert set(states(place.plan(packages="bar"))) == {"bar"}


def test_named_packages_need_no_project(place: Place) -> None:
    empty = place.root / "empty"
    empty.mkdir()
    assert states(place.plan(project=str(empty), packages="foo>=1 bar")) == {"foo": State.NIGHTLY, "bar": State.ABSENT}


def test_without_a_project_and_packages_there_is_nothing_to_plan(place: Place) -> None:
    run = place.run(project=str(place.root))
    assert run.code == 2
    assert "neither a pyproject.toml nor a setup.py" in str(run.error)
    assert not place.output.exists()


def test_a_pyproject_of_tools_alone_is_no_project(place: Place) -> None:
    folder = place.root / "requirements alone"
    folder.mkdir()
    (folder / "pyproject.toml").write_text("[tool.black]\nline-length = 100\n", encoding="utf-8")
    (folder / "requirements.txt").write_text("foo\n", encoding="utf-8")
    run = place.run(project=str(folder))
    assert run.code == 2
    assert "name the packages" in str(run.error)
    assert states(place.plan(project=str(folder), packages="foo")) == {"foo": State.NIGHTLY}


def test_a_project_that_is_not_there_is_refused(place: Place) -> None:
    run = place.run(project=str(place.root / "nowhere"), packages="foo")
    assert run.code == 2
    assert "'project'" in str(run.error)


def test_a_named_package_that_the_channel_does_not_have_is_told_and_the_rest_tested(place: Place) -> None:
    plan = by_name(place.plan(packages="foo bar"))
    assert (plan["bar"].state, plan["bar"].stable) == (State.ABSENT, "2.0")
    assert "no channel has a wheel" in plan["bar"].reason
    assert plan["foo"].state is State.NIGHTLY


def test_what_has_no_wheel_for_this_python_is_told_and_the_rest_tested(place: Place) -> None:
    place.nightly("bar", "2.1.dev1", tag="cp27-cp27m-win32")
    plan = by_name(place.plan())
    assert (plan["bar"].state, plan["foo"].state) == (State.UNSUPPORTED, State.NIGHTLY)
    assert "cp27m on win32" in plan["bar"].reason
    assert "bar" not in place.constraints.read_text(encoding="utf-8")


def test_what_is_too_old_is_told_and_the_rest_tested(place: Place) -> None:
    place.nightly("bar", "2.1.dev1", hours=24 * 40)
    assert states(place.plan()) == {"foo": State.NIGHTLY, "bar": State.STALE}
    assert states(place.plan(max_age="41d")) == {"foo": State.NIGHTLY, "bar": State.NIGHTLY}


def test_the_first_channel_that_has_a_package_is_taken(place: Place) -> None:
    place.nightly("foo", "3.0.dev1", owner=OTHER)
    place.nightly("bar", "3.0.dev1", owner=OTHER)
    versions = {each.name: each.version for each in place.plan(channels=f"{ORGANIZATION}\n{OTHER}").packages}
    assert versions == {"foo": "1.1.dev5", "bar": "3.0.dev1"}


@pytest.mark.parametrize("installer", ["uv", "pip"])
def test_a_channel_may_be_a_directory(place: Place, installer: str) -> None:
    if installer == "pip":
        place.caller.environ["PATH"] = str(place.root)
    wheel = make_package(place.root / "nightlies", "foo", "1.2.dev1+g1a2b", {})
    directory_channel(place.root / "my site", wheel)
    (foo,) = place.plan(channels=str(place.root / "my site")).packages
    assert (foo.version, foo.state) == ("1.2.dev1+g1a2b", State.NIGHTLY)
    assert foo.url
    assert foo.url.startswith("file://")
    assert " " not in foo.url


@pytest.mark.parametrize("installer", ["uv", "pip"])
def test_a_package_that_another_caps_is_left_out_with_who_caps_it(place: Place, installer: str) -> None:
    if installer == "pip":
        place.caller.environ["PATH"] = str(place.root)
    place.release("bar", "2.0", "baz<9")
    place.release("baz", "8.0")
    plan = by_name(place.plan())
    assert (plan["baz"].state, plan["baz"].version, plan["foo"].state) == (State.CAPPED, "9.9.dev9", State.NIGHTLY)
    assert (plan["baz"].capped_by or "").startswith("bar")
    assert "baz<9" in plan["baz"].reason
    assert "baz" not in place.constraints.read_text(encoding="utf-8")


def test_a_nightly_that_takes_another_package_back_is_planned_and_that_noted(place: Place) -> None:
    place.release("bar", "2.1", "baz<9")
    place.release("baz", "8.0")
    make_project(place.project, "demo-app", ["bar", "baz"])
    plan = place.plan()
    assert states(plan) == {"baz": State.NIGHTLY}
    assert any("bar" in note and "2.1" in note for note in plan.notes)


def test_a_forced_package_is_tested_whoever_caps_it(place: Place) -> None:
    make_project(place.project, "demo-app", ["foo<1.1", "bar"])
    assert place.run().code == 1
    (foo,) = place.plan(force="Foo").packages
    assert (foo.state, foo.version) == (State.FORCED, "1.1.dev5")
    overrides = place.root / "nightly-overrides.txt"
    assert overrides.read_text(encoding="utf-8").startswith("foo @ ")
    make_project(place.project, "demo-app", ["foo", "bar"])
    place.plan()
    assert not overrides.exists()


ODD = {
    "older than the stable": ("0.9.dev1", "older than the stable 1.0"),
    "the same version": ("1.0", "the same version as the stable 1.0"),
    "like a release": ("53", "looks like a release"),
    "a label of versioneer's": ("0.9.1+73.g8f83135", "older than the stable 1.0"),
}


@pytest.mark.parametrize("installer", ["uv", "pip"])
@pytest.mark.parametrize(("version", "said"), ODD.values(), ids=ODD.keys())
def test_an_odd_nightly_is_planned_and_told(place: Place, installer: str, version: str, said: str) -> None:
    if installer == "pip":
        place.caller.environ["PATH"] = str(place.root)
    place.nightly("odd", version)
    place.release("odd", "1.0")
    make_project(place.project, "demo-app", ["odd"])
    (odd,) = place.plan().packages
    assert (odd.state, odd.version, odd.stable) == (State.NIGHTLY, version, "1.0")
    assert said in odd.reason


def test_a_channel_that_tells_no_hashes_is_hashed(place: Place) -> None:
    wheel = place.nightly("bar", "2.1.dev1")
    place.channel.behavior = Behavior(style=Style(sha256=False))
    bar = by_name(place.plan())["bar"]
    assert bar.sha256 == hashlib.sha256(wheel.read_bytes()).hexdigest()


def test_a_project_that_needs_what_is_not_released_yet_is_planned_from_nightlies(place: Place) -> None:
    make_project(place.project, "demo-app", ["foo>=1.1.dev0", "bar"])
    plan = place.plan()
    assert states(plan) == {"foo": State.NIGHTLY}
    assert "without nightlies nothing can be installed" in plan.notes[0]


@pytest.mark.parametrize("installer", ["uv", "pip"])
def test_a_package_that_another_caps_is_left_out_also_where_nightlies_are_needed(place: Place, installer: str) -> None:
    if installer == "pip":
        place.caller.environ["PATH"] = str(place.root)
    place.release("bar", "2.0", "baz<9")
    place.release("baz", "8.0")
    make_project(place.project, "demo-app", ["foo>=1.1.dev0", "bar"])
    plan = by_name(place.plan())
    assert (plan["foo"].state, plan["baz"].state) == (State.NIGHTLY, State.CAPPED)
    assert plan["baz"].capped_by == "bar 2.0 (baz<9)"


def test_what_the_project_needs_and_another_caps_can_be_forced(place: Place) -> None:
    place.release("bar", "2.0", "foo<1.1.dev0")
    make_project(place.project, "demo-app", ["foo>=1.1.dev0", "bar"])
    assert place.run().code == 1
    assert states(place.plan(force="foo")) == {"foo": State.FORCED}


def test_requirements_that_contradict_each_other_are_told_in_the_installers_words(place: Place) -> None:
    make_project(place.project, "demo-app", ["foo<1.0", "bar"])
    run = place.run()
    assert run.code == 1
    assert run.error
    assert run.error.title == "Cannot install"
    assert "foo" in run.error.what


def test_a_package_that_is_required_by_url_stays_what_it_is(place: Place) -> None:
    wheel = make_wheel(place.root / "vendored", "baz", "8.0")
    make_project(place.project, "demo-app", ["foo", f"baz @ {wheel.as_uri()}"])
    plan = by_name(place.plan())
    assert (plan["foo"].state, plan["baz"].state) == (State.NIGHTLY, State.CAPPED)
    assert wheel.as_uri() in plan["baz"].reason


@pytest.mark.parametrize("installer", ["uv", "pip"])
def test_a_password_in_a_requirement_is_neither_said_nor_kept(place: Place, installer: str) -> None:
    if installer == "pip":
        place.caller.environ["PATH"] = str(place.root)
    place.release("baz", "8.0")
    url = f"{place.index.url.replace('://', '://me:pa55word@')}/files/baz-8.0-py3-none-any.whl"
    make_project(place.project, "demo-app", ["foo", f"baz @ {url}"])
    run = place.run()
    kept = place.output.read_text(encoding="utf-8") + place.constraints.read_text(encoding="utf-8")
    assert "required by URL" in run.log
    assert "pa55word" not in f"{run.log} {run.summary} {kept}"


def test_the_project_itself_gets_no_nightly(place: Place) -> None:
    place.nightly("demo-app", "1.1.dev1")
    assert set(states(place.plan())) == {"foo"}


def test_without_a_nightly_the_plan_is_written_and_the_run_fails_with_each_reason(place: Place) -> None:
    make_project(place.project, "demo-app", ["bar"])
    place.nightly("bar", "2.1.dev1", hours=24 * 40)
    run = place.run()
    assert run.code == 1
    assert run.error
    assert run.error.title == "No nightly"
    assert "bar: stale, uploaded 40 days ago" in run.error.what
    assert load(Plan, place.output).planned == ()
    assert place.constraints.read_text(encoding="utf-8") == ""


def test_where_the_channel_has_nothing_that_is_needed_it_is_said(place: Place) -> None:
    make_project(place.project, "demo-app", ["bar"])
    run = place.run()
    assert run.code == 1
    assert "none of the channels has anything that is needed" in str(run.error)


def test_a_plan_is_told_as_a_table_in_the_log_and_the_summary(place: Place) -> None:
    place.nightly("bar", "2.1.dev1", hours=24 * 40)
    run = place.run()
    row = next(line for line in run.log.splitlines() if line.startswith("foo"))
    assert "1.1.dev5" in row
    assert "(5 hours ago)" in row
    summary = html.unescape(run.summary)
    assert "| bar | 2.1.dev1 |" in summary
    assert "40 days ago" in summary
    assert "1 nightly, 1 stale" in summary
    assert f"PIP_CONSTRAINT={place.constraints}" in run.log
    _, scripts, *verify = shlex.split(run.log.rpartition("Then: ")[2])
    assert Path(scripts, "nightlies.py").is_file()
    assert verify == ["nightlies", "verify", "--plan", str(place.output), "--python", sys.executable]


def test_a_plan_is_made_from_a_snapshot_without_asking_the_channel(place: Place) -> None:
    taken = place.caller.run(snapshot.run, python="3.13")
    place.nightly("foo", "1.2.dev1")
    place.channel.forget_requests()
    plan = place.plan(snapshot=str(Path(taken.outputs["results"]) / "snapshot.json"))
    assert [each.version for each in plan.packages] == ["1.1.dev5"]
    assert place.asked() == []


@pytest.mark.parametrize("content", ["", "{}", "[" * 100_000], ids=["nothing", "another thing", "nonsense"])
def test_a_snapshot_that_can_not_be_read_is_refused(place: Place, content: str) -> None:
    broken = place.root / "snapshot.json"
    broken.write_text(content, encoding="utf-8")
    run = place.run(snapshot=str(broken))
    assert run.code == 2
    assert "snapshot.json can't be read" in str(run.error)


def test_how_to_install_is_said_with_paths_that_have_spaces_and_constraints_of_the_users_own(place: Place) -> None:
    folder = place.root / "a folder"
    folder.mkdir()
    own = folder.with_name("own.txt")
    own.touch()
    place.caller.environ["UV_CONSTRAINT"] = str(own)
    place.release("bar", "2.0", "foo<1.1")
    run = place.run(constraints=str(folder / "nightly.txt"), force="foo")
    uri = (folder / "nightly.txt").as_uri()
    said = dict(line.strip().split("=", 1) for line in run.log.splitlines() if line.startswith("  "))
    assert {name: shlex.split(value) for name, value in said.items()} == {
        "PIP_CONSTRAINT": [uri],
        "UV_CONSTRAINT": [f"{own} {uri}"],
        "UV_OVERRIDE": [uri.replace("nightly.txt", "nightly-overrides.txt")],
    }


def test_a_plan_that_can_not_be_written_is_told(place: Place) -> None:
    run = place.run(output=str(place.root / "nowhere" / "plan.json"))
    assert run.code == 1
    assert "can't be written" in str(run.error)


def test_a_python_that_is_none_is_refused(place: Place) -> None:
    run = place.run(python=str(place.root / "no-python"))
    assert run.error
    assert "no-python" in run.error.what


TROUBLE: dict[str, Effect] = {"errors": BAD_GATEWAY, "silence": Hang(), "half an answer": Truncate()}


@pytest.mark.parametrize("effect", TROUBLE.values(), ids=TROUBLE.keys())
def test_a_channel_that_is_down_ends_the_run_without_a_plan(place: Place, effect: Effect) -> None:
    place.caller.patience = IMPATIENT
    place.channel.faults.add(Fault(effect, role="api", nth=EVERY))
    run = place.run()
    assert run.code == 1
    assert run.error
    assert f"{place.channel.api_url}/packages/{ORGANIZATION}" in run.error.what
    assert not place.output.exists()


def test_an_index_that_is_down_ends_the_run_without_a_plan(place: Place) -> None:
    place.index.close()
    place.caller.environ |= {"UV_HTTP_RETRIES": "0", "UV_HTTP_TIMEOUT": "2"}
    run = place.run()
    assert run.code == 1
    assert not place.output.exists()


LOST = Fault(
    Status(404, b"<Error><Code>NoSuchKey</Code></Error>", content_type="application/xml"),
    path="*/bar-2.1.dev1-*",
    role="index",
    nth=EVERY,
)


@pytest.mark.parametrize("installer", ["uv", "pip"])
@pytest.mark.parametrize("told", [True, False], ids=["its hash is told", "its hash isn't told"])
def test_a_wheel_that_its_storage_has_lost_is_left_out_and_the_rest_tested(
    place: Place, installer: str, *, told: bool
) -> None:
    if installer == "pip":
        place.caller.environ["PATH"] = str(place.root)
    place.nightly("bar", "2.1.dev1")
    place.channel.behavior = Behavior(style=Style(sha256=told))
    place.channel.faults.add(LOST)
    plan = by_name(place.plan())
    assert (plan["foo"].state, plan["bar"].state) == (State.NIGHTLY, State.ABSENT)
    assert "can't be downloaded" in plan["bar"].reason


def test_a_wheel_that_is_gone_some_time_after_the_snapshot_is_not_taken_for_lost(place: Place) -> None:
    place.nightly("bar", "2.1.dev1")
    path = Path(place.caller.run(snapshot.run).outputs["results"]) / "snapshot.json"
    save(path, replace(load(Snapshot, path), taken_at=NOW - timedelta(hours=1)))
    place.channel.faults.add(LOST)
    run = place.run(snapshot=str(path))
    assert isinstance(run.error, Moved)
    assert not place.output.exists()


def test_a_wheel_that_is_replaced_before_pip_looks_at_it_is_planned_anew(place: Place) -> None:
    place.caller.environ["PATH"] = str(place.root)
    old = place.nightly("bar", "2.1.dev1")
    new = make_package(place.root / "tonight", "bar", "2.1.dev1", {"bar.py": "tonight = True"})
    after_listing = After(lambda: place.replace_by(old, new))
    place.channel.faults.add(Fault(after_listing, path="*/bar-2.1.dev1-*", role="index"))
    run = place.run()
    assert run.error is None
    assert "asked again" in run.log
    assert by_name(load(Plan, place.output))["bar"].sha256 == hashlib.sha256(new.read_bytes()).hexdigest()
