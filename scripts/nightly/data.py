"""Frozen dataclasses as JSON, there and back: how one job hands its findings to the next.

What is read comes from jobs that run other people's code, so nothing is believed that hasn't its type.
"""

from __future__ import annotations

import json
import types
from collections.abc import Hashable, Mapping, Sequence
from contextlib import suppress
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import datetime, timezone
from enum import Enum
from functools import cache
from pathlib import Path
from typing import TypeVar, Union, cast, get_args, get_origin, get_type_hints

from nightly.json_types import Json

T = TypeVar("T")

LARGEST = 64 * 1024 * 1024
"""In bytes, of a file."""

_PLAIN = (str, int, float, bool, types.NoneType)
"""What JSON has itself, and nearly all that there is: it's looked for first."""


class Unreadable(ValueError):
    """A file or an answer isn't what it is said to be."""


def to_json(value: object) -> Json:
    """The value as JSON. Times are in UTC."""
    if type(value) in _PLAIN:
        return cast("Json", value)
    if is_dataclass(value) and not isinstance(value, type):
        return {each.name: to_json(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, datetime):
        return value.astimezone(timezone.utc).isoformat()
    if isinstance(value, Mapping):
        return {str(key): to_json(each) for key, each in value.items()}
    if isinstance(value, tuple):
        return [to_json(each) for each in value]
    raise TypeError(f"{type(value).__name__} has no form in JSON here")


def from_json(kind: type[T], value: Json, where: str = "it") -> T:
    """Read a value of this type. Fields that aren't there take their defaults, unknown ones are passed over.

    Raises:
        Unreadable: something has another type, or is missing.
    """
    return cast("T", _read(kind, value, where))


def save(path: Path, value: object) -> None:
    """Write a value as JSON, whole or not at all."""
    part = path.with_name(f"{path.name}.part")
    part.write_text(json.dumps(to_json(value), indent=1) + "\n", encoding="utf-8", newline="\n")
    part.replace(path)


def load(kind: type[T], path: Path) -> T:
    """Read a file that `save` wrote.

    Raises:
        Unreadable: it isn't one.
        OSError: it can't be read.
    """
    with path.open("rb") as file:
        content = file.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise Unreadable(f"{path.name} is larger than {LARGEST} bytes")
    return parse(kind, content, path.name)


def parse(kind: type[T], content: bytes | str, name: str) -> T:
    """Read a value from JSON text, of which errors speak by this name.

    Raises:
        Unreadable: as `from_json`.
    """
    try:
        value: Json = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"{name} isn't JSON") from error
    return from_json(kind, value, name)


def _read(kind: object, value: Json, where: str) -> object:
    if type(value) is kind:
        return value
    origin = get_origin(kind)
    if origin in (Union, types.UnionType):
        return _read_optional(kind, value, where)
    if origin is tuple:
        return _read_tuple(kind, value, where)
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return _read_mapping(kind, value, where)
    if not isinstance(kind, type):
        raise TypeError(f"{kind} can't be read from JSON")
    return _read_plain(kind, value, where)


def _read_plain(kind: type[object], value: Json, where: str) -> object:
    if is_dataclass(kind):
        return _read_record(kind, fields(kind), value, where)
    if issubclass(kind, Enum):
        return _converted(kind, value, where)
    if kind is datetime:
        return _time(value, where)
    if kind is float and type(value) is int:
        return _float(value, where)
    raise Unreadable(f"{where} isn't of type {kind.__name__}")


def _read_optional(kind: object, value: Json, where: str) -> object:
    """`X | None` is the only union there is."""
    (inner,) = (each for each in get_args(kind) if each is not types.NoneType)
    return None if value is None else _read(inner, value, where)


def _read_tuple(kind: object, value: Json, where: str) -> object:
    """`tuple[X, ...]` is the only tuple there is."""
    if not isinstance(value, list):
        raise Unreadable(f"{where} isn't a list")
    inner = get_args(kind)[0]
    return tuple(_read(inner, each, f"{where}[{number}]") for number, each in enumerate(value))


def _read_mapping(kind: object, value: Json, where: str) -> object:
    if not isinstance(value, dict):
        raise Unreadable(f"{where} isn't an object")
    inner = get_args(kind)[1]
    return {key: _read(inner, each, f"{where}.{key:.100}") for key, each in value.items()}


def _read_record(kind: type[object], parts: Sequence[Field[object]], value: Json, where: str) -> object:
    if not isinstance(value, dict):
        raise Unreadable(f"{where} isn't an object")
    hints, found = _hints(cast("Hashable", kind)), dict[str, object]()
    for each in parts:
        if each.name in value:
            found[each.name] = _read(hints[each.name], value[each.name], f"{where}.{each.name}")
        elif each.default is MISSING and each.default_factory is MISSING:
            raise Unreadable(f"{where} has no {each.name}")
    return kind(**found)


@cache
def _hints(kind: Hashable) -> Mapping[str, object]:
    """The types of a record's fields. To work them out takes longer than to read a record."""
    return get_type_hints(kind)


def _converted(kind: type[Enum], value: Json, where: str) -> object:
    try:
        return kind(value)
    except ValueError as error:
        raise Unreadable(f"{where} can't be {value!r:.100}") from error


def _float(value: int, where: str) -> float:
    try:
        return float(value)
    except OverflowError as error:
        raise Unreadable(f"{where} is too large") from error


def _time(value: Json, where: str) -> datetime:
    """In UTC, in which the first and the last hours of all time can't be said from every zone."""
    with suppress(ValueError, OverflowError):
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
        if moment is not None and moment.tzinfo is not None:
            return moment.astimezone(timezone.utc)
    raise Unreadable(f"{where} isn't a time with a time zone")
