"""Publish two small wheels (or those given) to a directory, install one, publish again, replace one."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from packaging.tags import sys_tags

from nightly.errors import UserError
from nightly.making import make_wheel
from nightly.wheels import BadWheel, Wheel, read_wheel

SCRIPTS = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Demo:
    """The directories that a demonstration uses."""

    root: Path

    @property
    def wheels(self) -> Path:
        return self.root / "wheels"

    @property
    def site(self) -> Path:
        return self.root / "site"

    @property
    def installed(self) -> Path:
        return self.root / "installed"

    @property
    def summary(self) -> Path:
        return self.root / "summary.md"

    def publish(self) -> None:
        """Run the real command, as the action does."""
        self.summary.unlink(missing_ok=True)
        self._run("upload", "--artifacts-path", str(self.wheels), "--channel", str(self.site))

    def install(self, wheel: Wheel) -> None:
        """Install exactly this version from the channel, with pip."""
        index = (self.site / "simple").as_uri()
        pip = (sys.executable, "-I", "-m", "pip", "--isolated", "--disable-pip-version-check", "install")
        options = ("--root-user-action=ignore", "--no-deps", "--target", str(self.installed), "--index-url", index)
        _call((*pip, *options, f"{wheel.name}=={wheel.version}"), dict(os.environ))

    def _run(self, *arguments: str) -> None:
        inputs = {name for name in os.environ if name.startswith("INPUT_")}
        environ = {name: value for name, value in os.environ.items() if name not in inputs}
        environ["GITHUB_STEP_SUMMARY"] = str(self.summary)
        _call((sys.executable, "-I", "-X", "utf8", str(SCRIPTS), *arguments), environ)


def main(argv: Sequence[str]) -> int:
    """Show the whole loop. Returns 0, or 1 where a step failed."""
    try:
        return show(argv)
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return error.exit_code


def show(argv: Sequence[str]) -> int:
    """Show the whole loop.

    Raises:
        UserError: a wheel that was given isn't one, or a step failed.
    """
    if argv and argv[0] in {"-h", "--help"}:
        print(f"usage: python3 scripts demo [WHEEL...]\n\n{__doc__}")
        return 0
    demo = Demo(Path(tempfile.mkdtemp(prefix="upload-nightly-demo-")))
    wheels = _take(demo, argv) if argv else _make(demo)
    _say("1. Publish", "to a directory channel, as `channel: ./site` does in a workflow")
    demo.publish()
    _say("2. Install", "from it, with pip")
    _install_one(demo, wheels)
    _say("3. Publish again", "the same files: all are skipped")
    demo.publish()
    _say("4. Replace one", "by other bytes under the same name")
    _change(wheels[0].path)
    demo.publish()
    _say("5. The summary", "that this last run leaves on the workflow's page, as Markdown")
    print(demo.summary.read_text(encoding="utf-8"))
    _say("Look at", f"{demo.site}, and serve it with: python3 -m http.server --directory {demo.site}")
    return 0


def _make(demo: Demo) -> list[Wheel]:
    demo.wheels.mkdir()
    paths = [
        make_wheel(
            demo.wheels,
            name,
            "1.0.dev20260101",
            summary="Made for the demonstration",
            files={f"{name.replace('-', '_')}.py": f'print("This is {name}, installed from the channel.")\n'},
        )
        for name in ("demo-north", "demo-south")
    ]
    return [read_wheel(path) for path in paths]


def _take(demo: Demo, argv: Sequence[str]) -> list[Wheel]:
    demo.wheels.mkdir()
    try:
        return [read_wheel(Path(shutil.copy(path, demo.wheels))) for path in argv]
    except (BadWheel, OSError) as error:
        raise UserError(str(error), title="Bad input", exit_code=2) from error


def _install_one(demo: Demo, wheels: Sequence[Wheel]) -> None:
    here = set(sys_tags())
    fitting = next((wheel for wheel in wheels if wheel.tags & here), None)
    if fitting is None:
        print("Not done: none of these wheels is for this Python on this machine.")
        return
    demo.install(fitting)
    if fitting.project == "demo-north":
        _call((sys.executable, "-c", "import demo_north"), {**os.environ, "PYTHONPATH": str(demo.installed)})


def _change(path: Path) -> None:
    """Give the wheel other bytes with the same content: a comment of the archive."""
    with zipfile.ZipFile(path, "a") as archive:
        archive.comment = b"another night"


def _say(step: str, what: str) -> None:
    print(f"\n=== {step}: {what}\n", flush=True)


def _call(command: Sequence[str], environ: dict[str, str]) -> None:
    if subprocess.run(command, check=False, env=environ).returncode:
        raise UserError("This step failed; what it said is above.", title="Demo")
