"""Fixtures: act as GitHub, with this checkout as the action."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from end_to_end.acting import GitHub, copy_checkout
from end_to_end.wheel_builds import Built, build_wheels
from nightly.cache import cache_dir


@pytest.fixture(scope="session")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What actions and workflows need of this checkout, which runs of act share: act copies it for every step."""
    return copy_checkout(tmp_path_factory.mktemp("checkout"), "action.yml", ".github", "cleanup", "scripts")


@pytest.fixture(scope="session")
def pip_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Saves every run of act but the first the downloads from the registry."""
    return tmp_path_factory.mktemp("pip-cache")


@pytest.fixture(scope="session")
def blank(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with pip and nothing else, of which jobs get copies: a copy is there sooner than a new one."""
    directory = tmp_path_factory.mktemp("blank") / "python"
    subprocess.run([sys.executable, "-I", "-m", "venv", str(directory)], check=True)
    return directory


@pytest.fixture
def bare_github(tmp_path: Path, checkout: Path, pip_cache: Path, blank: Path) -> GitHub:
    """As GitHub's own runners are: each step of ours installs anew what it needs."""
    return GitHub(tmp_path, checkout, pip_cache, blank)


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory, checkout: Path, pip_cache: Path, blank: Path) -> Built:
    """What build-wheels.yml makes of a tag of another repository: an artifact of all files. Nobody may change it."""
    settings = {"NIGHTLY_CACHE": str(cache_dir(os.environ, sys.platform))}
    return build_wheels(GitHub(tmp_path_factory.mktemp("built"), checkout, pip_cache, blank, settings=settings))


@pytest.fixture
def github(bare_github: GitHub, pip_cache: Path) -> GitHub:
    """A runner that keeps it."""
    return replace(bare_github, settings={"NIGHTLY_CACHE": str(pip_cache / "kept")})
