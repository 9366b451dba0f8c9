"""Tell who should know of projects gone quiet, lost platforms, and wheels that are about to go."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path

from packaging.utils import canonicalize_name

from admission import check_channel
from desks import Offices
from files import load_plan
from inventory import Inventory, take_inventory
from nightly import markdown
from nightly.actions import Runner
from nightly.auth import Token
from nightly.channel_inputs import CHANNEL_INPUTS, channel_options
from nightly.channels import ChannelOptions, open_channel
from nightly.errors import UserError, bad_input
from nightly.github.access import parse_token
from nightly.github.api import GitHubReader
from nightly.github.explain import explain
from nightly.github.job import SERVER_URL, Job
from nightly.http import Http
from nightly.http_errors import HttpError
from nightly.issues import Report, Tracked
from nightly.options import Input, parse_inputs, true_or_false
from nightly.patience import Patience
from plan import Plan, doubts_about
from policy import read_policy
from retention import decide
from roster import Roster, read_roster
from rules import Policy
from staleness import Finding, Forecast, find, gone, mortal
from staleness_text import Scene, key_of, line_of, project_of, report_of
from telling import Telling
from upkeep import last_cleanup, overdue_report, policy_report

PROJECTS_TOKEN_VARIABLE = "INPUT_PROJECTS_TOKEN"  # noqa: S105 - a name, not a secret

INPUTS = (
    *CHANNEL_INPUTS,
    Input("policy", "", "The file of the cleanup's policy."),
    Input("roster", "", "A file of the projects that ought to be there, and of their repositories."),
    Input("previous", "", "The plan of an earlier cleanup, which tells what was there."),
    Input("cleanup_workflow", "", "The file of the workflow that cleans up daily, to tell if it doesn't run."),
    Input("dry_run", "false", "If true, what would be posted is printed.", bare="true"),
)

_RUNS = 100
"""How many runs are looked through for the last cleanup."""


@dataclass(frozen=True)
class Options:
    """What the user asked for, checked. `job` is None in a dry run away from any repository."""

    channel: ChannelOptions
    policy: Policy
    roster: Roster
    roster_file: str
    previous: Plan | None
    cleanup_workflow: str
    job: Job | None
    projects_token: Token | None = field(repr=False)
    dry_run: bool

    @classmethod
    def parse(cls, argv: Sequence[str], environ: Mapping[str, str]) -> Options:
        """Read flags, inputs and the files that they name.

        Raises:
            UserError: one of them can't be used.
        """
        told = f"{__doc__} Tokens are read from the variables GITHUB_TOKEN and {PROJECTS_TOKEN_VARIABLE} alone."
        given = parse_inputs("freshness", told, INPUTS, argv, environ)
        if not given["policy"]:
            raise bad_input("policy", "", "the path of a policy's file, such as cleanup/policy.yml")
        dry_run = true_or_false("dry_run", given["dry_run"])
        return cls(
            channel=channel_options(given, environ),
            policy=read_policy(Path(given["policy"])),
            roster=read_roster(Path(given["roster"])) if given["roster"] else {},
            roster_file=given["roster"],
            previous=load_plan(given["previous"]) if given["previous"] else None,
            cleanup_workflow=given["cleanup_workflow"].rpartition("/")[2],
            job=None if dry_run and not environ.get("GITHUB_REPOSITORY") else Job.from_environ(environ),
            projects_token=parse_token(environ.get(PROJECTS_TOKEN_VARIABLE, "")),
            dry_run=dry_run,
        )


@dataclass(frozen=True)
class View:
    """A channel as it is now: the plan that a cleanup would make, and what is odd."""

    plan: Plan
    findings: tuple[Finding, ...]
    scene: Scene

    @property
    def present(self) -> tuple[str, ...]:
        """The projects that the channel has, those that couldn't be read with them."""
        return tuple(each.project for each in self.plan.projects)


def look(options: Options, runner: Runner, patience: Patience, now: datetime) -> View:
    """Look at the channel.

    Raises:
        UserError: its list of projects can't be had, or is hard to believe.
    """
    channel = open_channel(options.channel, patience, runner.line)
    if options.previous:
        check_channel(options.previous, channel.identity, options.channel.wanted_labels)
    inventory = take_inventory(channel, patience)
    decisions = decide(inventory.files, options.policy, now, options.channel.wanted_labels)
    plan = Plan(
        decisions, channel.identity, options.channel.wanted_labels, options.policy.digest, now, inventory.unread
    )
    if doubts := tuple(doubts_about(plan, options.previous)):
        raise UserError(" ".join(doubts), title="Hard to believe", do="Look at the channel. Nobody was told anything.")
    scene = Scene(channel.index_url, options.roster_file, options.job.server_url if options.job else SERVER_URL)
    return View(plan, tuple(_findings(options, inventory, plan)), scene)


def _findings(options: Options, inventory: Inventory, plan: Plan) -> Iterator[Finding]:
    ends = decide(inventory.files, mortal(options.policy), plan.now, plan.labels)
    rhythms = {name: entry.rhythm for name, entry in options.roster.items() if entry.rhythm.is_known}
    yield from find(Forecast(plan.decisions, ends), options.policy, rhythms, plan.now)
    yield from gone(_expected(options), [each.project for each in plan.projects])


def _expected(options: Options) -> list[str]:
    """The projects that the roster or an earlier plan has."""
    earlier = options.previous.projects if options.previous else ()
    return [*(entry.project for entry in options.roster.values()), *(each.project for each in earlier)]


class Freshness:
    """One run: brings the issues here and in the projects' repositories in line with what was seen."""

    def __init__(self, options: Options, view: View, runner: Runner, http: Http) -> None:
        self.options = options
        self.view = view
        self.runner = runner
        self.http = http
        kind = f"freshness of {view.plan.channel}"
        self.offices = Offices(options.job, options.projects_token, kind, runner, http, options.dry_run)
        self.telling = Telling(frozenset(key_of(each.project) for each in view.plan.unread), runner)

    def run(self, now: datetime) -> int:
        """Tell of everything. Returns 1 if some of it couldn't be seen, or told.

        Raises:
            UserError: this repository's tracker can't be used.
        """
        here, there = self._addressed()
        untold = self.telling.tell_there(there, self.offices.there)
        try:
            desk = self.offices.here()
            known = desk.known([report.key for report in (*here, *untold)])
            forgotten = self._forgotten(known)
            reports = [*here, *untold, *map(self._report, forgotten), *self._upkeep(now)]
            self.telling.tell(desk, reports, known)
        except HttpError as error:
            raise explain(error) from error
        self._summarize((*self.view.findings, *forgotten))
        return 1 if self.telling.failed or self.view.plan.unread else 0

    def _addressed(self) -> tuple[list[Report], dict[str, list[Report]]]:
        """What is told here, and what in other repositories: those with nothing to tell too, to close issues there."""
        roster = self.options.roster if self.options.projects_token else {}
        there: dict[str, list[Report]] = {each.repository: [] for each in roster.values() if each.told_there}
        here: list[Report] = []
        for finding in self.view.findings:
            entry = roster.get(canonicalize_name(finding.project))
            (there[entry.repository] if entry and entry.told_there else here).append(self._report(finding))
        return here, there

    def _report(self, finding: Finding) -> Report:
        entry = self.options.roster.get(canonicalize_name(finding.project))
        return report_of(finding, self.view.scene, entry.repository if entry else "")

    def _forgotten(self, known: Sequence[Tracked]) -> tuple[Finding, ...]:
        """The projects that are gone and that only an open issue remembers: an earlier plan does for one day."""
        reported = [finding.project for finding in self.view.findings]
        remembered = [project_of(each.marker.key) for each in known if each.issue.is_open]
        return tuple(gone(filter(None, remembered), [*self.view.present, *reported]))

    def _upkeep(self, now: datetime) -> list[Report]:
        """What this repository's own people have to look after."""
        reports = [policy_report(self.options.policy, now), self._overdue(now)]
        return [report for report in reports if report]

    def _overdue(self, now: datetime) -> Report | None:
        job, workflow = self.options.job, self.options.cleanup_workflow
        if not job or not workflow:
            return None
        reader = GitHubReader(self.http, job.api_url, job.repository, job.token)
        return overdue_report(workflow, last_cleanup(reader.latest_runs(workflow, _RUNS, branch=job.branch)), now)

    def _summarize(self, findings: Sequence[Finding]) -> None:
        rows = [self._row(finding) for finding in findings]
        unread = [f"- {markdown.text(f'{each.project}: {each.reason}')}" for each in self.view.plan.unread]
        sections = [
            f"## Freshness: {len(rows) or 'no'} project{'s' * (len(rows) != 1)} to look after",
            markdown.table(["project", "what", "issue"], rows) if rows else "",
            "Couldn't be read:\n\n" + "\n".join(unread) if unread else "",
        ]
        self.runner.summary("\n\n".join(filter(None, sections)) + "\n")

    def _row(self, finding: Finding) -> tuple[str, str, str]:
        url = self.telling.urls.get(key_of(finding.project), "")
        number = url.rpartition("/")[2]
        return (
            markdown.text(finding.project),
            markdown.text(line_of(finding)),
            f"[{markdown.text(number)}]({url})" if url else "",
        )


def main(argv: Sequence[str]) -> int:
    """Run the command."""
    runner = Runner.from_environ(os.environ, sys.stdout)
    try:
        return freshen(argv, os.environ, runner, Patience(), datetime.now(timezone.utc))
    except UserError as error:
        runner.fail(error)
        return error.exit_code


def freshen(argv: Sequence[str], environ: Mapping[str, str], runner: Runner, patience: Patience, now: datetime) -> int:
    """Look at the channel, and tell of what is odd. Returns the exit code.

    Raises:
        UserError: an input is wrong, or the channel or this repository's tracker can't be used.
    """
    options = Options.parse(argv, environ)
    for token in (options.channel.token, options.projects_token):
        runner.mask(token.secret if token else "")
    view = look(options, runner, patience, now)
    for each in view.plan.unread:
        runner.error(f"{each.project} couldn't be read: {each.reason}", title="Not read")
    for finding in view.findings:
        runner.line(f"{finding.project}: {line_of(finding)}")
    return Freshness(options, view, runner, Http(patience)).run(now)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
