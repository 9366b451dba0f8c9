"""Installing by the user's own command, with constraints that make it take the planned nightlies."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from nightly.downstream.planning import plan_text
from nightly.downstream.planning.constraints import constraints_text, installer_variables, needs_two_steps
from nightly.downstream.planning.install_words import says_down, says_moved, stumbles_over_extras, why_failed
from nightly.downstream.planning.interpreter import default_python, describe
from nightly.downstream.planning.resolving import Moved, Unreachable
from nightly.downstream.proving.environments import environment_of
from nightly.downstream.proving.fetching import Fetch
from nightly.downstream.proving.prove import prove
from nightly.downstream.records.plan import Package, Plan, State
from nightly.downstream.records.proof import ProofState
from nightly.downstream.records.result import End
from nightly.downstream.running.cell_plan import CellPlanner, moved
from nightly.downstream.running.place import Place
from nightly.downstream.running.shell import Deadline, Ran, Shell
from nightly.errors import UserError


@dataclass(frozen=True)
class Installed:
    """How installing ended: `end` is None where it is done. `ran` is the command that decided it, if any ran."""

    end: End | None
    plan: Plan | None = None
    problem: str = ""
    ran: Ran | None = None


Install = Callable[[Plan], Ran]


@dataclass(frozen=True)
class Installer:
    """Runs the user's command that installs, in as many steps as the environment's pip needs."""

    shell: Shell
    command: str
    place: Place
    fetch: Fetch
    deadline: Deadline

    def __call__(self, plan: Plan) -> Ran:
        """Install by this plan."""
        for line in (plan_text.headline(plan), *plan_text.plan_lines(plan, plan.made_at)):
            self.shell.tell(line)
        variables = self.variables(plan)
        ran = self.shell.run(self.command, self.deadline, variables)
        in_two_steps = self._stumbled(ran)
        if in_two_steps:
            variables.pop("PIP_CONSTRAINT", None)
            ran = self.shell.run(self.command, self.deadline, variables)
        is_done = not in_two_steps and not any(each.state is State.FORCED for each in plan.planned)
        return ran if is_done or not ran.succeeded else self._put_over(plan, ran)

    def variables(self, plan: Plan) -> dict[str, str]:
        """Write the files for this plan, and return the variables that name them."""
        overrides = self.place.keep_plan(plan)
        return installer_variables(self.place.constraints, overrides, self.shell.environ)

    def _stumbled(self, ran: Ran) -> bool:
        """Whether the environment's pip is one of those that can't cope with our constraints, and has shown it."""
        if ran.succeeded or not stumbles_over_extras(ran.tail):
            return False
        pip = describe(default_python(self.shell.environ)).pip
        if pip is None or not needs_two_steps(pip):
            return False
        self.shell.tell(
            f"pip {pip} fails where extras of a nightly are required, so it installs in two steps: the project as "
            "it would without us, and then the nightlies in place of what that brought. A newer pip needs one."
        )
        return True

    def _put_over(self, plan: Plan, ran: Ran) -> Ran:
        """Put the nightlies in place of other versions that are installed, by pip, whoever caps them."""
        interpreter = describe(default_python(self.shell.environ))
        others = self._not_nightly(plan, interpreter.path)
        if not others or interpreter.pip is None:
            return ran
        lines = constraints_text([replace(each, state=State.NIGHTLY) for each in others])
        pip = f"{_quoted(interpreter.path)} -m pip"
        file = _quoted(str(self.place.file("nightlies.txt", lines)))
        steps = (f"{pip} install --no-deps --force-reinstall -r {file}", f"{pip} install -r {file}")
        for step in steps:
            ran = self.shell.run(step, self.deadline)
            if not ran.succeeded:
                return ran
        self.shell.run(f"{pip} check || echo 'This is reported, and no reason to stop.'", self.deadline)
        return ran

    def _not_nightly(self, plan: Plan, python: str) -> Sequence[Package]:
        proof = prove(plan, (environment_of(python),), self.fetch)
        names = {each.name for each in proof.packages if each.state is ProofState.NOT_NIGHTLY}
        return [each for each in plan.planned if each.name in names]


def install_newest(planner: CellPlanner, install: Install) -> Installed:
    """Plan and install; where the channel has moved since the snapshot, once more by a plan of what it has now."""
    first = _attempt(planner, install)
    if first.end is not End.CHANNEL_MOVED:
        return first
    names = {each.name for each in first.plan.planned} if first.plan else None
    try:
        return _attempt(planner.renewed(names), install)
    except UserError as error:
        return replace(first, end=End.CHANNEL_DOWN, problem=str(error))


def _attempt(planner: CellPlanner, install: Install) -> Installed:
    try:
        plan = planner.plan()
    except Moved as error:
        return Installed(End.CHANNEL_MOVED, problem=str(error))
    except Unreachable as error:
        return Installed(End.CHANNEL_DOWN if _is_down(planner) else End.CANNOT_INSTALL, problem=str(error))
    except UserError as error:
        return Installed(End.CANNOT_INSTALL, problem=str(error))
    if not plan.planned:
        return Installed(End.NO_NIGHTLY, plan, _why_none(plan))
    ran = install(plan)
    return Installed(None, plan, ran=ran) if ran.succeeded else _failed(planner, plan, ran)


def _failed(planner: CellPlanner, plan: Plan, ran: Ran) -> Installed:
    """Whose doing it is that it couldn't be installed."""
    if ran.timed_out:
        return Installed(End.TIMED_OUT, plan, "The installation didn't end in time.", ran)
    why = why_failed(ran.tail)
    try:
        names = moved(plan, planner.renewed({each.name for each in plan.planned}).snapshot)
    except UserError as error:
        return Installed(End.CHANNEL_DOWN, plan, str(error), ran)
    if names or says_moved(ran.tail, plan.planned):
        what = f"The channel has replaced wheels since they were listed: {', '.join(names)}." if names else ""
        return Installed(End.CHANNEL_MOVED, plan, "\n".join(filter(None, [what, why])), ran)
    end = End.CHANNEL_DOWN if says_down(ran.tail, plan.planned) else End.CANNOT_INSTALL
    return Installed(end, plan, why, ran)


def _is_down(planner: CellPlanner) -> bool:
    try:
        planner.renewed(None)
    except UserError:
        return True
    return False


def _why_none(plan: Plan) -> str:
    reasons = [f"{each.name}: {each.reason or each.state.value}" for each in plan.packages]
    return "\n".join(["There is no nightly to install.", *reasons])


def _quoted(path: str) -> str:
    """For bash, which on Windows takes slashes."""
    return shlex.quote(Path(path).as_posix())
