"""The index that the user's pip or uv is set up with. Its URL may hold a password: it's never printed."""

from __future__ import annotations

from collections.abc import Mapping

from nightly import pip
from nightly.errors import UserError

_OF_UV = ("UV_DEFAULT_INDEX", "UV_INDEX_URL")


def configured_index(environ: Mapping[str, str]) -> str:
    """Its URL: of pip's variable, of uv's, of pip's configuration files, else the one that pip has of itself.

    Raises:
        UserError: pip is told to use none, or can't be asked.
    """
    if url := environ.get("PIP_INDEX_URL"):
        return url
    for name in _OF_UV:
        if url := environ.get(name):
            return url.partition("=")[2] if _is_named(url) else url
    settings = pip.settings(environ)
    if "no-index" in settings and "index-url" not in settings:
        raise UserError(
            "pip is set up to use no index, so it can't be told where to fetch from.",
            title="No index",
            do="Say where by --index, --channel or --run.",
            exit_code=2,
        )
    return settings.get("index-url") or pip.default_index(environ)


def _is_named(url: str) -> bool:
    """Whether it's NAME=URL, as uv takes it too."""
    return "=" in url.partition("://")[0]
