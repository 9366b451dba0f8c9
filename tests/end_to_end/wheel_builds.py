"""A driver repository that builds another one's source, a small C extension, by build-wheels.yml under act."""

from __future__ import annotations

import os
import platform
import re
import shlex
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from end_to_end.acting import REPOSITORY, Caller, GitHub
from end_to_end.outcomes import Job, Run
from nightly.cache import cache_dir
from nightly.tooling import tool
from nightly.venvs import ensure_venv
from repositories import Repository, new_repository

BUILDERS = Path(__file__).resolve().parent.parent / "tools" / "wheel-builders.txt"
"""Made from the `.in` beside it by `uv pip compile --universal --generate-hashes --no-header --no-annotate
--python-version 3.10 wheel-builders.in -o wheel-builders.txt`."""

NEEDED = [
    pytest.mark.skipif(sys.platform != "linux", reason="auditwheel repairs wheels of Linux, on Linux"),
    pytest.mark.skipif(sys.version_info < (3, 11), reason="cibuildwheel needs Python 3.11"),
    pytest.mark.skipif(shutil.which("cc") is None, reason="a C extension needs a compiler"),
]

SOURCE = "upstream/fast"
PYTHON = f"cp{sys.version_info.major}{sys.version_info.minor}"
LINUX = f"{PYTHON}-manylinux_{platform.machine()}"
TARGETS = (LINUX, f"{PYTHON}-macosx_arm64", f"{PYTHON}-win_amd64")

PYPROJECT = f"""\
[build-system]
requires = ["setuptools"]
build-backend = "setuptools.build_meta"

[project]
name = "fast-demo"
version = "1.3.0.dev0"
description = "A small C extension"
readme = "README.md"
license-files = ["LICENSE"]
requires-python = ">=3.{sys.version_info.minor}"

[tool.setuptools]
ext-modules = [{{name = "fast_demo", sources = ["fast_demo.c"]}}]
"""

MODULE = """\
#include <Python.h>

static PyObject *answer(PyObject *self, PyObject *args) { return PyLong_FromLong(ANSWER); }

static PyMethodDef methods[] = {{"answer", answer, METH_NOARGS, "The answer."}, {NULL, NULL, 0, NULL}};
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "fast_demo", NULL, -1, methods};

PyMODINIT_FUNC PyInit_fast_demo(void) { return PyModule_Create(&module); }
"""

FILES = {
    "pyproject.toml": PYPROJECT,
    "fast_demo.c": MODULE,
    "README.md": "# Fast\n",
    "LICENSE": "Do what you like.\n",
    "MANIFEST.in": "include LICENSE\n",
}

PATCH = 'echo "Bundled: nothing." >> LICENSE\n'
"""What a driver repository adds to the source, as some do with the licences of what they bundle."""

WORKFLOW = """\
on: [push, schedule]
jobs:
  build:
    uses: org/upload-nightly-action/.github/workflows/build-wheels.yml@main
    permissions: {contents: read}
    with:
      source_repository: upstream/fast
      source_ref: maintenance/1.3.x
      driver_config: wheels.toml
      source_patch: tools/patch.sh
      version_stamp: 1.3.0
      targets: TARGETS
      environment: |
        CFLAGS=-DANSWER=42
      test_command: python -c "import fast_demo; print('the answer is', fast_demo.answer())"
"""

CONFIG = """\
[tool.cibuildwheel]
build = "*"
"""

THEN = """\
if [ "$REPOSITORY" = upstream/fast ] && mkdir "$REPOSITORIES/moved" 2>/dev/null; then
  git -C "$REPOSITORIES/$REPOSITORY" -c user.name=a -c user.email=a@b commit --quiet --allow-empty -m Meanwhile
fi
"""
"""When the source has been checked out for the first time, for the plan, its branch moves on."""


@dataclass(frozen=True)
class Built:
    """What a run has made: `dist` is the artifact of all files, `sha` the commit that the branch was on at first."""

    github: GitHub
    run: Run
    artifacts: Path
    source: Repository
    sha: str

    @property
    def repositories(self) -> Path:
        """Where those are that jobs check out, as OWNER/NAME."""
        return self.source.path.parents[1]

    @property
    def dist(self) -> Path:
        return self.artifacts / "dist"

    @property
    def jobs(self) -> Mapping[str, Job]:
        """The jobs by their names, without the number that act gives to those of a matrix."""
        names = {full: re.sub(r"-\d+$", "", full.rpartition("/")[2]) for full in self.run.jobs}
        return {names[full]: job for full, job in self.run.jobs.items() if job.result}

    def job(self, name: str) -> Job:
        assert name in self.jobs, self.run.log
        return self.jobs[name]


def build_wheels(github: GitHub, workflow: str = WORKFLOW, event: str = "push", *options: str) -> Built:
    """Have a driver repository build the source, whose branch moves while it does."""
    root = github.directory / "build"
    repositories, artifacts = root / "repositories", root / "artifacts"
    artifacts.mkdir(parents=True)
    source = new_repository(repositories / SOURCE)
    source.commit(FILES)
    source.git("tag", "v1.2.0")
    source.git("switch", "--quiet", "--create", "maintenance/1.3.x")
    sha = source.commit({"README.md": "# Faster\n"})
    source.git("tag", "--annotate", "v1.3.0", "--message=1.3.0")
    new_repository(repositories / REPOSITORY).commit({"wheels.toml": CONFIG, "tools/patch.sh": PATCH})
    (repositories / "then").write_text(THEN, encoding="utf-8")
    runner = replace(github, repositories=repositories, programs=programs(root / "programs"))
    caller = Caller(workflow.replace("TARGETS", ", ".join(TARGETS)), artifacts=artifacts)
    return Built(github, runner.run(event, caller, *options), artifacts, source, sha)


def programs(directory: Path) -> Path:
    """A directory with the program `cibuildwheel`: see local_cibuildwheel.py."""
    builders = ensure_venv(BUILDERS, cache=cache_dir(os.environ, sys.platform))
    real, *_ = tool("cibuildwheel", os.environ)
    script = Path(__file__).with_name("local_cibuildwheel.py")
    directory.mkdir()
    program = directory / "cibuildwheel"
    python, place, ours, real = map(shlex.quote, (str(builders), str(builders.parent), str(script), real))
    call = f'REAL_CIBUILDWHEEL={real} PATH={place}:"$PATH" exec {python} {ours} "$@"'
    program.write_text(f"#!/bin/sh\n{call}\n", encoding="utf-8")
    program.chmod(0o755)
    return directory
