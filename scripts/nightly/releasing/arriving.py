"""Waiting until installers find on a channel what was published there: its index may be behind by minutes."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from dataclasses import dataclass

from packaging.tags import Tag
from packaging.utils import InvalidWheelFilename, parse_wheel_filename

from nightly.channel import Channel, RemoteFile
from nightly.downstream.running.shell import Deadline
from nightly.errors import UserError
from nightly.patience import Patience
from nightly.releasing.published import Published

_MOST_DOUBLINGS = 16
"""From there on, tries are as far apart as they get."""


@dataclass(frozen=True)
class Watch:
    """Who waits: an interpreter that takes wheels of these `tags`, for files that have all these `labels`."""

    channel: Channel
    labels: Collection[str]
    tags: frozenset[Tag]
    patience: Patience
    tell: Callable[[str], None]

    def wait_for(self, wanted: Published, until: Deadline) -> tuple[RemoteFile, ...]:
        """The files of this version that the interpreter takes, once the index has them all.

        Raises:
            UserError: there's none for this interpreter, or not all of them are there in time.
        """
        tried, said = 0, ""
        while True:
            fitting = self._fitting(wanted)
            missing = self._missing(wanted, fitting)
            if not missing:
                return fitting
            tried += 1
            pause = self.patience.wait(min(tried, _MOST_DOUBLINGS), None)
            if pause >= until.left:
                raise _late(missing)
            if missing != said:
                self.tell(f"Not yet: {missing}. Looking again until it is, for {until.left / 60:.0f} minutes at most.")
                said = missing
            time.sleep(pause)

    def _fitting(self, wanted: Published) -> tuple[RemoteFile, ...]:
        """Of the version's files those for this interpreter. Empty where it isn't there at all."""
        files = self.channel.listing(wanted.project).labelled(self.labels).files
        there = {file: tags for file in files if (tags := _tags(file.filename, wanted)) is not None}
        fitting = tuple(file for file, tags in there.items() if tags & self.tags)
        if there and not fitting:
            raise _not_for_here(wanted, [file.filename for file in there])
        return fitting

    def _missing(self, wanted: Published, fitting: Collection[RemoteFile]) -> str:
        """What isn't there yet, "" where all is."""
        if not fitting:
            return f"{self.channel.identity} has no {wanted.project} {wanted.version}"
        indexed = self.channel.indexed(wanted.project)
        names = [file.filename for file in fitting if file.filename not in indexed]
        return f"{self.channel.index_url} doesn't list {', '.join(names)}" if names else ""


def _tags(filename: str, wanted: Published) -> frozenset[Tag] | None:
    """The tags of a wheel of this version; None where it's none."""
    try:
        project, version, _, tags = parse_wheel_filename(filename)
    except InvalidWheelFilename:
        return None
    return tags if (project, version) == (wanted.project, wanted.version) else None


def _not_for_here(wanted: Published, there: list[str]) -> UserError:
    return UserError(
        f"No wheel of {wanted.project} {wanted.version} is for this Python on this system. The channel has:\n"
        + "\n".join(sorted(there)),
        title="No wheel for this system",
        means="It was built for other systems or other versions of Python than it's verified on.",
        do="Build it for this one too, or take this one out of the inputs os and python.",
    )


def _late(missing: str) -> UserError:
    return UserError(
        f"{missing}, and the time is up.",
        title="Not on the index",
        means="Usually the index is some minutes behind, and seldom hours; or what is looked for was published to "
        "another organization or label.",
        do="Look at the index in a browser. If it's there by now, run this job again.",
    )
