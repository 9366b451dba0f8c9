"""Delete from a channel what its policy doesn't keep, by a plan that says why of every file."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from itertools import groupby
from pathlib import Path

from admission import check_channel, check_plan, refusal
from apply import Application
from explain import Subject, explanation
from files import load_plan, save_plan, save_result
from modes import Options, usage
from nightly.actions import Runner
from nightly.channel import Deletion, End
from nightly.channel_inputs import TOKEN_VARIABLE
from nightly.channels import open_channel, open_writable
from nightly.directory.writing import WritableDirectoryChannel
from nightly.errors import README, UserError, bad_input
from nightly.patience import Patience
from plan import Plan
from plan_summary import headline, plan_lines, plan_summary, problems
from planning import Terms, make_plan
from policy import read_policy
from result import Result
from result_summary import deletion_line, ended, failure_summary, refusal_summary, result_summary
from retention import decide

OUTPUTS = {"deleted": "[]", "held": "[]", "changed": "[]", "failed": "[]", "freed_bytes": "0"}
OUTPUTS |= {"plan": "", "digest": "", "result": ""}
"""What the outputs are until there's more to say."""

ANNOTATED = 10
"""GitHub shows no more annotations of a step; the summary has them all."""


class Cleanup:
    """One run, at the moment `now`."""

    def __init__(self, options: Options, runner: Runner, patience: Patience, now: datetime) -> None:
        self.options = options
        self.runner = runner
        self.patience = patience
        self.now = now

    def plan(self) -> int:
        """Decide for every file. Returns 0, or 1 where the channel's answers leave something unknown."""
        plan, _ = self._make_plan()
        return 0 if plan.is_sound else 1

    def apply(self) -> int:
        """Delete what a plan's file names."""
        return self._apply(load_plan(self.options.plan), Path(self.options.plan))

    def plan_and_apply(self) -> int:
        """Do both. What couldn't be read doesn't keep the rest from being cleaned, but the run ends red."""
        plan, path = self._make_plan()
        return self._apply(plan, path) or (0 if plan.is_sound else 1)

    def explain(self) -> int:
        """Say why files stay or go, and when."""
        subject = Subject.parse(self.options.subject)
        channel = open_channel(self.options.channel, self.patience, self.runner.line)
        files = channel.listing(subject.project).files
        decisions = decide(files, read_policy(Path(self.options.policy)), self.now, self._labels)
        for decision in subject.chosen(decisions):
            for line in explanation(decision, self.now):
                self.runner.line(line)
        return 0

    def restore(self) -> int:
        """Bring files back. Returns 0, or 1 where one that was named can't come back."""
        if not self.options.channel.is_directory:
            raise bad_input("channel", self.options.channel.channel, "a directory: anaconda.org forgets at once")
        channel = WritableDirectoryChannel(Path(self.options.channel.channel), self.runner.line)
        code = 0
        for project, filenames in _deleted(self.options.subject):
            for each in channel.restore(project, filenames):
                self.runner.line(f"  {each.filename}: {each.reason or 'is back'}")
                code = 1 if each.reason else code
        return code

    @property
    def _labels(self) -> tuple[str, ...]:
        return self.options.channel.wanted_labels

    def _make_plan(self) -> tuple[Plan, Path]:
        policy = read_policy(Path(self.options.policy))
        previous = self._previous()
        channel = open_channel(self.options.channel, self.patience, self.runner.line)
        if previous:
            check_channel(previous, channel.identity, self._labels)
        plan, warnings = make_plan(channel, Terms(policy, self._labels, self.now, previous), self.patience)
        path = save_plan(plan, self.options.output, self.runner.temp)
        self._set_outputs({**Result(plan).outputs, "plan": str(path)})
        self._show(plan, warnings)
        self.runner.line(f"The plan is in {path}, with the digest {plan.digest}.")
        return plan, path

    def _previous(self) -> Plan | None:
        """The earlier plan; none where it's of another version of this action, which mustn't stop every new plan."""
        path = self.options.previous
        try:
            return load_plan(path) if path else None
        except UserError as error:
            if not Path(path).is_file():
                raise
            self.runner.warning(f"{error.what} The new plan isn't compared with it.", title="Earlier plan")
            return None

    def _show(self, plan: Plan, warnings: Sequence[str]) -> None:
        self.runner.line(f"Plan for {plan.channel}: {headline(plan)}")
        for line in plan_lines(plan):
            self.runner.line(line)
        for problem in [*problems(plan)][:ANNOTATED]:
            self.runner.error(problem, title="Not known of the channel")
        for warning in warnings:
            self.runner.warning(warning, title="Policy")
        self.runner.summary(plan_summary(plan, warnings))
        self.runner.summary("")  # a heading after a folded part needs an empty line before it

    def _apply(self, plan: Plan, path: Path) -> int:
        """Delete what a plan names. Returns 0; 1 where something failed; 3 where a limit stopped it."""
        policy = read_policy(Path(self.options.policy))
        channel = open_writable(self.options.channel, self.patience, self.runner.line, self.options.grace)
        check_channel(plan, channel.identity, self._labels)
        check_plan(plan, policy, self.now)
        self._set_outputs({**Result(plan).outputs, "plan": str(path)})
        if error := refusal(plan, policy, self.options.confirm):
            return self._refuse(error, plan)
        saved = save_result(Result(plan, stopped="The run hasn't ended, or was killed."), path)
        result = Application(channel, plan, self.patience, self._told).run(policy, self.now)
        self._set_outputs({**result.outputs, "result": str(saved)})
        self._report(result)
        saved.write_text(result.json, encoding="utf-8", newline="\n")
        return 0 if result.is_good else 1

    def _refuse(self, error: UserError, plan: Plan) -> int:
        for line in plan_lines(plan):
            self.runner.line(line)
        self.runner.fail(error)
        self.runner.summary(refusal_summary(error, plan))
        return error.exit_code

    def _told(self, deletion: Deletion) -> None:
        self.runner.line(deletion_line(deletion))

    def _report(self, result: Result) -> None:
        for lost in result.missing[:ANNOTATED]:
            self.runner.error(f"{lost.filename or lost.project}: {lost.reason}", title="Missing")
        for deletion in result.of(End.FAILED)[:ANNOTATED]:
            self.runner.error(f"{deletion.file.filename}: {deletion.reason}", title="Not deleted")
        self.runner.line(f"Cleanup of {result.plan.channel}: {ended(result)}")
        self.runner.summary(result_summary(result))

    def _set_outputs(self, outputs: Mapping[str, str]) -> None:
        for name, value in outputs.items():
            self.runner.output(name, value)


DO = {
    "plan": Cleanup.plan,
    "apply": Cleanup.apply,
    "plan-and-apply": Cleanup.plan_and_apply,
    "explain": Cleanup.explain,
    "restore": Cleanup.restore,
}


def main(argv: Sequence[str]) -> int:
    """Run the command."""
    if argv and argv[0] in {"-h", "--help"}:
        print(usage())
        return 0
    runner = Runner.from_environ(os.environ, sys.stdout)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        return clean(argv, os.environ, runner, Patience(), datetime.now(timezone.utc))
    except UserError as error:
        runner.fail(error)
        runner.summary(failure_summary(error))
        return error.exit_code
    except KeyboardInterrupt:
        runner.error("Stopped. What the log calls deleted is; a new plan finds the rest.", title="Stopped")
        return 1


def clean(argv: Sequence[str], environ: Mapping[str, str], runner: Runner, patience: Patience, now: datetime) -> int:
    """Do what the arguments and inputs ask for, and set the outputs.

    Raises:
        UserError: nothing was deleted.
    """
    for name, value in OUTPUTS.items():
        runner.output(name, value)
    options = Options.parse(argv, environ)
    if options.channel.token:
        runner.mask(options.channel.token.secret)
    elif options.mode in {"apply", "plan-and-apply"} and not options.channel.is_directory:
        raise UserError(
            "There is no token, so nothing can be deleted.",
            title="No token",
            means=f"The variable {TOKEN_VARIABLE} is empty: the secret has another name, or this run gets none.",
            do="Set the secret in the environment of the job that applies plans. A plan alone needs none.",
            more=f"{README}cleanup",
            exit_code=2,
        )
    return DO[options.mode](Cleanup(options, runner, patience, now))


def _deleted(subject: str) -> list[tuple[str, list[str]]]:
    """The projects that something comes back of, and its file names; none of them stands for all."""
    if not subject.endswith(".json"):
        named = Subject.parse(subject)
        return [(named.project, [named.part] if named.part else [])]
    going = load_plan(subject).going
    return [(project, [file.filename for file in files]) for project, files in groupby(going, key=lambda f: f.project)]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
