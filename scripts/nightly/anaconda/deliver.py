"""Bringing one file in: stage, send, commit, and all of it again from the stage when something breaks on the way."""

from __future__ import annotations

from collections.abc import Callable

from nightly.anaconda.api import AnacondaWriter
from nightly.anaconda.place import Place
from nightly.anaconda.records import Stage
from nightly.channel import Changed, RemoteFile
from nightly.http_errors import Refused, Unavailable
from nightly.patience import Patience
from nightly.retry import retrying
from nightly.wheels import Wheel

Sent = Callable[[int], None]


class Delivery:
    """A file that comes in under a new name."""

    def __init__(self, place: Place, wheel: Wheel, labels: frozenset[str], sent: Sent) -> None:
        self.place = place
        self.api: AnacondaWriter = place.api
        self.wheel = wheel
        self.labels = labels
        self.sent = sent

    def run(self) -> RemoteFile:
        """Bring it in.

        Raises:
            Unavailable, Refused, Changed: the server hasn't got it.
        """
        return self.within(self.api.http.patience)

    def within(self, patience: Patience) -> RemoteFile:
        """The same, with other patience than that of every request."""
        file = retrying(self._attempt, patience)
        self.place.arrived(self.wheel)
        return file

    def there(self) -> RemoteFile | None:
        """What the server has now under the file's name."""
        return self.api.file_now(self.place.name, self.wheel.version, self.wheel.filename)

    def _attempt(self, tried: int) -> RemoteFile:
        if tried > 1 and (there := self.there()) and there.holds(self.wheel):
            return there  # only the answer was lost
        stage = self._stage()
        self.api.send(stage, self.wheel, self.sent)
        try:
            return self.api.commit(self.place.name, self.wheel, stage)
        except Refused as error:
            if error.status not in (404, 409):
                raise
            # 404: the stage was collected with its release (upload-nightly-action#77), and a new one is needed.
            # 409: another run was faster, maybe with the same bytes.
            raise Unavailable(error.request, error.reason, error.status) from error

    def _stage(self) -> Stage:
        try:
            return self._announce()
        except Refused as error:
            if error.status != 409:
                raise
            return self._make_way(error)

    def _announce(self) -> Stage:
        try:
            return self.api.stage(self.place.name, self.wheel, self.labels)
        except Refused as error:
            if error.status != 404:
                raise
        # The release was collected meanwhile, and is made again: here, or by another job just now.
        self.place.repair(self.wheel)
        return self.api.stage(self.place.name, self.wheel, self.labels)

    def _make_way(self, conflict: Refused) -> Stage:
        self._other_bytes(conflict)
        raise Changed

    def _other_bytes(self, conflict: Refused) -> RemoteFile:
        """The file that is in the way. Another run's upload of these very bytes isn't: it is waited for."""
        there = self.there()
        if there is None or there.holds(self.wheel):
            raise Unavailable(conflict.request, conflict.reason, conflict.status)
        return there
