"""Opening what files are fetched from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from nightly.channels import ChannelOptions, Tell, open_channel
from nightly.fetching.addresses import parse_index
from nightly.fetching.channel_source import ChannelSource
from nightly.fetching.configured import configured_index
from nightly.fetching.files import Source
from nightly.fetching.options import Where
from nightly.fetching.run_artifacts import RunOptions, opened_run
from nightly.fetching.simple_index import SimpleIndex
from nightly.http import Http


@contextmanager
def opened(where: Where, http: Http, environ: Mapping[str, str], tell: Tell) -> Iterator[Source]:
    """What the options name.

    Raises:
        UserError: it can't be used.
    """
    if isinstance(where, RunOptions):
        with opened_run(where, http.patience) as source:
            yield source
    elif isinstance(where, ChannelOptions):
        yield ChannelSource(open_channel(where, http.patience, tell), where.wanted_labels)
    else:
        yield SimpleIndex(parse_index(where or configured_index(environ)), http)
