"""Durations, sizes, shares and days: as a policy writes them, and as a person reads them. Pure.

What can't be read is a ValueError that says what could.
"""

from __future__ import annotations

import re
from datetime import date, timedelta

_SECONDS = {"w": 604_800, "d": 86_400, "h": 3600, "m": 60, "s": 1}
_BYTES = {"B": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12}
_BYTES |= {"KIB": 2**10, "MIB": 2**20, "GIB": 2**30, "TIB": 2**40}

_DECIMAL = ("B", "kB", "MB", "GB", "TB")

_LONGEST = timedelta(days=36_500)


def parse_duration(text: str) -> timedelta:
    """A whole number of one unit, or 0."""
    match = re.fullmatch(r"([0-9]{1,9}) ?([wdhms])", text)
    duration = timedelta(seconds=int(match[1]) * _SECONDS[match[2]]) if match else None
    if text == "0":
        return timedelta()
    if duration is None or duration > _LONGEST:
        raise ValueError(
            f"{text!r} isn't a duration; write a whole number of weeks, days, hours, minutes or seconds: "
            f"2w, 30d, 24h, 90m, 45s, of at most {_LONGEST.days}d"
        )
    return duration


def parse_size(text: str) -> int:
    """A number of bytes, or of a multiple of them (20 GB is 20,000,000,000 and 20 GiB is 20 * 2**30)."""
    match = re.fullmatch(r"([0-9]{1,12}(?:\.[0-9]{1,3})?) ?([kKMGT]?i?B)?", text)
    if not match or not (size := round(float(match[1]) * _BYTES[(match[2] or "B").upper()])):
        raise ValueError(f"{text!r} isn't a size; write a number of bytes, or one with a unit: 500 MB, 20 GB, 8 GiB")
    return size


def parse_share(text: str) -> float:
    """A percentage above 0, as a share of 1."""
    match = re.fullmatch(r"([0-9]{1,3}(?:\.[0-9]{1,3})?) ?%", text)
    if not match or not 0 < float(match[1]) <= 100:
        raise ValueError(f"{text!r} isn't a share; write a percentage from above 0 % to 100 %, such as 30 %")
    return float(match[1]) / 100


def parse_day(text: str) -> date:
    """A day as ISO 8601 writes it."""
    try:
        if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise ValueError(f"{text!r} isn't a day; write it as YYYY-MM-DD")


def spell_duration(seconds: int) -> str:
    """In days, hours, minutes and seconds, the first of these that isn't 0 and the one after it: `30 d 12 h`."""
    counts: list[str] = []
    rest = abs(seconds)
    for unit in "dhms":
        count, rest = divmod(rest, _SECONDS[unit])
        counts.append(f"{count} {unit}" if count else "")
    first = next((index for index, count in enumerate(counts) if count), len(counts))
    return " ".join(filter(None, counts[first : first + 2])) or "0 s"


def spell_size(size: int) -> str:
    """In the decimal unit that leaves one to three digits before the point: `9.7 GB`."""
    exponent = min((len(str(abs(size))) - 1) // 3, len(_DECIMAL) - 1)
    return f"{round(size / 1000**exponent, 1 if exponent else None):g} {_DECIMAL[exponent]}"
