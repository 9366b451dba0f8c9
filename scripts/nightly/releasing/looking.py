"""Looking at what other places have of a release: the index that it goes to, the staging index, and the run."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

from nightly.building.records import BuiltFile
from nightly.downloading import download
from nightly.errors import UserError
from nightly.fetching.files import IndexFile, Source
from nightly.github.api import GitHubReader
from nightly.http import Http
from nightly.http_errors import HttpError
from nightly.patience import Patience
from nightly.releasing.evidence import Indexed, Looked, SeenRun

AT_ONCE = 8
"""How many files are fetched at once."""

_POLL = 5.0
"""In seconds."""


def listed(source: Source, project: str) -> Looked:
    """What an index lists of a project, with the hashes that it tells."""
    try:
        return Looked(source.name, tuple(Indexed(each.filename, each.sha256) for each in source.files(project)))
    except UserError as error:
        return Looked(source.name, trouble=error.what)


def fetched(source: Source, project: str, files: Sequence[BuiltFile], http: Http) -> Looked:
    """What an index really serves under the names of these files, whatever hashes it tells. It may lag a while."""
    sizes = {file.filename: file.size for file in files}
    try:
        found = _when_there(source, project, sizes, http.patience)
        with ThreadPoolExecutor(AT_ONCE) as pool:
            hashed = pool.map(lambda each: _served(source, each, sizes[each.filename], http), found)
            return Looked(source.name, tuple(hashed))
    except UserError as error:
        return Looked(source.name, trouble=error.what)
    except (HttpError, OSError) as error:
        return Looked(source.name, trouble=str(error))


def _when_there(source: Source, project: str, names: Collection[str], patience: Patience) -> list[IndexFile]:
    """The files of these names: all of them, or those that are there when patience is at its end."""
    deadline = time.monotonic() + patience.index_lag
    while True:
        found = [each for each in source.files(project) if each.filename in names]
        if len(found) >= len(names) or time.monotonic() > deadline:
            return found
        time.sleep(min(_POLL, patience.index_lag / 10))


def seen_run(github: GitHubReader, run_id: int) -> SeenRun:
    """What GitHub tells of a run."""
    try:
        run = github.run(run_id)
    except HttpError as error:
        return SeenRun(run_id, github.repository, trouble=str(error))
    return SeenRun(run_id, github.repository, run.head or "", run.event, run.conclusion or "")


def _served(source: Source, file: IndexFile, size: int, http: Http) -> Indexed:
    return Indexed(file.filename, download(http, file.url, lambda chunks: _sha256(chunks, size), source.auth))


def _sha256(chunks: Iterator[bytes], size: int) -> str:
    """The hash of the bytes, or of their beginning as soon as they are more than they ought to be."""
    digest, count = hashlib.sha256(), 0
    for chunk in chunks:
        digest.update(chunk)
        count += len(chunk)
        if count > size:
            break
    return digest.hexdigest()
