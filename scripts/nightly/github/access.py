"""Which repository is spoken to, where, and with which token: inputs, checked. Pure."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from nightly.auth import Token, is_safe_for_secrets
from nightly.errors import UserError, bad_input

API_URL = "https://api.github.com"


def api_url(name: str, value: str) -> str:
    """The API's address: GITHUB_API_URL, which a runner sets.

    Raises:
        UserError: it can't be; so do all functions here.
    """
    if not urlsplit(value).hostname or not is_safe_for_secrets(value):
        raise bad_input(name, value, "a URL that begins with https:// (http:// only to this machine)")
    return value.rstrip("/")


def repository_name(name: str, value: str) -> str:
    """A repository as GITHUB_REPOSITORY names it."""
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]*/(?!\.{1,2}$)[A-Za-z0-9_.-]+", value):
        raise bad_input(name, value, "a repository as OWNER/NAME")
    return value


def parse_token(secret: str) -> Token | None:
    """A token without the line end that a paste brings, or None. What can't be one is refused without showing it."""
    secret = secret.strip()
    if not re.fullmatch(r"[\x21-\x7e]*", secret):
        raise UserError(
            "The GitHub token holds spaces, line ends or characters that no token has.",
            title="Bad token",
            do="Pass ${{ github.token }}, or copy the secret again, alone and whole.",
            exit_code=2,
        )
    return Token(secret) if secret else None
