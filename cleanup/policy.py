"""Reading a policy from its file. A policy that isn't understood to the letter is none.

Who may delete what others have published hangs on this file, so a key that nobody knows, an exemption that names
nothing or a promise that has run out is an error, and all of a file's are told at once.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import fields
from datetime import date
from pathlib import Path

import yaml
from packaging.utils import canonicalize_name

import policy_values as values
from document import Document, Problem, is_nothing, line_of, refuse
from file_names import parsed_version
from nightly.errors import UserError
from rules import Exemption, Limits, Override, Pin, Policy, Rules

__all__ = ["Policy", "Problem", "check_policy", "parse_policy", "read_policy"]

RULES = [each.name for each in fields(Rules)]
LIMITS = [each.name for each in fields(Limits)]
SECTIONS = ["projects", "exempt", "pin", "limits"]

Nodes = Mapping[str, yaml.Node]


def read_policy(path: Path) -> Policy:
    """Read a policy's file.

    Raises:
        UserError: it can't be read, or as `parse_policy` says.
    """
    try:
        return parse_policy(path.read_text(encoding="utf-8-sig"), path.as_posix())
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(
            f"The policy {path.as_posix()} can't be read: {error}.",
            title="Bad policy",
            do="Give the path of a YAML file in UTF-8. Until then nothing is deleted.",
            exit_code=2,
        ) from error


def parse_policy(text: str, source: str) -> Policy:
    """Read a policy; `source` is the file that messages name.

    Raises:
        UserError: naming every line that is wrong.
    """
    document = Document(source)
    root = document.root(text)
    policy = _policy(document, root) if root else Policy()
    refuse(source, document.problems)
    return policy


def check_policy(policy: Policy, versions: Mapping[str, Collection[str] | None], today: date) -> Sequence[str]:
    """Find out whether the policy fits its channel: `versions` by project, None for what couldn't be read.

    Returns what the user should know of: overrides of projects that the channel doesn't have (yet).

    Raises:
        UserError: a pin or an exemption has run out (in UTC), or is for nothing that the channel has.
    """
    refuse(policy.source, [*_expired(policy, today), *_unmatched(policy, versions)])
    known = set(map(canonicalize_name, versions))
    return [
        f"{policy.source}:{each.line}: the channel has no project {each.project!r}"
        for each in policy.projects
        if canonicalize_name(each.project) not in known
    ]


def _expired(policy: Policy, today: date) -> Iterator[Problem]:
    promises: Sequence[Exemption | Pin] = (*policy.exempt, *policy.pin)
    for each in promises:
        if each.until and each.until < today:
            yield Problem(each.line, f"this ran out on {each.until}; remove it, or move its date and say why")


def _unmatched(policy: Policy, versions: Mapping[str, Collection[str] | None]) -> Iterator[Problem]:
    for exemption in policy.exempt:
        if not any(map(exemption.covers, versions)):
            yield Problem(exemption.line, f"the channel has no project {exemption.project!r}; correct or remove it")
    for pin in policy.pin:
        if not any(_covers(pin, there) for project, there in versions.items() if pin.is_of(project)):
            yield Problem(pin.line, f"the channel has nothing that is {pin.requirement!r}; correct or remove it")


def _covers(pin: Pin, there: Collection[str] | None) -> bool:
    """Whether the pin is for one of the versions. What couldn't be read may have it."""
    return there is None or any(pin.covers(parsed[0]) for parsed in map(parsed_version, there) if parsed)


def _policy(document: Document, root: yaml.Node) -> Policy:
    nodes = document.nodes(root, [*RULES, *SECTIONS], "the policy")
    rules = _rules(document, nodes, Rules())
    return Policy(
        rules,
        tuple(_overrides(document, nodes.get("projects"), rules)),
        tuple(_exemptions(document, nodes.get("exempt"))),
        tuple(_pins(document, nodes.get("pin"))),
        _limits(document, nodes["limits"]) if "limits" in nodes else Limits(),
        document.source,
    )


def _rules(document: Document, nodes: Nodes, base: Rules) -> Rules:
    """The rules that are given; what isn't is as in `base`."""
    return Rules(
        keep=document.value(nodes, "keep", values.whole_number, base.keep),
        max_age=document.value(nodes, "max_age", values.optional(values.duration), base.max_age),
        keep_if=document.value(nodes, "keep_if", values.keep_if, base.keep_if),
        min_age=document.value(nodes, "min_age", values.duration, base.min_age),
        floor=document.value(nodes, "floor", values.whole_number, base.floor),
        floor_max_age=document.value(nodes, "floor_max_age", values.optional(values.duration), base.floor_max_age),
        coverage=document.value(nodes, "coverage", values.whole_number, base.coverage),
        coverage_max_age=document.value(
            nodes, "coverage_max_age", values.optional(values.duration), base.coverage_max_age
        ),
        max_bytes=document.value(nodes, "max_bytes", values.optional(values.size), base.max_bytes),
        streams=document.value(nodes, "streams", values.streams, base.streams),
        allow_empty=document.value(nodes, "allow_empty", values.true_or_false, base.allow_empty),
    )


def _limits(document: Document, node: yaml.Node) -> Limits:
    nodes, base = document.nodes(node, LIMITS, "limits"), Limits()
    return Limits(
        files=document.value(nodes, "files", values.whole_number, base.files),
        bytes=document.value(nodes, "bytes", values.size, base.bytes),
        channel_share=document.value(nodes, "channel_share", values.share, base.channel_share),
        channel_share_above=document.value(nodes, "channel_share_above", values.whole_number, base.channel_share_above),
        project_share=document.value(nodes, "project_share", values.share, base.project_share),
        project_share_above=document.value(nodes, "project_share_above", values.whole_number, base.project_share_above),
    )


def _overrides(document: Document, node: yaml.Node | None, rules: Rules) -> Iterator[Override]:
    seen: dict[str, int] = {}
    for name, key, value in () if node is None or is_nothing(node) else document.entries(node, "projects"):
        project = document.value({name: key}, name, values.project, "")
        nodes = document.nodes(value, RULES, f"the override of {name!r}")
        own = _rules(document, nodes, rules)
        if project and _is_new(document, key, project, seen):
            yield Override(project, own, line_of(key))


def _exemptions(document: Document, node: yaml.Node | None) -> Iterator[Exemption]:
    seen: dict[str, int] = {}
    for item, nodes in _entries(document, node, "exempt", "project"):
        project = document.value(nodes, "project", values.project_or_glob, "")
        reason, until = _why(document, nodes)
        if project and _is_new(document, item, project, seen):
            yield Exemption(project, reason, until, line_of(item))


def _pins(document: Document, node: yaml.Node | None) -> Iterator[Pin]:
    for item, nodes in _entries(document, node, "pin", "requirement"):
        requirement = document.value(nodes, "requirement", values.requirement, None)
        reason, until = _why(document, nodes)
        if requirement:
            yield Pin(requirement.name, requirement.specifier, reason, until, line_of(item))


def _entries(document: Document, node: yaml.Node | None, what: str, subject: str) -> Iterator[tuple[yaml.Node, Nodes]]:
    """The entries of a list, each of a subject and why it is in the list."""
    for item in document.items(node, what) if node else ():
        nodes = document.nodes(item, [subject, "reason", "until"], f"an entry of {what}")
        for key in sorted({subject, "reason"} - nodes.keys()) if isinstance(item, yaml.MappingNode) else ():
            document.complain(item, f"an entry of {what} needs a {key}")
        yield item, nodes


def _why(document: Document, nodes: Nodes) -> tuple[str, date | None]:
    return document.value(nodes, "reason", values.text, ""), document.value(nodes, "until", values.day, None)


def _is_new(document: Document, node: yaml.Node, project: str, seen: dict[str, int]) -> bool:
    """Whether a project is named for the first time, in whatever spelling."""
    first = seen.setdefault(canonicalize_name(project), line_of(node))
    if first != line_of(node):
        document.complain(node, f"{project!r} is named again, first in line {first}")
    return first == line_of(node)
