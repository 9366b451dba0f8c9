"""A plan as people read it, in the log and in the summary. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from nightly import markdown
from nightly.building.records import BuildPlan, Target
from nightly.errors import UserError

Expected = Mapping[str, Sequence[str]]
"""The build identifiers of each target, by its name."""


def plan_lines(plan: BuildPlan, expected: Expected) -> Iterator[str]:
    """The log's lines."""
    yield f"{_built(plan)}: commit {plan.source_sha} ({plan.describe}), version {plan.version or 'as the project says'}"
    for target in plan.targets:
        yield f"  {target.name} on {target.runner}: {' '.join(expected[target.name])}"
    yield f"{len(plan.identifiers)} wheels{' and an sdist' if plan.sdist else ''} have to be there at the end."


def plan_summary(plan: BuildPlan, expected: Expected) -> str:
    """Which commit, and what has to come of it."""
    rows = [
        (markdown.code(each.name), markdown.code(each.runner), markdown.text(" ".join(expected[each.name])))
        for each in plan.targets
    ]
    version = markdown.code(plan.version) if plan.version else "as the project says"
    return "\n\n".join(
        [
            f"## {markdown.text(_built(plan))} is built",
            f"Commit {markdown.code(plan.source_sha)} ({markdown.code(plan.describe)}), version {version}.",
            markdown.table(("Target", "Runner", "Wheels"), rows),
            "And an sdist." if plan.sdist else "No sdist.",
        ]
    )


def nothing_to_build(target: Target) -> UserError:
    """Refuse a target for which cibuildwheel would build nothing."""
    return UserError(
        f"Nothing is built for the target {target.name!r}.",
        title="Nothing to build",
        means="cibuildwheel's settings leave it out (build, skip, enable, archs), or requires-python does.",
        do="Take it out of the input `targets`, or let the settings build something for it.",
        exit_code=2,
    )


def built_twice(identifier: str, names: Sequence[str]) -> UserError:
    """Refuse targets that would make the same wheel, of which only one could be kept."""
    return UserError(
        f"{identifier} would be built for several targets: {' and '.join(names)}.",
        title="Built twice",
        do="Take one of them out of the input `targets`.",
        exit_code=2,
    )


def _built(plan: BuildPlan) -> str:
    return f"{plan.project} of {plan.source_repository}" if plan.project else plan.source_repository
