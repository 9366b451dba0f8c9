"""A plan as JSON, there and back. Pure.

The same plan is always the same text. A text is believed only if it's a plan to the letter: it says what is deleted.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from datetime import datetime, timezone
from typing import TypeVar

from nightly.channel import RemoteFile
from nightly.json_types import Json
from plan import Plan, Unread
from reasons import RULES, Figures, spell
from retention import Decision, Verdict

_FORMAT = 1

T = TypeVar("T")


class BadPlan(ValueError):
    """What keeps a text from being a plan."""


def plan_json(plan: Plan) -> str:
    """Times are in UTC, sizes in bytes; what isn't known is null."""
    content = {
        "format": _FORMAT,
        "channel": plan.channel,
        "labels": list(plan.labels),
        "policy": plan.policy,
        "now": plan.now.astimezone(timezone.utc).isoformat(),
        "digest": plan.digest,
        "doubts": list(plan.doubts),
        "unread": [{"project": each.project, "reason": each.reason} for each in plan.unread],
        "files": [decision_row(decision) for decision in plan.decisions],
    }
    return json.dumps(content, indent=2) + "\n"


def decision_row(decision: Decision) -> dict[str, Json]:
    """A file and what becomes of it."""
    file = decision.file
    return {
        "project": file.project,
        "version": file.version,
        "filename": file.filename,
        "decision": decision.verdict.value,
        "rule": decision.rule,
        "reason": decision.reason,
        "figures": dict(decision.figures),
        "goes_at": _spelled(decision.goes_at),
        "size": file.size,
        "sha256": file.sha256,
        "md5": file.md5,
        "uploaded_at": _spelled(file.uploaded_at),
        "labels": [*sorted(file.labels)],
        "url": file.url,
        "handle": file.handle,
    }


def read_plan(text: str) -> Plan:
    """The plan that a text is.

    Raises:
        BadPlan: it isn't one, or not whole, or was changed since it was made.
    """
    try:
        record = _Record(json.loads(text), "the plan")
    except ValueError as error:
        raise BadPlan("it isn't JSON") from error
    if record.get("format", int) != _FORMAT:
        raise BadPlan(f"it isn't of format {_FORMAT}: another version of this action made it")
    plan = Plan(
        decisions=tuple(_decision(_Record(row, "a file")) for row in record.get("files", list)),
        channel=record.get("channel", str),
        labels=record.texts("labels"),
        policy=record.get("policy", str),
        now=record.time("now"),
        unread=tuple(_unread(_Record(row, "a project")) for row in record.get("unread", list)),
        doubts=record.texts("doubts"),
    )
    if plan.digest != record.get("digest", str):
        raise BadPlan("its digest isn't that of the files it deletes: it was changed after it was made")
    return plan


def _decision(row: _Record) -> Decision:
    file = RemoteFile(
        project=row.get("project", str),
        version=row.get("version", str),
        filename=row.get("filename", str),
        size=row.optional("size", int),
        sha256=row.optional("sha256", str),
        md5=row.optional("md5", str),
        uploaded_at=row.optional_time("uploaded_at"),
        labels=frozenset(row.texts("labels")),
        url=row.get("url", str),
        handle=row.get("handle", str),
    )
    verdict = Verdict(row.one_of("decision", [each.value for each in Verdict]))
    rule = row.one_of("rule", RULES)
    return Decision(file, verdict, rule, row.figures(rule), row.optional_time("goes_at"))


def _unread(row: _Record) -> Unread:
    return Unread(row.get("project", str), row.get("reason", str))


class _Record:
    """A JSON object, read by type."""

    def __init__(self, value: Json, what: str) -> None:
        if not isinstance(value, dict):
            raise BadPlan(f"{what} isn't an object")
        self._value: Mapping[str, Json] = value
        self._what = what

    def get(self, key: str, kind: type[T]) -> T:
        value = self._value.get(key)
        if not isinstance(value, kind) or isinstance(value, bool):
            raise BadPlan(f"{self._what} has no {key!r}, or one that is no {kind.__name__}")
        return value

    def optional(self, key: str, kind: type[T]) -> T | None:
        return None if self._value.get(key, "") is None else self.get(key, kind)

    def one_of(self, key: str, allowed: Collection[str]) -> str:
        if (value := self.get(key, str)) not in allowed:
            raise BadPlan(f"{self._what} has the {key} {value!r}, which is none of {', '.join(allowed)}")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        values = self.get(key, list)
        if not all(isinstance(value, str) for value in values):
            raise BadPlan(f"{self._what} has {key!r} that aren't all text")
        return tuple(values)

    def figures(self, rule: str) -> Figures:
        values: Figures = self.get("figures", dict)
        try:
            spell(rule, values)
        except (KeyError, TypeError, ValueError) as error:
            raise BadPlan(f"{self._what} has figures that don't fit its rule {rule!r}") from error
        return values

    def time(self, key: str) -> datetime:
        try:
            time = datetime.fromisoformat(self.get(key, str))
        except ValueError as error:
            raise BadPlan(f"{self._what} has a {key!r} that is no time") from error
        if time.utcoffset() is None:
            raise BadPlan(f"{self._what} has a {key!r} that doesn't say where its clock is")
        return time.astimezone(timezone.utc)

    def optional_time(self, key: str) -> datetime | None:
        return None if self._value.get(key, "") is None else self.time(key)


def _spelled(time: datetime | None) -> str | None:
    return time.astimezone(timezone.utc).isoformat() if time else None
