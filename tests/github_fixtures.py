"""Fixtures: GitHub, and how a job speaks to it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from faults import Hang, HangAfter
from github_server import REPOSITORY, GitHubServer
from nightly.auth import Token
from nightly.github.api import GitHubReader, GitHubWriter
from nightly.http import Http
from nightly.patience import Patience

PATIENCE = Patience(tries=4, first_wait=0.01, longest_wait=0.02, index_lag=0.6, file_limit=50.0)
_SILENCE = 0.5


@pytest.fixture
def github() -> Iterator[GitHubServer]:
    """GitHub with a repository that has nothing."""
    with GitHubServer() as server:
        yield server


@pytest.fixture
def patience(request: pytest.FixtureRequest) -> Patience:
    """Only a test whose `effect` is to hang has no time: a slow machine must not be taken for a failure."""
    parameters = request.node.callspec.params if hasattr(request.node, "callspec") else {}
    hangs = isinstance(parameters.get("effect"), (Hang, HangAfter))
    return replace(PATIENCE, silence=_SILENCE) if hangs else PATIENCE


@pytest.fixture
def reader(github: GitHubServer, patience: Patience) -> GitHubReader:
    return GitHubReader(Http(patience), github.api_url, REPOSITORY, Token(github.token))


@pytest.fixture
def writer(github: GitHubServer, patience: Patience) -> GitHubWriter:
    return GitHubWriter(Http(patience), github.api_url, REPOSITORY, Token(github.token))
