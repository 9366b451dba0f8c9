"""The real anaconda-client, installed by the tests themselves, to be run against the stand-in of its server."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from anaconda_server import AnacondaServer
from nightly.cache import cache_dir
from nightly.venvs import ensure_venv

LOCK = Path(__file__).with_name("anaconda-client.txt")
"""Made from the `.in` beside it by `uv pip compile --universal --generate-hashes --no-header --no-annotate
--python-version 3.10 anaconda-client.in -o anaconda-client.txt`."""


@dataclass(frozen=True)
class AnacondaClient:
    """anaconda-client as a user of one server runs it, in a home where nothing else is."""

    program: Path
    home: Path
    server: AnacondaServer

    def run(self, *arguments: str, token: str = "") -> subprocess.CompletedProcess[str]:
        """Run `anaconda`, by default with the token of the server's owner. Its exit code isn't checked."""
        command = [str(self.program), "-t", token or self.server.token, *arguments]
        return subprocess.run(
            command, env=self._environment(), stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
        )

    def upload(self, *wheels: Path, options: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
        """Upload to the server's organisation."""
        return self.run("upload", "-u", self.server.organization, *options, *map(str, wheels))

    def _environment(self) -> dict[str, str]:
        settings = self.home / ".continuum" / "anaconda-client" / "config.yaml"
        settings.parent.mkdir(parents=True, exist_ok=True)
        settings.write_text(f"url: {self.server.api_url}\n")
        kept = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT", "TEMP") if name in os.environ}
        # It reports home about every command, unless told not to.
        quiet = {"OTEL_SDK_DISABLED": "true", "ANACONDA_TELEMETRY_ENABLED": "false", "COLUMNS": "400"}
        return kept | quiet | {"HOME": str(self.home), "USERPROFILE": str(self.home), "PYTHONUTF8": "1"}


@cache
def anaconda_program() -> Path:
    """The program `anaconda`, in an environment that's made once for each lock and interpreter."""
    python = ensure_venv(LOCK, cache=cache_dir(os.environ, sys.platform))
    return python.with_name("anaconda.exe" if sys.platform == "win32" else "anaconda")
