"""Which commit is built, with which version, for which targets, and which wheels have to come of it."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from nightly.actions import Runner
from nightly.building import plan_text
from nightly.building.checkout import Checkout
from nightly.building.cibuildwheel import Cibuildwheel
from nightly.building.places import DRIVER, DRIVER_CONFIG, SOURCE, SOURCE_PATCH, VERSION_HOOK, Places, places_asked
from nightly.building.planfile import PLAN_FILE
from nightly.building.preparing import GIVEN_INPUTS, Given, given_asked
from nightly.building.records import BuildPlan, Target
from nightly.building.resolving import resolve, wanted_ref
from nightly.building.targets import matrix, parse_targets
from nightly.data import save
from nightly.errors import bad_input
from nightly.options import Input, one_of, parse_inputs, true_or_false
from nightly.patience import Patience
from nightly.stamping import stamping
from nightly.stamping.warning import warnings

INPUTS = (
    SOURCE,
    DRIVER,
    Input("source_repository", "", "The source's repository, as OWNER/NAME. If empty, the calling one."),
    Input(
        "source_ref", "", "The commit to build: a branch, a tag, a hash or a full ref. If empty, what is checked out."
    ),
    Input("nightly_source_ref", "", "The same for runs on a schedule. If empty, as in any other run."),
    DRIVER_CONFIG,
    Input("targets", "linux, macos, windows", "What to build for, by comma or line."),
    SOURCE_PATCH,
    *GIVEN_INPUTS,
    Input("version_stamp", "none", "The version to build: none, dev-date, dev-count or a version."),
    VERSION_HOOK,
    Input("sdist", "true", "Whether an sdist is built: true or false."),
    Input(
        "require_complete", "strict", "What becomes of a build in which a wheel is missing: strict (it fails) or warn."
    ),
    Input("artifact", "dist", "The name of the artifact with all files."),
)

_ARTIFACT = r"[A-Za-z0-9][A-Za-z0-9.-]{0,99}"
"""Without an underscore, which is before the names of its parts: so builds of one run don't get each other's."""


@dataclass(frozen=True)
class Options:
    """What is asked for. `ref` is empty where the commit is meant that is checked out."""

    places: Places
    repository: str
    ref: str
    config: Path | None
    targets: tuple[Target, ...]
    given: Given
    version_stamp: str
    version_hook: str
    sdist: bool
    environ: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True)
class Planned:
    """The plan, the build identifiers of each target by its name, and what to know of the version."""

    plan: BuildPlan
    expected: plan_text.Expected
    warnings: tuple[str, ...]


def run(argv: Sequence[str], environ: Mapping[str, str], runner: Runner, patience: Patience) -> int:
    """Plan, write the plan down, and set the outputs. The source's HEAD is the planned commit then.

    Raises:
        UserError: an input can't be, the commit isn't known, or a target builds nothing.
    """
    options = _options(argv, environ, patience)
    command = options.places.cibuildwheel(options.config, {**environ, **options.given.environment}, runner)
    planned = make_plan(options, command)
    _tell(planned, runner)
    results = Path(tempfile.mkdtemp(prefix="build-plan-", dir=runner.temp))
    save(results / PLAN_FILE, planned.plan)
    _hand_over(planned.plan, results, runner)
    return 0


def _options(argv: Sequence[str], environ: Mapping[str, str], patience: Patience) -> Options:
    given = parse_inputs("build plan", str(__doc__), INPUTS, argv, environ)
    places = places_asked(given)
    _check_for_other_jobs(given, places)
    return Options(
        places=places,
        repository=given["source_repository"] or environ.get("GITHUB_REPOSITORY", ""),
        ref=wanted_ref(given["source_ref"], given["nightly_source_ref"], environ.get("GITHUB_EVENT_NAME", "")),
        config=places.of_driver(DRIVER_CONFIG.name, given[DRIVER_CONFIG.name]),
        targets=parse_targets(given["targets"]),
        given=given_asked(given, patience),
        version_stamp=given["version_stamp"],
        version_hook=given[VERSION_HOOK.name],
        sdist=true_or_false("sdist", given["sdist"]),
        environ=environ,
    )


def _check_for_other_jobs(given: Mapping[str, str], places: Places) -> None:
    """What only a later job reads is refused before anything is built."""
    places.of_driver(SOURCE_PATCH.name, given[SOURCE_PATCH.name])
    one_of("require_complete", given["require_complete"], ("strict", "warn"))
    if not re.fullmatch(_ARTIFACT, given["artifact"]):
        raise bad_input("artifact", given["artifact"], "up to 100 letters, digits, dots and dashes, no underscore")


def make_plan(options: Options, command: Cibuildwheel) -> Planned:
    """Make it. The commit gets checked out for that, as its files say much of it."""
    checkout = Checkout(options.places.source, options.environ)
    commit = resolve(checkout, options.ref)
    checkout.ask("checkout", "--quiet", "--detach", commit.sha)
    source = stamping.read_source(options.places.source, checkout.environ, options.version_hook)
    expected = _expected(options.targets, command)
    plan = BuildPlan(
        project=source.project.name,
        source_repository=options.repository,
        source_sha=commit.sha,
        describe=commit.describe,
        epoch=commit.epoch,
        version=stamping.decide(options.version_stamp, source),
        targets=options.targets,
        identifiers=tuple(identifier for each in expected.values() for identifier in each),
        sdist=options.sdist,
        driver_repository=options.environ.get("GITHUB_REPOSITORY", ""),
        driver_sha=options.environ.get("GITHUB_SHA", ""),
    )
    return Planned(plan, expected, warnings(plan.version, source))


def _expected(targets: Sequence[Target], command: Cibuildwheel) -> dict[str, tuple[str, ...]]:
    """What each target builds: something, and nothing that another one does too."""
    expected = {target.name: command.identifiers(target) for target in targets}
    first: dict[str, str] = {}
    for target in targets:
        if not expected[target.name]:
            raise plan_text.nothing_to_build(target)
        for identifier in expected[target.name]:
            if first.setdefault(identifier, target.name) != target.name:
                raise plan_text.built_twice(identifier, (first[identifier], target.name))
    return expected


def _tell(planned: Planned, runner: Runner) -> None:
    for line in plan_text.plan_lines(planned.plan, planned.expected):
        runner.line(line)
    for warning in planned.warnings:
        runner.warning(warning, title="Version")
    runner.summary(plan_text.plan_summary(planned.plan, planned.expected))


def _hand_over(plan: BuildPlan, results: Path, runner: Runner) -> None:
    runner.output("source_sha", plan.source_sha)
    runner.output("describe", plan.describe)
    runner.output("version", plan.version)
    runner.output("matrix", matrix(plan.targets))
    runner.output("results", str(results))
