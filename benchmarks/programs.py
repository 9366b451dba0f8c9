"""The two programs that are compared: how each is installed, and how each uploads."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.processes import Call, bare_environ
from benchmarks.standin import StandIn

ROOT = Path(__file__).resolve().parent.parent
RIVALS_LOCK = ROOT / "tests" / "anaconda-client.txt"
POLICY = ROOT / "cleanup" / "policy.yml"

LAUNCHER = (sys.executable, "-I", "-X", "utf8", str(ROOT / "scripts"))
"""What the action runs."""


@dataclass(frozen=True)
class ThisAction:
    """Run as by the action, but with its libraries in a cache, as on a laptop."""

    home: Path

    @property
    def cache(self) -> Path:
        return self.home / "cache"

    def help(self) -> Call:
        """A first run, which leaves the libraries in the cache."""
        return self._call("upload", "--help", token="")

    def upload(self, server: StandIn, wheels: Path) -> Call:
        """Upload a directory of wheels. What is there is skipped or replaced."""
        where = ("--anaconda-api-url", server.api_url, "--anaconda-index-url", server.index_url)
        organization = ("--anaconda-nightly-upload-organization", server.organization)
        return self._call("upload", "--artifacts-path", str(wheels), *where, *organization, token=server.token)

    def publish(self, channel: Path, wheels: Path) -> Call:
        """Publish a directory of wheels to a directory."""
        return self._call("upload", "--artifacts-path", str(wheels), "--channel", str(channel), token="")

    def cleanup(self, *arguments: str) -> Call:
        """Plan, apply or restore, without a token. The first run leaves the libraries in the cache."""
        return self._call("cleanup", *arguments, token="")

    def nightlies(self, mode: str, inputs: Mapping[str, str]) -> Call:
        """A mode of the weekly test, with these inputs and other variables."""
        call = self._call("nightlies", mode, token="")
        return replace(call, environ={**call.environ, **inputs})

    def check(self, *arguments: str) -> Call:
        """Check what was built."""
        return self._call("check", *arguments, token="")

    def fetch(self, *arguments: str) -> Call:
        """Fetch a release."""
        return self._call("fetch", *arguments, token="")

    def _call(self, *arguments: str, token: str) -> Call:
        inputs = {"NIGHTLY_CACHE": str(self.cache), "INPUT_ANACONDA_NIGHTLY_UPLOAD_TOKEN": token}
        return Call((*LAUNCHER, *arguments), bare_environ(self.home) | inputs)


def part(python: Path, home: Path, module: str, *arguments: str) -> Call:
    """A module of the benchmark as a process of its own, where what it measures or makes is no whole command."""
    places = os.pathsep.join(str(ROOT / place) for place in (".", "scripts", "cleanup"))
    environ = bare_environ(home) | {"PYTHONPATH": places, "PYTHONUTF8": "1"}
    return Call((str(python), "-m", f"benchmarks.{module}", *arguments), environ)


@dataclass(frozen=True)
class AnacondaClient:
    """Run as scientific-python/upload-nightly-action runs it: with --force."""

    program: Path
    home: Path

    def upload(self, server: StandIn, wheels: Path) -> Call:
        """Upload a directory of wheels. What is there is deleted and sent again."""
        files = map(str, sorted(wheels.glob("*.whl")))
        options = ("--force", "--user", server.organization, "--label", "main")
        command = (str(self.program), "--token", server.token, "upload", *options, *files)
        return Call(command, self._environ(server))

    def _environ(self, server: StandIn) -> dict[str, str]:
        settings = self.home / ".continuum" / "anaconda-client" / "config.yaml"
        settings.parent.mkdir(parents=True, exist_ok=True)
        settings.write_text(f"url: {server.api_url}\n", encoding="utf-8")
        # It reports home about every command, unless told not to.
        quiet = {"OTEL_SDK_DISABLED": "true", "ANACONDA_TELEMETRY_ENABLED": "false"}
        return bare_environ(self.home) | quiet | {"PYTHONUTF8": "1"}
