"""Publish wheels to a channel, and never lose the ones that were there."""

from __future__ import annotations

import os
import signal
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from packaging.utils import NormalizedName

from nightly.actions import Runner
from nightly.channel import Channel, Listing, Outcome, State, WritableChannel
from nightly.channels import open_channel, open_writable
from nightly.collect import check_projects, collect, read_all
from nightly.errors import README, UserError
from nightly.patience import Patience
from nightly.plan import Action, Step, check_existing, keep_existing, make_plan
from nightly.progress import Bar
from nightly.report import Report
from nightly.summary import failure_summary, headline, install_lines, outcome_line, plan_lines, summary
from nightly.upload_options import ERROR, KEEP, Options
from nightly.verify import verify, wait_for_index
from nightly.versions import findings
from nightly.wheels import Wheel


class Upload:
    """One run."""

    def __init__(self, options: Options, runner: Runner, patience: Patience) -> None:
        self.options = options
        self.runner = runner
        self.patience = patience
        self.warnings: list[str] = []

    def run(self) -> Report:
        """Collect, read, look, plan, write, verify.

        Raises:
            UserError: nothing was written.
        """
        wheels = self._read()
        if self.options.dry_run:
            reader = open_channel(self.options.channel, self.patience, self.runner.line)
            return self._report(reader, tuple(step.pretended for step in self._plan(reader, wheels)))
        writer = open_writable(self.options.channel, self.patience, self.runner.line)
        outcomes = self._write(writer, self._plan(writer, wheels))
        return self._report(writer, self._verify(writer, outcomes))

    def _read(self) -> tuple[Wheel, ...]:
        channel = self.options.channel
        found = collect(self.options.artifacts, Path(), Path(channel.channel) if channel.is_directory else None)
        if found.sdists:
            named = ", ".join(path.name for path in found.sdists)
            self.runner.notice(f"Not uploaded, because a nightly channel holds wheels only: {named}.", title="sdists")
        wheels = read_all(found.wheels)
        check_projects(wheels, self.options.projects)
        return wheels

    def _plan(self, channel: Channel, wheels: Sequence[Wheel]) -> tuple[Step, ...]:
        """Look at the channel, and say what is going to be done before it is."""
        for warning in channel.check():
            self._warn(warning, title="Channel")
        listings = self._look(channel, {wheel.project: wheel.name for wheel in wheels})
        steps = make_plan(wheels, listings, self.options.channel.wanted_labels)
        if self.options.existing == KEEP:
            steps = keep_existing(steps)
            self._tell_kept(steps)
        self._check_versions([step.wheel for step in steps if step.action is not Action.KEEP], listings)
        self.runner.line(f"Plan for {channel.identity}:")
        for line in plan_lines(steps):
            self.runner.line(line)
        if self.options.existing == ERROR:
            check_existing(steps)
        return steps

    def _tell_kept(self, steps: Sequence[Step]) -> None:
        if kept := [step.wheel.filename for step in steps if step.action is Action.KEEP]:
            self.runner.notice(
                f"{len(kept)} file(s) are on the channel already, of another build, and stay: {', '.join(kept)}.\n"
                "Usually there's no new commit. If there is one, its version is the same: it comes with the next one.",
                title="Kept",
            )

    def _look(self, channel: Channel, projects: Mapping[NormalizedName, str]) -> dict[NormalizedName, Listing]:
        listings = {project: channel.listing(name) for project, name in projects.items()}
        for project, name in projects.items():
            there = listings[project]
            if there.exists and there.project != name:
                self.runner.notice(
                    f"{name} is on the channel as {there.project}, and its files go there: to installers it's one.",
                    title="Another spelling",
                )
        return listings

    def _check_versions(self, wheels: Sequence[Wheel], listings: Mapping[NormalizedName, Listing]) -> None:
        policy = self.options.version_policy
        labels = self.options.channel.wanted_labels
        choosable = {project: listing.labelled(labels) for project, listing in listings.items()}
        found = findings(wheels, choosable) if policy != "off" else ()
        for finding in found:
            say = self.runner.notice if not finding.fails else self.runner.error if policy == "error" else self._warn
            say(finding.message, title=f"Version policy: {finding.check}")
        if policy == "error" and any(finding.fails for finding in found):
            raise UserError(
                "The version policy refuses these wheels; the messages above say why.",
                title="Version policy",
                do="Mend the versions, or set version_policy to warn.",
                exit_code=2,
            )

    def _write(self, channel: WritableChannel, steps: Sequence[Step]) -> tuple[Outcome, ...]:
        skipped = [step.skipped for step in steps if not step.writes]
        uploads = [step.upload for step in steps if step.writes]
        bar = Bar(sys.stderr, sum(upload.wheel.size for upload in uploads)) if self.runner.is_terminal else None
        outcomes: list[Outcome] = []
        for outcome in channel.publish(uploads, bar.sent if bar else _unwatched):
            outcomes.append(outcome)
            if bar:
                bar.clear()
            self.runner.line(outcome_line(len(outcomes), len(uploads), outcome))
        return (*skipped, *outcomes)

    def _verify(self, channel: Channel, outcomes: Sequence[Outcome]) -> tuple[Outcome, ...]:
        checked = verify(channel, outcomes)
        if missing := wait_for_index(channel, checked, self.patience):
            self._warn(
                f"{len(missing)} file(s) are on the channel, but not in its index yet, such as {missing[0]}. "
                f"Usually it does within minutes: look at {channel.index_url}.",
                title="Index behind",
            )
        return checked

    def _report(self, channel: Channel, outcomes: Sequence[Outcome]) -> Report:
        report = Report(channel.identity, channel.index_url, tuple(outcomes))
        for outcome in outcomes:
            if outcome.warning:
                self._warn(f"{outcome.wheel.filename}: {outcome.warning}", title="Replaced")
            if outcome.state is State.FAILED:
                self.runner.error(f"{outcome.wheel.filename}: {outcome.reason}", title="Not published")
        self.runner.summary(summary(report, self.warnings))
        self.runner.line(headline(report))
        for line in install_lines(report):
            self.runner.line(f"  {line}")
        return report

    def _warn(self, message: str, *, title: str) -> None:
        self.warnings.append(message)
        self.runner.warning(message, title=title)


def main(argv: Sequence[str]) -> int:
    """Run the command."""
    runner = Runner.from_environ(os.environ, sys.stdout)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        return publish(argv, os.environ, runner, Patience())
    except UserError as error:
        runner.fail(error)
        runner.line("Nothing was written to the channel.")
        runner.summary(failure_summary(error))
        return error.exit_code
    except KeyboardInterrupt:
        stopped = "Somebody stopped this run. Files on the wire were finished; a rerun sends the others."
        runner.error(stopped, title="Stopped")
        runner.summary(f"## Nightly upload: stopped\n\n{stopped}\n")
        return 1


def publish(argv: Sequence[str], environ: Mapping[str, str], runner: Runner, patience: Patience) -> int:
    """Do what the flags and inputs ask for, and set the outputs.

    Raises:
        UserError: nothing was written.
    """
    _set_outputs(runner, Report("", "", ()).outputs)
    options = Options.parse(argv, environ)
    if options.channel.token:
        runner.mask(options.channel.token.secret)
    elif not options.channel.is_directory:
        return _without_token(options, runner)
    report = Upload(options, runner, patience).run()
    _set_outputs(runner, {**report.outputs, "report": _save(report, runner.temp)})
    return 1 if report.of(State.FAILED) else 0


def _without_token(options: Options, runner: Runner) -> int:
    if not options.skip_without_token:
        raise UserError(
            "There is no token, so nothing was uploaded.",
            title="No token",
            means="The input anaconda_nightly_upload_token is empty: the secret has another name, or isn't there. "
            "Runs for pull requests of forks and of Dependabot get no secrets.",
            do="Set the secret in the repository, or set missing_token to skip where its absence is normal.",
            more=f"{README}fork-safety",
            exit_code=2,
        )
    runner.notice(
        "There is no token here, as is normal for forks and Dependabot: nothing was uploaded.", title="Skipped"
    )
    runner.summary("## Nightly upload: skipped\n\nThere is no token here, so nothing was uploaded.\n")
    return 0


def _set_outputs(runner: Runner, outputs: Mapping[str, str]) -> None:
    for name, value in outputs.items():
        runner.output(name, value)


def _save(report: Report, temp: Path | None) -> str:
    path = Path(tempfile.mkdtemp(prefix="upload-nightly-", dir=temp)) / "report.json"
    path.write_text(report.json, encoding="utf-8")
    return str(path)


def _unwatched(_sent: int) -> None:
    """Nobody watches the bytes of a run without a terminal."""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
