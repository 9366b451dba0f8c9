"""Make the source ready to be built, in the job that builds it, and hand its variables to the steps after this one."""

from __future__ import annotations

import shlex
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from nightly.actions import Runner
from nightly.building.checkout import Checkout
from nightly.building.places import DRIVER, SOURCE, SOURCE_PATCH, VERSION_HOOK, Places, places_asked
from nightly.building.planfile import PLAN, read_plan
from nightly.building.preparing import GIVEN_INPUTS, Given, given_asked
from nightly.building.records import BuildPlan
from nightly.building.variables import passed_on
from nightly.downstream.running.shell import find_bash
from nightly.downstream.running.step_files import without_ours
from nightly.errors import UserError
from nightly.options import parse_inputs
from nightly.patience import Patience
from nightly.stamping import stamping

INPUTS = (SOURCE, DRIVER, PLAN, SOURCE_PATCH, VERSION_HOOK, *GIVEN_INPUTS)


@dataclass(frozen=True)
class Options:
    """What is asked for. `patch` is None where there's none, and `hook` empty."""

    places: Places
    plan: BuildPlan
    patch: Path | None
    hook: str
    given: Given


def run(argv: Sequence[str], environ: Mapping[str, str], runner: Runner, patience: Patience) -> int:
    """Patch and stamp the planned commit, and set the variables of the build.

    Raises:
        UserError: another commit is checked out, the patch fails, or the version can't be stamped.
    """
    options = _options(argv, environ, patience)
    checkout = Checkout(options.places.source, environ)
    _check_commit(checkout, options.plan)
    if options.patch:
        _apply(options.patch, options.places, environ, runner)
    source = stamping.read_source(checkout.directory, checkout.environ, options.hook)
    stamped = stamping.apply(source, options.plan.version, checkout.environ, runner.line)
    variables = {**stamped, **options.given.variables(environ)}
    for name, value in {**variables, **passed_on(variables, {**environ, **variables})}.items():
        runner.variable(name, value)
        runner.line(f"{name}={shlex.quote(value)}")
    return 0


def _options(argv: Sequence[str], environ: Mapping[str, str], patience: Patience) -> Options:
    given = parse_inputs("build source", str(__doc__), INPUTS, argv, environ)
    places = places_asked(given)
    return Options(
        places=places,
        plan=read_plan(given[PLAN.name]),
        patch=places.of_driver(SOURCE_PATCH.name, given[SOURCE_PATCH.name]),
        hook=given[VERSION_HOOK.name],
        given=given_asked(given, patience),
    )


def _check_commit(checkout: Checkout, plan: BuildPlan) -> None:
    found = checkout.ask("rev-parse", "HEAD^{commit}")
    if found != plan.source_sha:
        raise UserError(
            f"The commit {found} is checked out, and {plan.source_sha} ({plan.describe}) is planned.",
            title="Another commit",
            means="A branch has moved between the plan and this job, and the checkout went by its name.",
            do="Check out the output `source_sha` of the plan, which never moves.",
        )


def _apply(patch: Path, places: Places, environ: Mapping[str, str], runner: Runner) -> None:
    runner.line(f"The source is patched by {patch.relative_to(places.driver).as_posix()}.")
    command = (find_bash(environ), "--noprofile", "--norc", "-e", "-o", "pipefail", patch.as_posix())
    done = subprocess.run(command, cwd=places.source, env=without_ours(environ), stdin=subprocess.DEVNULL, check=False)
    if done.returncode:
        raise UserError(
            f"The patch {patch.name!r} ended with {done.returncode}.",
            title="Patch failed",
            means="What it said is in the log above. Mostly the source has changed where it is patched.",
            do="Adapt the script that the input `source_patch` names; it runs in the source's root.",
        )
