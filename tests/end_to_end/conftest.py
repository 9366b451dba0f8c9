"""Fixtures: act as GitHub, with this checkout as the action."""

from __future__ import annotations

from pathlib import Path

import pytest

from end_to_end.acting import GitHub, copy_checkout


@pytest.fixture(scope="session")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of this checkout, which runs of act share, and a cache for their pip."""
    return copy_checkout(tmp_path_factory.mktemp("checkout"))


@pytest.fixture(scope="session")
def pip_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Saves every run of act but the first the downloads from the registry."""
    return tmp_path_factory.mktemp("pip-cache")


@pytest.fixture
def github(tmp_path: Path, checkout: Path, pip_cache: Path) -> GitHub:
    return GitHub(tmp_path, checkout, pip_cache)
