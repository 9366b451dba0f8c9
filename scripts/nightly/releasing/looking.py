"""Looking at what other places have of a release: the index that it goes to, the staging index, and the run."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

from nightly.building.records import BuiltFile
from nightly.downloading import download
from nightly.errors import UserError
from nightly.fetching.files import IndexFile, Source
from nightly.github.api import GitHubReader
from nightly.http import Http
from nightly.http_errors import HttpError
from nightly.releasing.evidence import Indexed, Looked, SeenRun

AT_ONCE = 8
"""How many files are fetched at once."""


def listed(source: Source, project: str) -> Looked:
    """What an index lists of a project, with the hashes that it tells."""
    try:
        return Looked(source.name, tuple(Indexed(each.filename, each.sha256) for each in source.files(project)))
    except UserError as error:
        return Looked(source.name, trouble=error.what)


def fetched(source: Source, project: str, files: Sequence[BuiltFile], http: Http) -> Looked:
    """What an index really serves under the names of these files, whatever hashes it tells."""
    sizes = {file.filename: file.size for file in files}
    try:
        found = [each for each in source.files(project) if each.filename in sizes]
        with ThreadPoolExecutor(AT_ONCE) as pool:
            hashed = pool.map(lambda each: _served(each, sizes[each.filename], http), found)
            return Looked(source.name, tuple(hashed))
    except UserError as error:
        return Looked(source.name, trouble=error.what)
    except (HttpError, OSError) as error:
        return Looked(source.name, trouble=str(error))


def seen_run(github: GitHubReader, run_id: int) -> SeenRun:
    """What GitHub tells of a run."""
    try:
        run = github.run(run_id)
    except HttpError as error:
        return SeenRun(run_id, github.repository, trouble=str(error))
    return SeenRun(run_id, github.repository, run.head or "", run.event, run.conclusion or "")


def _served(file: IndexFile, size: int, http: Http) -> Indexed:
    return Indexed(file.filename, download(http, file.url, lambda chunks: _sha256(chunks, size)))


def _sha256(chunks: Iterator[bytes], size: int) -> str:
    """The hash of the bytes, or of their beginning as soon as they are more than they ought to be."""
    digest, count = hashlib.sha256(), 0
    for chunk in chunks:
        digest.update(chunk)
        count += len(chunk)
        if count > size:
            break
    return digest.hexdigest()
