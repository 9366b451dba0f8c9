"""Build, repair and test the wheels of one target."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from nightly.actions import Runner
from nightly.building.identifiers import PURE
from nightly.building.making import build_failed, make, new_results
from nightly.building.places import DRIVER, DRIVER_CONFIG, SOURCE, Places, places_asked
from nightly.building.planfile import TARGET, read_target
from nightly.building.pure_testing import test_wheel
from nightly.building.records import Target
from nightly.options import Input, parse_inputs
from nightly.patience import Patience

TEST_COMMAND = Input("test_command", "", "The command that tests a wheel. If empty, what cibuildwheel's settings say.")

INPUTS = (SOURCE, DRIVER, TARGET, DRIVER_CONFIG, TEST_COMMAND)


@dataclass(frozen=True)
class Options:
    """What is asked for."""

    places: Places
    target: Target
    config: Path | None
    test_command: str


def run(argv: Sequence[str], environ: Mapping[str, str], runner: Runner, patience: Patience) -> int:
    """Build them, and set the output `results` to the directory that they are in.

    Raises:
        UserError: they can't be built, repaired or tested.
    """
    del patience
    options = _options(argv, environ)
    build = _pure if options.target.platform == PURE else _with_cibuildwheel
    results = build(options, environ, runner)
    for wheel in sorted(results.iterdir()):
        runner.line(f"Built: {wheel.name}")
    runner.output("results", str(results))
    return 0


def _options(argv: Sequence[str], environ: Mapping[str, str]) -> Options:
    given = parse_inputs("build wheels", str(__doc__), INPUTS, argv, environ)
    places = places_asked(given)
    return Options(
        places=places,
        target=read_target(given[TARGET.name]),
        config=places.of_driver(DRIVER_CONFIG.name, given[DRIVER_CONFIG.name]),
        test_command=given[TEST_COMMAND.name].strip(),
    )


def _pure(options: Options, environ: Mapping[str, str], runner: Runner) -> Path:
    wheel = make("wheel", options.places.source, environ, runner)
    if options.test_command:
        test_wheel(wheel, options.test_command, options.places.source, environ, runner)
    return wheel.parent


def _with_cibuildwheel(options: Options, environ: Mapping[str, str], runner: Runner) -> Path:
    results = new_results(runner)
    variables = {"CIBW_TEST_COMMAND": options.test_command} if options.test_command else {}
    code = options.places.cibuildwheel(options.config, environ, runner).build(options.target, results, variables)
    if code or not any(results.iterdir()):
        raise build_failed(f"wheels for {options.target.name}", code)
    return results
