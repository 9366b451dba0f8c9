"""Ways in which GitHub, or what stands before it, fails: with its own words where it has any."""

from __future__ import annotations

from collections.abc import Mapping

from exchanges import Json, json_answer
from faults import Effect, HalfJson, Hang, HangAfter, ResetAfter, ResetBefore, Status, StatusAfter, Truncate

SECONDARY_LIMIT = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."


def error(status: int, message: str, headers: Mapping[str, str] | None = None) -> Status:
    """An error as GitHub words it."""
    content: Json = {"message": message, "documentation_url": "https://docs.github.com/rest", "status": str(status)}
    return Status(status, json_answer(content).body, headers or {}, "application/json; charset=utf-8")


BAD_CREDENTIALS = error(401, "Bad credentials")
INTERNAL_ERROR = error(500, "Server Error")
UNICORN = Status(502, b"<!DOCTYPE html><html><body><h1>Unicorn!</h1></body></html>", content_type="text/html")
TOO_MANY = error(429, "Too many requests", {"Retry-After": "0"})
SECONDARY = error(403, SECONDARY_LIMIT, {"Retry-After": "0"})

NOTHING_DONE: Mapping[str, Effect] = {
    "500": INTERNAL_ERROR,
    "502 in HTML": UNICORN,
    "429": TOO_MANY,
    "403, secondary limit": SECONDARY,
    "reset before": ResetBefore(),
    "hang before": Hang(),
}
"""Failures that pass, before what was asked for happens."""

DONE: Mapping[str, Effect] = {
    "502 after": StatusAfter(UNICORN),
    "reset after": ResetAfter(),
    "hang after": HangAfter(),
    "half an answer": Truncate(),
    "half of the JSON": HalfJson(),
}
"""Failures that pass, after it happened: the answer is lost."""

PASSING = {**NOTHING_DONE, **DONE}
