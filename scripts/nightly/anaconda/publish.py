"""One run's writes to one organization: new names first and in parallel, then what is replaced."""

from __future__ import annotations

import dataclasses
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from contextlib import suppress
from datetime import datetime, timezone
from functools import partial

from nightly.anaconda.api import AnacondaWriter
from nightly.anaconda.deliver import Delivery
from nightly.anaconda.explain import explain
from nightly.anaconda.keeper import is_keeper, removable
from nightly.anaconda.place import Place
from nightly.anaconda.replace import NotReplaced, Replacement
from nightly.channel import Changed, Listing, Outcome, Progress, RemoteFile, State, Upload
from nightly.http_errors import HttpError, Unavailable
from nightly.retry import Breaker, retrying
from nightly.wheels import Wheel

_NOT_DOWN = (200, 404, 409)
_EXPECTED = (HttpError, Changed, OSError)
_AGAIN = "A rerun sends it again, and nothing that is there already."


class Publication:
    """Brings files into an organization."""

    def __init__(
        self, api: AnacondaWriter, seen: Mapping[str, Listing], labels: frozenset[str], progress: Progress
    ) -> None:
        self.api = api
        self.labels = labels
        self.progress = progress
        self.places = {project: Place(api, listing) for project, listing in seen.items()}
        self.littered = {listing.project for listing in seen.values() if any(map(is_keeper, listing.files))}
        self.breaker = Breaker(api.http.patience.failures_in_a_row)
        self.stopped = threading.Event()
        self.turns = threading.BoundedSemaphore(api.parallel)

    def run(self, uploads: Sequence[Upload]) -> Iterator[Outcome]:
        """Bring them in, each outcome as it is known. Interrupted, it finishes what it has begun."""
        fresh = [upload for upload in uploads if upload.replaces is None]
        others = [upload for upload in uploads if upload.replaces is not None]
        # While some files are on the wire, new ones are announced or committed, and old ones are saved.
        with ThreadPoolExecutor(2 * self.api.parallel - 1) as pool:
            for batch in (fresh, others):
                futures = [pool.submit(self._bring_in, upload) for upload in batch]
                yield from self._finished(futures, pool)
        self._tidy()

    def _finished(self, futures: Sequence[Future[Outcome]], pool: ThreadPoolExecutor) -> Iterator[Outcome]:
        try:
            for future in as_completed(futures):
                yield future.result()
        except BaseException:
            self.stopped.set()
            pool.shutdown(cancel_futures=True)
            raise

    def _bring_in(self, upload: Upload) -> Outcome:
        started = time.monotonic()
        if self.breaker.is_open:
            return _not_tried(upload.wheel)
        try:
            outcome = self._publish(self.places[upload.wheel.project], upload)
            self.breaker.answered()
        except (HttpError, Changed, NotReplaced, OSError) as error:
            if isinstance(error, NotReplaced) and not isinstance(error.__cause__, _EXPECTED):
                raise
            self._count(error)
            outcome = Outcome(upload.wheel, State.FAILED, f"{_reason(error)} {_AGAIN}")
        return dataclasses.replace(outcome, seconds=time.monotonic() - started)

    def _publish(self, place: Place, upload: Upload) -> Outcome:
        wheel, old = upload.wheel, upload.replaces
        if old is None:
            return self._deliver(place, wheel)
        if old.holds(wheel):
            return self._label(wheel, old)
        return self._replace(Replacement(place, wheel, self.labels, self.progress, old))

    def _deliver(self, place: Place, wheel: Wheel) -> Outcome:
        place.prepare(wheel)
        return Outcome(wheel, State.UPLOADED, url=Delivery(place, wheel, self.labels, self.progress).run().url)

    def _replace(self, replacement: Replacement) -> Outcome:
        """Save in good time, but have no more old files away at once than may be on the wire: none waits while away."""
        if not replacement.save():
            replacement.forget()
            return self._deliver(replacement.place, replacement.wheel)
        with self.turns:
            if self.stopped.is_set() or self.breaker.is_open:
                replacement.forget()
                return _not_tried(replacement.wheel)
            file = replacement.run()
        return Outcome(replacement.wheel, State.REPLACED, url=file.url, warning=replacement.warning)

    def _label(self, wheel: Wheel, file: RemoteFile) -> Outcome:
        missing = sorted(self.labels - file.labels)
        for label in missing:
            retrying(partial(self._add_label, file, label), self.api.http.patience)
        return Outcome(wheel, State.UPLOADED, f"It was there, and got the label {', '.join(missing)}.", url=file.url)

    def _add_label(self, file: RemoteFile, label: str, _tried: int) -> None:
        self.api.add_label(file, label)

    def _count(self, error: Exception) -> None:
        cause = error.__cause__ if isinstance(error, NotReplaced) else error
        if isinstance(cause, Unavailable) and cause.status not in _NOT_DOWN:
            self.breaker.failed()
        elif isinstance(cause, (HttpError, Changed)):
            self.breaker.answered()

    def _tidy(self) -> None:
        """Take away the keepers that nothing needs: this run's, and those of runs that were killed."""
        for place in self.places.values():
            if place.keeper or place.name in self.littered:
                # A keeper that can't go now goes at the next run; nobody installs it meanwhile.
                with suppress(HttpError):
                    self._tidy_up(place)

    def _tidy_up(self, place: Place) -> None:
        listing = self.api.package(place.name)
        for keeper in removable(listing, place.keeper, datetime.now(timezone.utc)) if listing else ():
            self.api.delete(keeper)


def _not_tried(wheel: Wheel) -> Outcome:
    return Outcome(wheel, State.FAILED, f"Not tried, because the service seems to be down. {_AGAIN}")


def _reason(error: Exception) -> str:
    if isinstance(error, Changed):
        return "Another run has put other bytes there since this one looked, and they were left alone."
    if isinstance(error, HttpError):
        return str(explain(error))
    if isinstance(error, NotReplaced):
        return f"{error} {_reason(error.__cause__)}" if isinstance(error.__cause__, _EXPECTED) else str(error)
    return str(error)
