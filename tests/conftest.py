"""Where the fixtures are that several tests share, and in which order tests start."""

from __future__ import annotations

import hypothesis
import pytest

pytest_plugins = ["anaconda_fixtures", "github_fixtures", "launching", "uploading", "cleaning", "jobs"]

hypothesis.settings.register_profile("untimed", deadline=None)  # no test is timed, as a machine may be busy
hypothesis.settings.load_profile("untimed")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests with a time limit of their own are long, and start first: at the end, all would wait for them."""
    items.sort(key=lambda item: item.get_closest_marker("timeout") is None)
