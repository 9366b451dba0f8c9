"""Waiting until what was published can be installed: real channels, whose indexes lag."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from packaging.tags import sys_tags
from packaging.version import Version

from anaconda_model import Lag
from anaconda_server import AnacondaServer
from nightly.channels import ChannelOptions, open_channel
from nightly.downstream.running.shell import Deadline
from nightly.errors import UserError
from nightly.releasing.arriving import Watch
from nightly.releasing.published import Published, published
from sample_wheels import make_wheel
from uploading import SLOW

(WANTED,) = published("versions", "demo-pkg==1.0.dev1")
LONG = 60.0
"""Seconds, of which hardly any pass."""

Tell = Callable[[str], object]


def wait(server: AnacondaServer, tell: Tell, seconds: float = LONG, wanted: Published = WANTED) -> list[str]:
    """The names of the files that have arrived."""
    options = ChannelOptions("anaconda", server.organization, ("main",), server.api_url, server.index_url)
    watch = Watch(
        open_channel(options, SLOW, print), ("main",), frozenset(sys_tags()), SLOW, lambda text: print(tell(text))
    )
    return sorted(file.filename for file in watch.wait_for(wanted, Deadline.after(seconds)))


def test_what_is_there_is_not_waited_for(anaconda: AnacondaServer, tmp_path: Path) -> None:
    for tag in ("py3-none-any", "cp33-cp33m-win32"):
        anaconda.seed(make_wheel(tmp_path, tag=tag))
    said = list[str]()
    assert wait(anaconda, said.append) == ["demo_pkg-1.0.dev1-py3-none-any.whl"]
    assert said == []


def test_an_index_that_lags_is_asked_again_and_what_lacks_is_said_once(
    anaconda: AnacondaServer, tmp_path: Path
) -> None:
    anaconda.seed(make_wheel(tmp_path), lag=Lag(requests=3))
    said = list[str]()
    assert wait(anaconda, said.append) == ["demo_pkg-1.0.dev1-py3-none-any.whl"]
    (line,) = said
    assert f"{anaconda.simple_index()} doesn't list demo_pkg-1.0.dev1-py3-none-any.whl" in line
    assert sum(request.role == "index" for request in anaconda.requests) == 4


def test_a_version_that_is_not_there_yet_is_waited_for(anaconda: AnacondaServer, tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path)
    assert wait(anaconda, lambda _: anaconda.seed(wheel)) == [wheel.name]


def test_wheels_for_other_systems_are_told_at_once(anaconda: AnacondaServer, tmp_path: Path) -> None:
    anaconda.seed(make_wheel(tmp_path, tag="cp33-cp33m-win32"))
    with pytest.raises(UserError, match="is for this Python on this system") as refused:
        wait(anaconda, pytest.fail)
    assert "demo_pkg-1.0.dev1-cp33-cp33m-win32.whl" in str(refused.value)


def test_the_time_ends_with_what_lacks(anaconda: AnacondaServer, tmp_path: Path) -> None:
    anaconda.seed(make_wheel(tmp_path), lag=Lag(seconds=LONG))
    with pytest.raises(UserError, match=r"doesn't list demo_pkg.*time is up"):
        wait(anaconda, print, seconds=0)


@pytest.mark.parametrize("version", ["1.0.dev10", "1.0.dev1+local", "1.0"])
def test_another_version_is_none(anaconda: AnacondaServer, tmp_path: Path, version: str) -> None:
    anaconda.seed(make_wheel(tmp_path, version=version))
    with pytest.raises(UserError, match=r"has no demo-pkg 1\.0\.dev1, and the time is up"):
        wait(anaconda, print, seconds=0)


def test_a_version_is_found_however_it_is_spelt(anaconda: AnacondaServer, tmp_path: Path) -> None:
    anaconda.seed(make_wheel(tmp_path, name="Demo.Pkg", version="1.0.dev1"))
    assert wait(anaconda, pytest.fail, wanted=Published(WANTED.project, Version("v1.0-dev01")))


def test_what_has_another_label_is_not_there(anaconda: AnacondaServer, tmp_path: Path) -> None:
    anaconda.seed(make_wheel(tmp_path), labels=("staging",))
    with pytest.raises(UserError, match="another organization or label"):
        wait(anaconda, print, seconds=0)


def test_what_is_no_wheel_is_passed_over(anaconda: AnacondaServer, tmp_path: Path) -> None:
    names = ["demo-pkg-1.0.dev1.tar.gz", "demo_pkg-1.0.dev1-nonsense.whl", "some-more-notes.txt"]
    anaconda.seed_records([("demo-pkg", "1.0.dev1", name, "2026-11-20 10:00:00+00:00") for name in names])
    wheel = make_wheel(tmp_path)
    anaconda.seed(wheel)
    assert wait(anaconda, pytest.fail) == [wheel.name]
