"""Fixtures: GitHub, and how a job speaks to it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from github_server import REPOSITORY, GitHubServer
from nightly.github.api import GitHubReader, GitHubWriter
from nightly.http import Http, Token
from nightly.patience import Patience

PATIENCE = Patience(
    tries=4, first_wait=0.01, longest_wait=0.02, connect=5.0, silence=0.5, answer=5.0, index_lag=0.2, file_limit=30.0
)


@pytest.fixture
def github() -> Iterator[GitHubServer]:
    """GitHub with a repository that has nothing."""
    with GitHubServer() as server:
        yield server


@pytest.fixture
def reader(github: GitHubServer) -> GitHubReader:
    return GitHubReader(Http(PATIENCE), github.api_url, REPOSITORY, Token(github.token))


@pytest.fixture
def writer(github: GitHubServer) -> GitHubWriter:
    return GitHubWriter(Http(PATIENCE), github.api_url, REPOSITORY, Token(github.token))
