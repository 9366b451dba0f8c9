"""Which version is asked for: none, one that grows by a word, perhaps behind the next release, or just it. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

from packaging.version import InvalidVersion, Version

from nightly.errors import UserError, bad_input

INPUT = "version_stamp"


class Form(Enum):
    """What the number behind `.dev` is, of the commit: its date, that with the hour, or how many came before it."""

    DATE = "dev-date"
    HOUR = "dev-hour"
    COUNT = "dev-count"


NONE = "none"
ALLOWED = f"{NONE}, {', '.join(form.value for form in Form)}, one of these behind the next release, or a version"
_GROWING = re.compile(rf"(?:(?P<release>.+)\.)?(?P<form>{'|'.join(form.value for form in Form)})")


@dataclass(frozen=True)
class Wanted:
    """A version that grows has a form, and perhaps the next release; one without a form is the version itself."""

    form: Form | None
    version: Version | None


def parse_wanted(text: str) -> Wanted | None:
    """What is asked for: `none` (None), `dev-date`, `1.3.0.dev-date` or `1.3.0.dev5`, for example.

    Raises:
        UserError: it's none of these.
    """
    text = text.strip()
    if text in {"", NONE}:
        return None
    if text.endswith((".whl", ".tar.gz")):
        raise _is_built(text)
    growing = _GROWING.fullmatch(text)
    if growing is None:
        return Wanted(None, _version(text, text))
    release = _version(growing["release"], text) if growing["release"] else None
    if release and (release.is_devrelease or release.local):
        raise bad_input(INPUT, text, "before the form a release, such as 1.3.0.dev-date")
    return Wanted(Form(growing["form"]), release)


def _version(text: str, given: str) -> Version:
    try:
        return Version(text)
    except InvalidVersion as error:
        raise bad_input(INPUT, given, f"{ALLOWED} as PEP 440 has it (1.3.0, 1.3.0.dev-date, 1.3.0.dev5)") from error


def _is_built(text: str) -> UserError:
    return UserError(
        f"{text!r} is built already, and a built file gets no other version.",
        title="Built already",
        means="Its name, its directory and its METADATA would disagree: pip refuses such a wheel, and uv installs it.",
        do="Stamp the source, then build.",
        exit_code=2,
    )
