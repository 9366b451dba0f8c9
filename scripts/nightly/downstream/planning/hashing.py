"""The hash of a wheel whose channel tells none: it's downloaded as an installer will do it, and not kept."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from nightly.downloading import download
from nightly.downstream.records.plan import Package, State
from nightly.errors import UserError
from nightly.http import Http
from nightly.http_errors import Refused, Unavailable
from nightly.patience import Patience

_PARALLEL = 4


class LostWheel(Exception):
    """The channel lists a wheel, but nobody can download it (scipy/scipy#21623). The message says why."""


HashWheel = Callable[[str], str]
"""The sha256 of the wheel at a URL. Raises LostWheel, or UserError where the channel doesn't answer."""


def with_hashes(packages: Sequence[Package], hash_wheel: HashWheel) -> tuple[Package, ...]:
    """The same, with the hash of each planned wheel. One that can't be downloaded counts as absent.

    Raises:
        UserError: the channel doesn't answer.
    """
    with ThreadPoolExecutor(_PARALLEL) as pool:
        return tuple(pool.map(lambda package: _with_hash(package, hash_wheel), packages))


def without_lost(packages: Sequence[Package], hash_wheel: HashWheel) -> tuple[Package, ...]:
    """The same, but for planned wheels that can't be downloaded: they count as absent.

    Raises:
        UserError: the channel doesn't answer.
    """
    tried = with_hashes([replace(package, sha256=None) for package in packages], hash_wheel)
    return tuple(now if now.state is not before.state else before for before, now in zip(packages, tried, strict=True))


def wheel_hasher(patience: Patience) -> HashWheel:
    """Hashes wheels at https, http (of this machine) and file URLs."""
    http = Http(patience, _PARALLEL)
    return lambda url: _sha256_of(url, http)


def _with_hash(package: Package, hash_wheel: HashWheel) -> Package:
    if not package.is_planned or package.sha256 or package.url is None:
        return package
    try:
        return replace(package, sha256=hash_wheel(package.url))
    except LostWheel as lost:
        said = f"the channel lists {package.filename}, but it can't be downloaded: {lost}"
        return Package(package.name, State.ABSENT, said, stable=package.stable)


def _sha256_of(url: str, http: Http) -> str:
    try:
        return download(http, url, _sha256)
    except (OSError, Refused) as error:
        raise LostWheel(str(error)) from error
    except Unavailable as error:
        raise UserError(
            str(error),
            title="The channel can't be used",
            means="The channel tells no hash of this wheel, so it has to be downloaded, and that didn't work for as "
            "long as we were patient.",
            do="Run this job again later.",
        ) from error


def _sha256(chunks: Iterable[bytes]) -> str:
    digest = hashlib.sha256()
    for chunk in chunks:
        digest.update(chunk)
    return digest.hexdigest()
