"""Whether the files of a build may be released: as this version, from this commit, to the index that pip knows."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from nightly.actions import Runner
from nightly.anaconda.channel import simple_index
from nightly.channels import label_names, organization_name, safe_url
from nightly.errors import bad_input
from nightly.fetching.sources import opened
from nightly.fetching.table import RELEASE_FILES
from nightly.github.access import repository_name
from nightly.github.api import GitHubReader
from nightly.github.job import Job
from nightly.http import Http
from nightly.options import Input, one_of, parse_inputs
from nightly.patience import Patience
from nightly.releasing import release_text
from nightly.releasing.evidence import Evidence, Looked, SeenRun, is_wheel, project_of, tag_version
from nightly.releasing.gates import Gate, failed, gates
from nightly.releasing.gathered import read_gathered
from nightly.releasing.looking import AT_ONCE, fetched, listed, seen_run
from nightly.releasing.tags import read_tags
from nightly.sums import SHA256SUMS, sums_text

RUN, STAGING = "run", "staging"

INPUTS = (
    Input("files", "dist", "The directory of the files of a build, with BUILD-INFO.json and SHA256SUMS."),
    Input("tag", "", "The tag of the release. If empty, the one that the run is for."),
    Input("source", "source", "The directory of the source's checkout, with all its tags."),
    Input("source_repository", "", "The repository of the source, as OWNER/NAME. If empty, the one of the workflow."),
    Input("from", RUN, "Where the wheels were tried: run, or staging, which has to have these very bytes."),
    Input("staging_organization", "", "The organization of what is staged."),
    Input("staging_labels", "main", "The labels that it has, by comma or line."),
    Input("anaconda_index_url", "https://pypi.anaconda.org", "Where the indexes are."),
    Input("run_id", "", "The run that built the files, of this repository. If empty, this one."),
)


@dataclass(frozen=True)
class Asked:
    """The inputs, checked. `staging` is an index's address, empty where nothing was staged; `run_id` is 0 for this run.

    `repository` is the source's.
    """

    files: Path
    tag: str
    source: Path
    repository: str
    staging: str
    run_id: int


def run(argv: Sequence[str], environ: Mapping[str, str], runner: Runner, patience: Patience) -> int:
    """Look at all gates, tell of each, and leave behind what is to be published.

    Raises:
        UserError: an input is wrong; or a gate is shut, and then the summary has all of them.
    """
    asked = _asked(argv, environ)
    evidence = _evidence(asked, environ, runner, patience)
    found = gates(evidence)
    _say(evidence, found, runner)
    if failed(found):
        raise release_text.refusal(evidence, found)
    _leave_behind(asked, evidence, runner)
    return 0


def _asked(argv: Sequence[str], environ: Mapping[str, str]) -> Asked:
    given = parse_inputs("build release", str(__doc__), INPUTS, argv, environ)
    repository = given["source_repository"] or environ.get("GITHUB_REPOSITORY", "")
    return Asked(
        files=Path(given["files"]),
        tag=_tag(given["tag"], environ),
        source=Path(given["source"]),
        repository=repository_name("source_repository", repository),
        staging=_staging(given) if one_of("from", given["from"], (RUN, STAGING)) == STAGING else "",
        run_id=_run_id(given["run_id"], environ),
    )


def _tag(given: str, environ: Mapping[str, str]) -> str:
    """The tag's name, also where it's given as a full ref."""
    pushed = environ.get("GITHUB_REF_NAME", "") if environ.get("GITHUB_REF_TYPE") == "tag" else ""
    tag = given.removeprefix("refs/tags/") or pushed
    if not tag:
        raise bad_input("tag", given, "the name of a tag; only a run that is for a tag knows one itself")
    return tag


def _staging(given: Mapping[str, str]) -> str:
    organization = organization_name("staging_organization", given["staging_organization"])
    labels = label_names("staging_labels", given["staging_labels"])
    return simple_index(safe_url("anaconda_index_url", given["anaconda_index_url"]), organization, labels)


def _run_id(given: str, environ: Mapping[str, str]) -> int:
    if not given or given == environ.get("GITHUB_RUN_ID"):
        return 0
    if not given.isdecimal():
        raise bad_input("run_id", given, "the number of a run, which is the last part of its page's address")
    return int(given)


def _evidence(asked: Asked, environ: Mapping[str, str], runner: Runner, patience: Patience) -> Evidence:
    """All that the gates look at."""
    gathered, http = read_gathered(asked.files), Http(patience, AT_ONCE)
    project, wheels = project_of(gathered.info), [file for file in gathered.files if is_wheel(file.filename)]
    tagged = read_tags(asked.source, asked.repository, environ)
    with opened("", http, environ, runner.line) as index:
        known = listed(index, project)
    staged: Looked | None = None
    if asked.staging:
        with opened(asked.staging, http, environ, runner.line) as source:
            staged = fetched(source, project, wheels, http)
    return Evidence(
        tag=asked.tag,
        info=gathered.info,
        sums=gathered.sums,
        files=gathered.files,
        tagged=tagged,
        index=known,
        staging=staged,
        run=_seen(asked.run_id, environ, http) if asked.run_id else None,
    )


def _seen(run_id: int, environ: Mapping[str, str], http: Http) -> SeenRun:
    job = Job.from_environ(environ)
    return seen_run(GitHubReader(http, job.api_url, job.repository, job.token), run_id)


def _say(evidence: Evidence, found: Sequence[Gate], runner: Runner) -> None:
    """In the log, and in the summary."""
    runner.line(release_text.headline(evidence, found))
    for line in release_text.log_lines(found):
        runner.line(line)
    runner.summary(release_text.summary(evidence, found))


def _leave_behind(asked: Asked, evidence: Evidence, runner: Runner) -> None:
    """What is to be uploaded, alone in a directory, and beside it what the notes of the release may have."""
    directory = Path(tempfile.mkdtemp(prefix="release-", dir=runner.temp))
    dists, notes = directory / "release-files", directory / "release-notes"
    dists.mkdir()
    notes.mkdir()
    for file in evidence.files:
        shutil.copyfile(asked.files / file.filename, dists / file.filename)
    (notes / SHA256SUMS).write_text(
        sums_text({file.filename: file.sha256 for file in evidence.files}), encoding="utf-8", newline="\n"
    )
    (notes / RELEASE_FILES).write_text(release_text.files_table(evidence), encoding="utf-8", newline="\n")
    runner.output("version", str(tag_version(evidence.tag)))
    runner.output("tag", evidence.tag)
    runner.output("results", str(directory))
