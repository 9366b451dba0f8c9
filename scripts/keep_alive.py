"""Keep workflows on a schedule switched on: GitHub switches them off after 60 days without activity."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence

from nightly import markdown
from nightly.actions import Runner
from nightly.errors import UserError, bad_input
from nightly.github.api import GitHubWriter
from nightly.github.explain import explain
from nightly.github.job import Job
from nightly.http import Http
from nightly.http_errors import HttpError
from nightly.options import Input, names, parse_inputs
from nightly.patience import Patience

INPUTS = (Input("workflows", "", "The files' names, by comma or line; the workflow that runs this, if none is given."),)

BY_GITHUB = "disabled_inactivity"


def main(argv: Sequence[str]) -> int:
    """Run the command."""
    runner = Runner.from_environ(os.environ, sys.stdout)
    try:
        return keep_alive(argv, os.environ, runner, Patience())
    except UserError as error:
        runner.fail(error)
        return error.exit_code


def keep_alive(argv: Sequence[str], environ: Mapping[str, str], runner: Runner, patience: Patience) -> int:
    """Let the 60 days of each workflow begin anew. Returns 1 if that failed for one of them.

    Raises:
        UserError: an input is wrong.
    """
    given = parse_inputs("keep-alive", str(__doc__), INPUTS, argv, environ)["workflows"]
    job = Job.from_environ(environ)
    workflows = tuple(name.rpartition("/")[2] for name in names(given or job.workflow))
    if not workflows:
        raise bad_input("workflows", given, "names of workflow files, such as nightly.yml")
    writer = GitHubWriter(Http(patience), job.api_url, job.repository, job.token)
    states = {name: _try_to_renew(writer, name, runner) for name in workflows}
    rows = [(markdown.code(name), markdown.text(state)) for name, state in states.items() if state]
    runner.summary(f"## Schedules kept alive\n\n{markdown.table(['workflow', 'what it was'], rows)}\n")
    return 0 if all(states.values()) else 1


def _try_to_renew(writer: GitHubWriter, name: str, runner: Runner) -> str:
    """The state that the workflow was in, "" if it couldn't be looked after."""
    try:
        return _renew(writer, name, runner)
    except HttpError as error:
        runner.error(f"{name}: {explain(error)}", title="Not kept alive")
        return ""


def _renew(writer: GitHubWriter, name: str, runner: Runner) -> str:
    """What a person switched off stays so."""
    workflow = writer.workflow(name)
    if not workflow.is_active and workflow.state != BY_GITHUB:
        runner.notice(f"{name} is switched off ({workflow.state}), and stays so.", title="Switched off")
        return workflow.state
    if workflow.state == BY_GITHUB:
        runner.warning(f"GitHub had switched {name} off for want of activity. It's on again.", title="Switched on")
    writer.enable_workflow(name)
    runner.line(f"{name} was {workflow.state}, and has 60 days from now.")
    return workflow.state


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
