"""What was published is installed by real pip, from a channel beside an index, and is what the channel lists."""

from __future__ import annotations

import io
import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from packaging.tags import sys_tags

from anaconda_model import Lag
from anaconda_server import AnacondaServer
from nightly.actions import Runner
from nightly.building.modes import install
from nightly.channel import Channel
from nightly.channels import ChannelOptions, open_channel
from nightly.downstream.running.shell import Deadline
from nightly.errors import UserError
from nightly.releasing.installing import Fresh
from nightly.releasing.published import published
from nightly.wheels import hashes
from planning_runs import Caller, ModeRun
from registry import Registry
from sample_wheels import make_package, make_wheel
from uploading import SLOW, Files

VERSIONS = '{"demo-pkg": ["1.0.dev1"]}'
LONG = 300.0
"""Seconds."""


@dataclass
class World:
    """A channel, and the index that pip knows by itself, in a directory."""

    root: Path
    channel: AnacondaServer
    releases: Path
    registry: Registry

    @property
    def environ(self) -> dict[str, str]:
        """A job's, with what nobody's code is to see, or to let in."""
        return {
            **{name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "GITHUB_"))},
            "PIP_INDEX_URL": self.registry.index_url,
            "PIP_CONFIG_FILE": os.devnull,
            "PYTHONPATH": str(self.root / "checkout"),
            "INPUT_SECRET": "not for them",
        }

    def open(self) -> Channel:
        where = self.channel
        return open_channel(
            ChannelOptions("anaconda", where.organization, ("main",), where.api_url, where.index_url), SLOW, print
        )

    def run(self, **inputs: str) -> ModeRun:
        addresses = {"anaconda_api_url": self.channel.api_url, "anaconda_index_url": self.channel.index_url}
        given = {"versions": VERSIONS, "organization": self.channel.organization, **addresses, **inputs}
        return Caller(self.root, self.environ).run(install.run, **given)


@contextmanager
def a_world(root: Path) -> Iterator[World]:
    releases = root / "releases"
    releases.mkdir()
    registry = Registry(releases)
    with AnacondaServer(root / "anaconda.org") as channel:
        yield World(root, channel, releases, registry)
    registry.close()


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with a_world(tmp_path) as found:
        yield found


def test_a_nightly_is_waited_for_installed_proved_and_tried(world: World) -> None:
    make_wheel(world.releases, "helper", "1.0")
    make_wheel(world.releases, version="0.9")
    make_package(world.root / "checkout", "demo-pkg", "1.0.dev1", {"demo_pkg.py": "raise SystemExit('the checkout')"})
    wheel = make_wheel(world.root / "dist", requires=["helper"])
    world.channel.seed(wheel, lag=Lag(requests=2))
    smoke = (
        'python -c "import demo_pkg, helper, sys; print(demo_pkg.__version__, sys.prefix)"\n'
        'test -z "$(ls)" && test -z "${INPUT_SECRET:-}"\n'
        'python -m pip --version > /dev/null && echo "all is well in $VIRTUAL_ENV"'
    )
    ran = world.run(smoke_command=smoke)
    assert ran.code == 0, ran.log
    url = f"{world.channel.simple_index()}/demo-pkg/1.0.dev1/{wheel.name}"
    assert f"demo-pkg 1.0.dev1 is {wheel.name} (sha256 {hashes(wheel)[1]}), from {url}" in ran.log
    assert "doesn't list demo_pkg-1.0.dev1-py3-none-any.whl. Looking again" in ran.log
    assert f"all is well in {world.root}" in ran.log
    assert re.search(r"^1\.0\.dev1 .*environment$", ran.log, re.MULTILINE)
    assert f"<code>sha256 {hashes(wheel)[1]}</code> | yes |" in ran.summary


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[World, Fresh]]:
    """An environment that several tests share, as it takes long to make one."""
    with a_world(tmp_path_factory.mktemp("fresh")) as world:
        yield world, Fresh.new(world.root, world.environ, print)


def test_a_file_of_the_same_version_from_elsewhere_is_told(fresh: tuple[World, Fresh]) -> None:
    """Both indexes have the version, and the one that isn't the channel has the better tag, which pip takes."""
    world, environment = fresh
    world.channel.seed(make_wheel(world.root / "dist"))
    theirs = make_wheel(world.releases, tag=str(next(iter(sys_tags()))))
    log, files = io.StringIO(), Files(world.root)
    channel, (wanted,) = world.open(), published("", VERSIONS)
    arrived = install.Arrived(channel, {wanted: channel.listing("demo-pkg").files})
    runner = Runner(log, summary_file=files.summary)
    assert not install.install_and_prove(arrived, environment, Deadline.after(LONG), runner)
    assert f"error: Not from the channel: demo-pkg 1.0.dev1 came from {world.registry.url}/files/" in log.getvalue()
    assert f"the channel lists no {theirs.name}" in log.getvalue()
    assert "| the channel lists no demo" in files.text(files.summary)


def test_what_can_not_be_installed_ends_with_what_pip_says(fresh: tuple[World, Fresh]) -> None:
    world, environment = fresh
    world.channel.seed(make_wheel(world.root / "dist", "needy", requires=["missing-thing>=3"]))
    with pytest.raises(UserError, match="could not install what was published") as refused:
        environment.install(published("", "needy==1.0.dev1"), world.channel.simple_index(), Deadline.after(LONG))
    assert "missing-thing" in str(refused.value)
    assert refused.value.exit_code == 1


def test_a_smoke_command_that_fails_ends_with_what_it_has_said(fresh: tuple[World, Fresh]) -> None:
    with pytest.raises(UserError, match="smoke_command failed") as refused:
        fresh[1].smoke("echo it broke >&2; false; echo not reached", Deadline.after(LONG))
    assert refused.value.title == "Smoke test"
    assert "it broke" in str(refused.value)
    assert "not reached" not in str(refused.value)


def test_a_smoke_command_is_ended_when_the_time_is_up(fresh: tuple[World, Fresh]) -> None:
    with pytest.raises(UserError, match="smoke_command took too long"):
        fresh[1].smoke(f"'{sys.executable}' -c 'import time; time.sleep({LONG})'", Deadline.after(0.1))


@pytest.mark.parametrize(
    ("inputs", "named"),
    [
        ({"versions": ""}, "'versions'"),
        ({"versions": "demo-pkg"}, "'versions'"),
        ({"organization": ""}, "'organization'"),
        ({"label": ""}, "'label'"),
        ({"label": "a, b"}, "one label"),
        ({"timeout_minutes": "0"}, "'timeout_minutes'"),
        ({"timeout_minutes": "361"}, "'timeout_minutes'"),
        ({"anaconda_api_url": "http://example.org"}, "'anaconda_api_url'"),
        ({"anaconda_index_url": "x"}, "'anaconda_index_url'"),
    ],
)
def test_a_wrong_input_is_refused_by_its_name(tmp_path: Path, inputs: dict[str, str], named: str) -> None:
    ran = Caller(tmp_path).run(install.run, **{"versions": VERSIONS, **inputs})
    assert ran.code == 2
    assert named in str(ran.error)
    assert not list(tmp_path.glob("install-*"))
