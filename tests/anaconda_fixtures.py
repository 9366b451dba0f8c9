"""Fixtures: anaconda.org, and the real client for it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from anaconda_client import AnacondaClient, anaconda_program
from anaconda_server import AnacondaServer

pytest_plugins = ["launching"]


@pytest.fixture
def anaconda(tmp_path: Path) -> Iterator[AnacondaServer]:
    """anaconda.org with an organisation that has nothing."""
    with AnacondaServer(tmp_path / "anaconda.org") as server:
        yield server


@pytest.fixture
def anaconda_client(anaconda: AnacondaServer, tmp_path: Path) -> AnacondaClient:
    """The real anaconda-client, in an empty home, for that server."""
    return AnacondaClient(anaconda_program(), tmp_path / "home", anaconda)
