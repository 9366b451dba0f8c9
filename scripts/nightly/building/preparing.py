"""What a build is given beside its source, as inputs: variables, and the nightlies that it's built against."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from nightly.building.variables import nightly_variables, parse_environment, project_names
from nightly.channels import open_channel
from nightly.downstream.planning.channels_asked import CHANNELS_INPUTS, channels_asked
from nightly.options import Input
from nightly.patience import Patience

ENVIRONMENT = Input("environment", "", "Variables for building and testing, as NAME=VALUE, a line each.")
NIGHTLY_DEPS = Input("nightly_deps", "", "The dependencies whose nightlies are built and tested against.")
CHANNELS = Input("channels", "scientific-python-nightly-wheels", "The channels with those nightlies.")
INDEX_URL = Input("anaconda_index_url", "https://pypi.anaconda.org", "Where the indexes are.")

GIVEN_INPUTS = (ENVIRONMENT, NIGHTLY_DEPS, CHANNELS, INDEX_URL)


@dataclass(frozen=True)
class Given:
    """What the caller gives to a build: its own variables, and which projects' nightlies come from which indexes."""

    environment: Mapping[str, str]
    projects: tuple[str, ...] = ()
    indexes: tuple[str, ...] = field(default=())

    def variables(self, environ: Mapping[str, str]) -> dict[str, str]:
        """All of its variables; `environ` are those that are there already."""
        known = {**environ, **self.environment}
        return {**self.environment, **nightly_variables(self.projects, self.indexes, known)}


def given_asked(given: Mapping[str, str], patience: Patience) -> Given:
    """What the inputs give.

    Raises:
        UserError: one of them can't be.
    """
    projects = project_names(given[NIGHTLY_DEPS.name])
    return Given(
        environment=parse_environment(given[ENVIRONMENT.name]),
        projects=projects,
        indexes=_indexes(given, patience) if projects else (),
    )


def _indexes(given: Mapping[str, str], patience: Patience) -> tuple[str, ...]:
    defaults = {each.name: each.default for each in CHANNELS_INPUTS}
    asked = {name: given[name] for name in (CHANNELS.name, INDEX_URL.name)}
    options = channels_asked({**defaults, **asked}, {})
    return tuple(open_channel(each, patience, print).index_url for each in options)
