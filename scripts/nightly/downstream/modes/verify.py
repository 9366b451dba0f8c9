"""Hold what is installed against the plan."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from nightly.actions import Runner
from nightly.data import Unreadable, load, save
from nightly.downstream.planning.interpreter import default_python
from nightly.downstream.planning.plan_text import no_nightly
from nightly.downstream.proving.environments import environment_of
from nightly.downstream.proving.fetching import PlannedRecords
from nightly.downstream.proving.prove import prove
from nightly.downstream.proving.showing import headline, proof_lines, proof_table
from nightly.downstream.records.plan import Plan
from nightly.downstream.records.proof import Proof, ProofState, Proved
from nightly.errors import README, UserError
from nightly.options import Input, names, parse_inputs
from nightly.patience import Patience

INPUTS = (
    Input("plan", "plan.json", "The plan that `nightlies plan` wrote."),
    Input(
        "python", "", "The Python of the environment to look into, by comma if several. If empty, the first on PATH."
    ),
    Input("output", "", "A file to write the proof to, as JSON."),
)

MORE = f"{README}test-against-nightlies"


@dataclass(frozen=True)
class Options:
    """What to compare: a plan, and the environments of these Pythons."""

    plan: Path
    pythons: tuple[str, ...]
    output: Path | None

    @classmethod
    def parse(cls, argv: Sequence[str], environ: Mapping[str, str]) -> Options:
        given = parse_inputs("nightlies verify", str(__doc__), INPUTS, argv, environ)
        return cls(
            plan=Path(given["plan"]),
            pythons=names(given["python"]) or (default_python(environ),),
            output=Path(given["output"]) if given["output"] else None,
        )


def run(argv: Sequence[str], environ: Mapping[str, str], runner: Runner, patience: Patience) -> int:
    """Returns 0 where each planned package that is installed is the planned file, and there's one at least; else 1.

    Raises:
        UserError: an input is wrong, the plan can't be read, a Python can't be asked, or there's no nightly.
    """
    options = Options.parse(argv, environ)
    plan = read_plan(options.plan)
    environments = tuple(dict.fromkeys(environment_of(python) for python in options.pythons))
    proof = prove(plan, environments, PlannedRecords(patience))
    failed = unproved(plan, proof)
    _show(proof, failed, runner)
    if options.output:
        _write(options.output, proof)
    if not plan.planned:
        raise no_nightly(plan)
    if not proof.holds:
        raise nothing_proved(proof, failed)
    for each in failed:
        runner.error(f"{each.name} {each.version or ''}: {each.reason}.", title=f"{each.name} is no nightly")
    return 1 if failed else 0


def read_plan(path: Path) -> Plan:
    """Read a plan.

    Raises:
        UserError: it isn't there, or isn't one.
    """
    try:
        return load(Plan, path)
    except (OSError, Unreadable) as error:
        said = error.strerror if isinstance(error, OSError) else error
        raise UserError(
            f"The plan {str(path)!r} can't be read: {said}.",
            title="No plan",
            do="Make one by `python3 scripts nightlies plan --output plan.json`, and name it by --plan.",
            more=MORE,
            exit_code=2,
        ) from error


def _write(path: Path, proof: Proof) -> None:
    try:
        save(path, proof)
    except OSError as error:
        raise UserError(
            f"The proof can't be written to {str(path)!r}: {error.strerror}.",
            title="Can't write",
            do="Set `output` to a file in a directory that is there and may be written to.",
        ) from error


def unproved(plan: Plan, proof: Proof) -> tuple[Proved, ...]:
    """Those for which a nightly was planned, and that are installed, but not as planned."""
    planned = {package.name for package in plan.planned}
    return tuple(each for each in proof.packages if each.name in planned and each.state is ProofState.NOT_NIGHTLY)


def nothing_proved(proof: Proof, failed: Sequence[Proved]) -> UserError:
    """Nothing that was planned is installed: such a run tests stable releases alone."""
    places = "\n".join(proof.environments)
    if not failed:
        return UserError(
            f"None of the planned packages is installed in:\n{places}",
            title="No nightly",
            means="Usually another Python was looked at than the one that the project was installed for.",
            do="Name the environment's own python by --python (.venv/bin/python, .tox/py313/bin/python).",
            more=MORE,
        )
    said = "\n".join(f"{each.name} {each.version or ''}: {each.reason}" for each in failed)
    return UserError(
        f"No planned nightly is installed, so a test here would test stable releases:\n{said}",
        title="No nightly",
        means="Usually the installer didn't see the constraints: uv reads UV_CONSTRAINT and no PIP_CONSTRAINT; "
        "`uv sync`, `uv run`, `uv lock`, pixi and Poetry install from a lock file, and know no constraints; tox 4 "
        "ignores indexserver, and passes on only what pass_env names.",
        do="Set both PIP_CONSTRAINT and UV_CONSTRAINT to the file before the installation, in the same step. After "
        "`uv sync`: `uv pip install --no-deps --reinstall -r nightly.txt`, then `uv run --no-sync`.",
        more=MORE,
    )


def _show(proof: Proof, failed: Collection[Proved], runner: Runner) -> None:
    """The log has those that failed as errors, which follow."""
    runner.line(f"{headline(proof)}, in {', '.join(proof.environments)}:")
    for line in proof_lines([each for each in proof.packages if each not in failed]):
        runner.line(line)
    runner.summary(f"## {headline(proof)}\n\n{proof_table(proof)}\n")
