"""numpy's own wheels go through the action to the stand-in of anaconda.org, and come back through pip and uv."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import uv
from packaging.tags import sys_tags
from packaging.utils import parse_wheel_filename

from anaconda_server import AnacondaServer
from end_to_end.acting import GitHub
from end_to_end.callers import calling
from end_to_end.outcomes import Run
from nightly.cache import cache_dir, kept
from nightly.wheels import Wheel, read_wheel

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="act can't run jobs on Windows itself")

PYTHON = "{}.{}".format(*sys.version_info)
ELSEWHERE = ("win_amd64", "macosx_14_0_arm64")

Installer = Callable[[str, Path, Path], list[str]]


@pytest.fixture(scope="module")
def numpy() -> Path:
    """A directory of numpy's newest wheels for this Python: the one that fits here, and those of other systems."""
    return kept(cache_dir(os.environ, sys.platform), f"numpy-wheels-{sys.platform}-{PYTHON}", download_numpy)


def download_numpy(directory: Path) -> None:
    download(directory, "numpy")
    newest = here(directory).version
    for platform in ELSEWHERE:
        download(directory, f"numpy=={newest}", "--platform", platform, "--python-version", PYTHON)


def download(directory: Path, requirement: str, *options: str) -> None:
    pip = [sys.executable, "-I", "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:"]
    subprocess.run([*pip, *options, "--dest", str(directory), requirement], check=True)


def here(directory: Path) -> Wheel:
    """The wheel that fits this Python on this machine."""
    fits = frozenset(sys_tags())
    found = [wheel for wheel in directory.glob("*.whl") if parse_wheel_filename(wheel.name)[3] & fits]
    assert found, sorted(directory.iterdir())
    return read_wheel(found[0])


def names(numpy: Path) -> str:
    return json.dumps(sorted(wheel.name for wheel in numpy.glob("*.whl")))


@pytest.fixture(scope="module")
def channel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AnacondaServer]:
    with AnacondaServer(tmp_path_factory.mktemp("anaconda.org")) as server:
        yield server


@pytest.fixture(scope="module")
def published(
    channel: AnacondaServer,
    numpy: Path,
    tmp_path_factory: pytest.TempPathFactory,
    checkout: Path,
    pip_cache: Path,
    blank: Path,
) -> Run:
    """The night that publishes them."""
    return GitHub(tmp_path_factory.mktemp("github"), checkout, pip_cache, blank).push(calling(channel, numpy))


def test_a_night_publishes_the_wheels_of_all_platforms(channel: AnacondaServer, published: Run, numpy: Path) -> None:
    assert published.code == 0, published.log
    assert published.job.outputs["upload"]["uploaded"] == names(numpy)
    on_the_channel = {file.basename: file.read_bytes() for file in channel.state.files(channel.organization, "numpy")}
    assert on_the_channel == {wheel.name: wheel.read_bytes() for wheel in numpy.glob("*.whl")}


def pip_install(index: str, locked: Path, target: Path) -> list[str]:
    options = ["--no-deps", "--no-cache-dir", "--quiet", "--index-url", index, "--target", str(target)]
    return [sys.executable, "-I", "-m", "pip", "install", *options, "--require-hashes", "-r", str(locked)]


def uv_install(index: str, locked: Path, target: Path) -> list[str]:
    options = ["--no-deps", "--no-cache", "--no-config", "--python", sys.executable, "--default-index", index]
    return [
        uv.find_uv_bin(),
        "pip",
        "install",
        *options,
        "--target",
        str(target),
        "--require-hashes",
        "-r",
        str(locked),
    ]


@pytest.mark.usefixtures("published")
@pytest.mark.parametrize("install", [pip_install, uv_install], ids=["pip", "uv"])
def test_an_installer_gets_the_very_bytes_and_they_work(
    channel: AnacondaServer, numpy: Path, tmp_path: Path, install: Installer
) -> None:
    wheel = here(numpy)
    (tmp_path / "locked.txt").write_text(f"numpy=={wheel.version} --hash=sha256:{wheel.sha256}\n")
    run_installer(install(channel.simple_index(), tmp_path / "locked.txt", tmp_path / "installed"))
    program = (
        "import sys; sys.path.insert(0, sys.argv[1]); import numpy; print(numpy.arange(4).sum(), numpy.__version__)"
    )
    call = [sys.executable, "-I", "-c", program, str(tmp_path / "installed")]
    assert subprocess.run(call, check=True, capture_output=True, text=True).stdout == f"6 {wheel.version}\n"


@pytest.mark.usefixtures("published")
@pytest.mark.parametrize("platform", ELSEWHERE)
def test_every_platform_is_given_its_own_bytes(
    channel: AnacondaServer, numpy: Path, tmp_path: Path, platform: str
) -> None:
    pip = [sys.executable, "-I", "-m", "pip", "download", "--quiet", "--no-deps", "--no-cache-dir"]
    options = ["--only-binary=:all:", "--platform", platform, "--python-version", PYTHON, "--dest", str(tmp_path)]
    run_installer([*pip, *options, "--index-url", channel.simple_index(), f"numpy=={here(numpy).version}"])
    (wheel,) = tmp_path.glob("*.whl")
    assert platform in wheel.name
    assert wheel.read_bytes() == (numpy / wheel.name).read_bytes()


def run_installer(command: list[str]) -> None:
    """Run pip or uv without the machine's settings for them, which may name other indexes."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "UV_"))}
    done = subprocess.run(
        command, env={**environ, "PIP_CONFIG_FILE": os.devnull}, check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.usefixtures("published")
def test_the_same_night_again_sends_nothing(channel: AnacondaServer, github: GitHub, numpy: Path) -> None:
    channel.forget_requests()
    run = github.push(calling(channel, numpy))
    assert run.code == 0, run.log
    assert run.job.outputs["upload"]["skipped"] == names(numpy)
    assert {request.method for request in channel.requests} <= {"GET", "HEAD"}


def test_a_wheel_that_was_built_again_is_replaced_alone(
    anaconda: AnacondaServer, github: GitHub, numpy: Path, tmp_path: Path
) -> None:
    rebuilt = tmp_path / "rebuilt" / here(numpy).filename
    for wheel in numpy.glob("*.whl"):
        anaconda.seed(wheel)
        (tmp_path / "rebuilt").mkdir(exist_ok=True)
        (tmp_path / "rebuilt" / wheel.name).write_bytes(wheel.read_bytes())
    with zipfile.ZipFile(rebuilt, "a") as archive:
        archive.comment = b"built again"
    run = github.push(calling(anaconda, rebuilt.parent))
    assert run.code == 0, run.log
    assert run.job.outputs["upload"]["replaced"] == json.dumps([rebuilt.name])
    assert rebuilt.name not in run.job.outputs["upload"]["skipped"]
    assert run.job.outputs["upload"]["uploaded"] == "[]"
    (file,) = (each for each in anaconda.state.files(anaconda.organization, "numpy") if each.basename == rebuilt.name)
    assert file.read_bytes() == rebuilt.read_bytes()
