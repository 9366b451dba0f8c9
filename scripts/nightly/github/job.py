"""The job that runs this, as GitHub tells it by variables. Pure.

https://docs.github.com/actions/reference/workflows-and-actions/variables lists them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from nightly.auth import Token
from nightly.github.access import API_URL, api_url, parse_token, repository_name

SERVER_URL = "https://github.com"
TOKEN_VARIABLES = ("INPUT_GITHUB_TOKEN", "GITHUB_TOKEN", "GH_TOKEN")
"""Where a token is looked for: what a door hands over, then what a person has set, for us or for GitHub's `gh`."""


@dataclass(frozen=True)
class Job:
    """A job's repository, and the run that it is part of.

    `workflow` is the path of the workflow's file in the repository; in a called workflow, it's the caller's. `run_url`
    is the page of the run.
    """

    repository: str
    api_url: str
    server_url: str
    workflow: str
    branch: str
    run_id: int
    run_url: str
    token: Token | None = field(repr=False)

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> Job:
        """Read the variables.

        Raises:
            UserError: there's no repository, or a value can't be what it's said to be.
        """
        repository = repository_name("GITHUB_REPOSITORY", environ.get("GITHUB_REPOSITORY", ""))
        server = environ.get("GITHUB_SERVER_URL", SERVER_URL).rstrip("/")
        run = environ.get("GITHUB_RUN_ID", "")
        reference = environ.get("GITHUB_WORKFLOW_REF", "").partition("@")[0]
        return cls(
            repository=repository,
            api_url=api_url("GITHUB_API_URL", environ.get("GITHUB_API_URL") or API_URL),
            server_url=server,
            workflow=reference.removeprefix(f"{repository}/"),
            branch=environ.get("GITHUB_REF_NAME", ""),
            run_id=int(run) if run.isdecimal() else 0,
            run_url=f"{server}/{repository}/actions/runs/{run}",
            token=read_token(environ),
        )

    def page_of(self, run_id: int) -> str:
        """The page of a run, by its id."""
        return f"{self.server_url}/{self.repository}/actions/runs/{run_id}"


def read_token(environ: Mapping[str, str]) -> Token | None:
    """The token that the job has, or None.

    Raises:
        UserError: it can't be a token.
    """
    given = (environ[name] for name in TOKEN_VARIABLES if environ.get(name))
    return parse_token(next(given, ""))
