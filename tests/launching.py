"""A checkout with one command, and the launcher run in it as a real process with nothing of this machine's settings."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from registry import Registry, lock_of
from sample_wheels import make_wheel

SCRIPTS = Path(__file__).resolve().parent.parent / "scripts"
LAUNCHER = ["__main__.py", "nightly/__init__.py", "nightly/errors.py", "nightly/actions.py"]
LAUNCHER += ["nightly/launcher.py", "nightly/pip.py", "nightly/cache.py", "nightly/auth.py"]

PROBE = '''"""Say what a command sees."""
import json, os, sys
import demo_pkg

def main(argv):
    print("SEEN " + json.dumps({
        "argv": list(argv), "cwd": os.getcwd(), "python": sys.executable,
        "libraries": os.path.dirname(demo_pkg.__path__[0]), "token": os.environ.get("INPUT_TOKEN"),
    }))
    return int(os.environ.get("EXIT_CODE", 0))
'''

_NEEDED = ("PATH", "SYSTEMROOT", "COMSPEC", "PATHEXT", "TEMP", "TMP", "TMPDIR")


def make_checkout(root: Path, wheels: Path) -> Path:
    """Copy the launcher to `root`, beside a command `probe` whose lock names the wheels. Returns the scripts folder."""
    scripts = root / "scripts"
    for name in LAUNCHER:
        (scripts / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(SCRIPTS / name, scripts / name)
    (scripts / "probe.py").write_text(PROBE, encoding="utf-8")
    (scripts / "requirements.txt").write_text(lock_of(wheels), encoding="utf-8")
    return scripts


@dataclass(frozen=True)
class Ran:
    """How a launch ended."""

    code: int
    output: str

    @property
    def seen(self) -> dict[str, Any]:  # JSON that a test asserts on
        """What the probe saw."""
        lines = [line for line in self.output.splitlines() if line.startswith("SEEN ")]
        assert len(lines) == 1, self.output
        seen: dict[str, Any] = json.loads(lines[0].removeprefix("SEEN "))
        return seen


@dataclass(frozen=True)
class Laptop:
    """A person's machine: an empty home with a cache, an empty working directory, the `scripts` of a checkout."""

    root: Path
    scripts: Path
    settings: Mapping[str, str] = field(default_factory=dict)
    python: Sequence[str] = (sys.executable, "-I", "-X", "utf8")

    @property
    def cwd(self) -> Path:
        return _folder(self.root / "cwd")

    @property
    def home(self) -> Path:
        return _folder(self.root / "home")

    @property
    def cache(self) -> Path:
        return self.root / "cache"

    @property
    def pip_file(self) -> Path:
        """What pip reads as this user's configuration."""
        if sys.platform == "win32":
            return _folder(self.home / "AppData" / "pip") / "pip.ini"
        return _folder(self.home / ".config" / "pip") / "pip.conf"

    def environ(self, **more: str) -> dict[str, str]:
        ours = {name: os.environ[name] for name in _NEEDED if name in os.environ}
        ours |= {"HOME": str(self.home), "USERPROFILE": str(self.home), "APPDATA": str(self.home / "AppData")}
        return ours | {"NIGHTLY_CACHE": str(self.cache), "PYTHONIOENCODING": "utf-8"} | dict(self.settings) | more

    def start(self, *arguments: str, **more: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [*self.python, str(self.scripts), *arguments],
            cwd=self.cwd,
            env=self.environ(**more),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
        )

    def run(self, *arguments: str, **more: str) -> Ran:
        with self.start(*arguments, **more) as process:
            output, _ = process.communicate()
        return Ran(process.returncode, output)


def _folder(path: Path) -> Path:
    path.mkdir(parents=True, exist_ok=True)
    return path


@pytest.fixture(scope="module", name="wheels")
def wheels_fixture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with the one wheel that the probe imports."""
    return make_wheel(tmp_path_factory.mktemp("wheels"), "demo-pkg", "1.0").parent


@pytest.fixture(name="registry")
def registry_fixture(wheels: Path) -> Iterator[Registry]:
    registry = Registry(wheels)
    yield registry
    registry.close()


@pytest.fixture(name="offline")
def offline_fixture(tmp_path: Path, wheels: Path) -> Laptop:
    """A laptop that doesn't know of any registry that could be reached: at port 9 nobody answers."""
    settings = {"PIP_INDEX_URL": "http://127.0.0.1:9/simple", "PIP_RETRIES": "0"}
    return Laptop(tmp_path, make_checkout(tmp_path / "checkout", wheels), settings)


@pytest.fixture(name="laptop")
def laptop_fixture(offline: Laptop, registry: Registry) -> Laptop:
    """A laptop whose variables name the registry."""
    return replace(offline, settings={"PIP_INDEX_URL": registry.index_url})
