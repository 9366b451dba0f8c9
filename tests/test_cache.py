"""What is made once and kept."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from launching import SCRIPTS, Laptop
from nightly.cache import cache_dir, kept
from nightly.venvs import ensure_venv
from registry import lock_of

ENSURE = f"""
import sys
sys.path[:0] = [{str(SCRIPTS)!r}]
from pathlib import Path
from nightly.venvs import ensure_venv
print(ensure_venv(Path(sys.argv[1]), cache=Path(sys.argv[2])))
"""


def test_what_is_there_is_not_made_again(tmp_path: Path) -> None:
    made: list[Path] = []
    assert kept(tmp_path, "key", made.append) == kept(tmp_path, "key", made.append)
    assert len(made) == 1


def test_what_failed_leaves_nothing(tmp_path: Path) -> None:
    def fail(directory: Path) -> None:
        (directory / "half").touch()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        kept(tmp_path, "key", fail)
    assert list(tmp_path.iterdir()) == []


def test_a_directory_that_someone_removed_is_made_again(tmp_path: Path) -> None:
    kept(tmp_path, "key", lambda _: None).rmdir()
    assert kept(tmp_path, "key", lambda _: None).is_dir()


@pytest.mark.parametrize("written", ["", "no such directory"])
def test_a_pointer_to_nothing_is_not_believed(tmp_path: Path, written: str) -> None:
    (tmp_path / "key").write_text(written)
    assert kept(tmp_path, "key", lambda _: None).name.startswith("key-")


CACHES = {
    "named": ({"NIGHTLY_CACHE": "/n", "XDG_CACHE_HOME": "/x", "RUNNER_TEMP": "/t"}, "linux", Path("/n").absolute()),
    "XDG": ({"XDG_CACHE_HOME": "/x"}, "linux", Path("/x/upload-nightly-action")),
    "Linux": ({}, "linux", Path.home() / ".cache/upload-nightly-action"),
    "macOS": ({}, "darwin", Path.home() / "Library/Caches/upload-nightly-action"),
    "Windows": ({"LOCALAPPDATA": "/l"}, "win32", Path("/l/upload-nightly-action/Cache")),
}


@pytest.mark.parametrize(("environ", "platform", "expected"), CACHES.values(), ids=CACHES)
def test_the_cache_is_where_the_platform_keeps_such(environ: dict[str, str], platform: str, expected: Path) -> None:
    assert cache_dir(environ, platform) == expected


def test_a_cache_that_can_not_be_made_is_named_with_the_way_out(laptop: Laptop) -> None:
    laptop.cache.touch()
    ran = laptop.run("probe")
    assert ran.code == 1
    assert "Traceback" not in ran.output
    assert repr(str(laptop.cache)) in ran.output
    assert "NIGHTLY_CACHE" in ran.output


def test_two_that_need_an_environment_at_once_both_get_a_whole_one(laptop: Laptop, wheels: Path) -> None:
    lock = laptop.root / "requirements.txt"
    lock.write_text(lock_of(wheels))
    call = [sys.executable, "-I", "-c", ENSURE, str(lock), str(laptop.cache)]
    both = [subprocess.Popen(call, env=laptop.environ(), stdout=subprocess.PIPE, text=True) for _ in range(2)]
    pythons = [process.communicate()[0].splitlines()[-1] for process in both]
    assert [process.returncode for process in both] == [0, 0]
    for python in pythons:
        subprocess.run([python, "-I", "-c", "import demo_pkg"], check=True)
    assert str(ensure_venv(lock, cache=laptop.cache)) in pythons
