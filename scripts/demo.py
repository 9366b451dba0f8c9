"""Publish and replace small wheels, clean up after forty pretended nights, and test a project against nightlies."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from functools import partial
from itertools import groupby
from pathlib import Path

from packaging.tags import sys_tags

from nightly.channel import Upload
from nightly.demonstrating import Week
from nightly.directory.writing import WritableDirectoryChannel
from nightly.errors import UserError
from nightly.making import make_wheel
from nightly.wheels import BadWheel, Wheel, read_wheel

SCRIPTS = Path(__file__).resolve().parent


NIGHTS = 40
_SHOWN = 4
LINUX, WINDOWS = "cp313-cp313-manylinux_2_28_x86_64", "cp313-cp313-win_amd64"


@dataclass(frozen=True)
class Pretended:
    """A project of the pretended nights: `{day}` in its version is the night's date; each tag has its last night."""

    name: str
    version: str
    tags: Mapping[str, int]

    def built(self, directory: Path, night: int, day: datetime) -> list[Wheel]:
        """The night's wheels, which are there only while they are published."""
        version = self.version.format(day=f"{day:%Y%m%d}")
        tags = [tag for tag, last in self.tags.items() if night <= last]
        files = {"night.txt": f"{day:%Y-%m-%d}"}
        made = [make_wheel(directory, self.name, version, summary="Pretended", tag=tag, files=files) for tag in tags]
        return [read_wheel(path) for path in made]


PROJECTS = (
    Pretended("demo-steady", "2.0.dev{day}", {LINUX: NIGHTS, WINDOWS: NIGHTS}),
    Pretended("demo-fixed", "1.5.dev0", {LINUX: NIGHTS, "cp310-cp310-manylinux_2_28_x86_64": 12}),
    Pretended("demo-quiet", "0.9.dev{day}", {LINUX: 28, WINDOWS: 15}),
)


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
    def nights(self) -> Path:
        return self.root / "nights"

    @property
    def policy(self) -> Path:
        return self.root / "policy.yml"

    @property
    def plan_file(self) -> Path:
        return self.root / "plan.json"

    @property
    def summary(self) -> Path:
        return self.root / "summary.md"

    def publish(self) -> None:
        """Run the real command, as the action does."""
        self._run("upload", "--artifacts-path", str(self.wheels), "--channel", str(self.site))

    def install(self, wheel: Wheel) -> None:
        """Install exactly this version from the channel, with pip."""
        index = (self.site / "simple").as_uri()
        pip = (sys.executable, "-I", "-m", "pip", "--isolated", "--disable-pip-version-check", "install")
        options = ("--root-user-action=ignore", "--no-deps", "--target", str(self.installed), "--index-url", index)
        _call((*pip, *options, f"{wheel.name}=={wheel.version}"), dict(os.environ))

    def publish_nights(self) -> None:
        """Publish one night after another, the last one yesterday, by a clock that is told the night."""
        today = datetime.now(timezone.utc).replace(hour=3, minute=0, second=0, microsecond=0)
        for night in range(1, NIGHTS + 1):
            day = today - timedelta(days=NIGHTS + 1 - night)
            channel = WritableDirectoryChannel(self.nights, clock=partial(day.astimezone, timezone.utc))
            built = [wheel for project in PROJECTS for wheel in project.built(self.wheels, night, day)]
            there = {file.filename: file for each in PROJECTS for file in channel.listing(each.name).files}
            for _ in channel.publish([Upload(wheel, there.get(wheel.filename)) for wheel in built], _unwatched):
                pass

    def plan(self) -> str:
        """Plan the cleanup. Returns the digest of what would go."""
        self.policy.write_text("keep: 5\nmax_age: 30d\n", encoding="utf-8")
        where = ("--channel", str(self.nights), "--policy", str(self.policy))
        self._run("cleanup", "plan", *where, "--output", str(self.plan_file))
        return str(json.loads(self.plan_file.read_text(encoding="utf-8"))["digest"])

    def apply(self, *confirmed: str, code: int) -> None:
        """Carry the plan out, which ends with this exit code."""
        where = ("--channel", str(self.nights), "--policy", str(self.policy))
        self._run("cleanup", "apply", str(self.plan_file), *where, *confirmed, code=code)

    def explain(self, project: str) -> None:
        """Say why the files of a project stay."""
        self._run("cleanup", "explain", project, "--channel", str(self.nights), "--policy", str(self.policy))

    def week(self) -> Path:
        """Run a week's jobs of a toy project. Returns the file of the issue's text."""
        return Week(
            self.root / "week", lambda arguments, environ: _call(_ours(*arguments), {**_plain(), **environ}, 0, 1)
        ).run()

    def _run(self, *arguments: str, code: int = 0) -> None:
        self.summary.unlink(missing_ok=True)
        _call(_ours(*arguments), _plain() | {"GITHUB_STEP_SUMMARY": str(self.summary)}, code)


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
    _show_cleanup(demo)
    _show_week(demo)
    _say("Look at", f"{demo.root}, and serve a channel with: python3 -m http.server --directory {demo.nights}")
    return 0


def _show_cleanup(demo: Demo) -> None:
    _say("6. Forty nights", "of a steady project, of one with a fixed version, and of one that goes quiet")
    demo.publish_nights()
    _say("7. Plan the cleanup", "which deletes nothing, and says of every file why it stays or goes")
    digest = demo.plan()
    print(demo.summary.read_text(encoding="utf-8").partition("<details>")[0])
    _say("8. Apply the plan", "so much at once that a limit stops it")
    demo.apply(code=3)
    _say("9. Apply it all the same", "because somebody has looked, and confirms exactly this set")
    demo.apply("--confirm", digest, code=0)
    _say("10. What stays, and why", "of the project that went quiet and lost Windows before")
    demo.explain("demo-quiet")


def _show_week(demo: Demo) -> None:
    _say("11. A project tests against nightlies", "one of which breaks it, and finds out which")
    issue = demo.week()
    _say("12. The issue", "that a scheduled run in a workflow opens, as Markdown")
    print(issue.read_text(encoding="utf-8"))


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


def _shortened(lines: Sequence[str]) -> Iterator[str]:
    """The lines, but of many that begin alike only the first."""
    for _, group in groupby(lines, key=lambda line: re.findall(r"^ *\w*", line)):
        alike = list(group)
        yield from alike[:_SHOWN]
        if len(alike) > _SHOWN:
            yield f"    ... and {len(alike) - _SHOWN} more"


def _unwatched(_sent: int) -> None:
    """Nobody watches the bytes of pretended nights."""


def _ours(*arguments: str) -> Sequence[str]:
    return (sys.executable, "-I", "-X", "utf8", str(SCRIPTS), *arguments)


def _plain() -> dict[str, str]:
    """The environment without what a runner has set for this very step: inputs, and a place to install anew."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("INPUT_", "RUNNER_TEMP"))}


def _call(command: Sequence[str], environ: dict[str, str], *codes: int) -> None:
    """Run a command, show what it says, and expect it to end with one of these codes; with 0, if none is given."""
    done = subprocess.run(command, check=False, env=environ, stdout=subprocess.PIPE, encoding="utf-8")
    print("\n".join(_shortened(done.stdout.splitlines())), flush=True)
    if done.returncode not in (codes or (0,)):
        raise UserError("This step failed; what it said is above.", title="Demo")
