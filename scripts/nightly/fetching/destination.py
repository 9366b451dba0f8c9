"""Where files are uploaded to, and the index that serves them from there."""

from __future__ import annotations

import configparser
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from nightly.auth import is_safe_for_secrets, without_passwords
from nightly.errors import UserError, bad_input
from nightly.fetching.addresses import parse_index
from nightly.fetching.configured import configured_index
from nightly.fetching.refusing import not_answering
from nightly.fetching.simple_index import SimpleIndex
from nightly.http import Http
from nightly.http_errors import HttpError
from nightly.options import Input, true_or_false

UPLOAD_INPUTS = (
    Input(
        "upload",
        "false",
        "When all files are there, upload them with twine, whose user and password come from TWINE_USERNAME and "
        "TWINE_PASSWORD, or from .pypirc.",
        switch=True,
    ),
    Input("repository", "", "Where to: a section of .pypirc, or pypi."),
    Input("repository_url", "", "Where to: the URL that files are uploaded to."),
    Input(
        "repository_index",
        "",
        "The simple index that serves what was uploaded. If empty: +simple/ or simple/ below the URL that files are "
        "uploaded to, and for pypi the index that pip or uv is set up with.",
    ),
)

PYPI = "pypi"
_KNOWN = (PYPI, "testpypi")
"""What twine knows without a section."""

_PLACES = ("+simple/", "simple/")
"""Where servers have their index below the URL for uploads: devpi, and nearly all others."""


@dataclass(frozen=True)
class UploadOptions:
    """Where to upload to: a `repository` of the file `config`, or one that twine knows, or a URL alone.

    `url` is "" where only twine knows it, and `index` where it has to be found: for PYPI, it's the configured one.
    """

    repository: str
    url: str
    index: str = field(repr=False)
    config: Path


def upload_options(given: Mapping[str, str], environ: Mapping[str, str]) -> UploadOptions | None:
    """Where the inputs say to upload to; None where nothing is to be uploaded.

    Raises:
        UserError: an input's value isn't allowed.
    """
    wanted = true_or_false("upload", given["upload"])
    named = [each.flag for each in UPLOAD_INPUTS[1:] if given[each.name].strip()]
    if not wanted and not named:
        return None
    repository, url, index = (given[each.name].strip() for each in UPLOAD_INPUTS[1:])
    if not wanted or bool(repository) == bool(url):
        raise UserError(
            f"Where to upload to isn't clear from {', '.join(named) or 'the inputs'}.",
            title="Bad input",
            do="Give --upload, and either --repository or --repository-url.",
            exit_code=2,
        )
    config = pypirc(environ)
    place = _checked("repository_url", url) if url else _of_section(repository, config)
    if index:
        parse_index(index)
    elif not place and repository != PYPI:
        raise bad_input("repository_index", "", f"the URL of the simple index of {repository}, which isn't known here")
    return UploadOptions(repository, place, index, config)


def index_of(options: UploadOptions, environ: Mapping[str, str], http: Http) -> SimpleIndex:
    """The index that has what is uploaded there.

    Raises:
        UserError: it has to be named, or the server can't be asked.
    """
    named = options.index or ("" if options.url else configured_index(environ))
    if named:
        return SimpleIndex(parse_index(named), http)
    places = [f"{options.url.rstrip('/')}/{place}" for place in _PLACES]
    found = (SimpleIndex(parse_index(place), http) for place in places)
    index = next((each for each in found if _is_there(each, http)), None)
    if index is None:
        raise UserError(
            f"It isn't known which index serves what is uploaded to {options.repository or options.url}.",
            title="Which index?",
            means="What is there already has to be known before anything is sent. There is no index at "
            f"{' or '.join(places)}.",
            do="Name its simple index with --repository-index, and run this again. Nothing was sent.",
        )
    return index


def pypirc(environ: Mapping[str, str]) -> Path:
    """Where a user has the file that twine reads."""
    home = environ.get("USERPROFILE" if sys.platform == "win32" else "HOME")
    return Path(home or Path.home(), ".pypirc")


def _is_there(index: SimpleIndex, http: Http) -> bool:
    url = f"{index.name}/"
    try:
        with http.open("GET", url, auth=index.auth(url)) as response:
            return response.status_code == 200
    except HttpError as error:
        raise not_answering(index.name, error) from error


def _checked(name: str, url: str) -> str:
    """A URL that a password may be sent to, without one in it: it would be seen in the list of processes."""
    if not urlsplit(url).hostname or not is_safe_for_secrets(url) or "@" in urlsplit(url).netloc:
        allowed = "a URL that begins with https:// (http:// only to this machine), without a user or a password"
        raise bad_input(name, without_passwords(url), allowed)
    return url


def _of_section(name: str, config: Path) -> str:
    """The URL that a section has, "" where twine itself knows it."""
    parser = configparser.RawConfigParser()
    try:
        parser.read(config, encoding="utf-8")
        listed = parser.get("distutils", "index-servers", fallback=" ".join(_KNOWN)).split()
        url = parser.get(name, "repository", fallback="") if name in listed else ""
    except (configparser.Error, UnicodeDecodeError, OSError) as error:
        raise UserError(
            f"{config} can't be read.", title="Bad .pypirc", do="Mend it, or name the URL.", exit_code=2
        ) from error
    if url:
        return _checked("repository", url)
    if name not in _KNOWN:
        raise bad_input("repository", name, f"pypi, or a section with a `repository` that {config} has and lists")
    return ""
