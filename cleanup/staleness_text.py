"""What is said of a project that somebody should look after: an issue's title, text and news. Pure.

Days are named, not counted, so that an issue's text is the same until something happens.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from packaging.utils import canonicalize_name

from nightly import markdown
from nightly.errors import README
from nightly.issues import Report
from plan_summary import minute
from quantities import spell_duration
from staleness import Finding, Gap, Silence, Stage

_FEW = 3
_ALL_THERE_IS = "only stays because it is all that there is: who tests against it tests against the past."


@dataclass(frozen=True)
class Scene:
    """Where the channel is (its simple index), which file is its roster ("" for none), and where repositories are."""

    index_url: str
    roster: str = ""
    server_url: str = "https://github.com"


def key_of(project: str) -> str:
    """The key of a project's issue."""
    return f"project:{canonicalize_name(project)}"


def project_of(key: str) -> str:
    """The project whose issue has this key, or ""."""
    kind, _, name = key.partition(":")
    return name if kind == "project" else ""


def report_of(finding: Finding, scene: Scene, repository: str = "") -> Report:
    """The report on a project; `repository` is its own, if it's known."""
    sections = [
        f"Channel: {markdown.code(scene.index_url)}",
        *(each for each in (_gone(finding), _silence(finding.silence), _gaps(finding.gaps)) if each),
        _what_now(finding, scene, repository),
    ]
    return Report(
        key=key_of(finding.project),
        title=_title(finding),
        body="\n\n".join(sections),
        state=" ".join(_state(finding)),
        news=f"This is another matter now: {markdown.text(line_of(finding))}. The description above has the rest.",
    )


def line_of(finding: Finding) -> str:
    """The finding as plain text of one line."""
    return "; ".join(_said(finding))


def _title(finding: Finding) -> str:
    project, silence = finding.project, finding.silence
    if finding.is_gone:
        return f"{project} is gone from the nightly channel"
    if silence:
        return f"{project}: no new nightly wheels since {silence.since:%Y-%m-%d}"
    ending = [gap.key for gap in finding.gaps if gap.is_ending]
    if ending:
        return f"{project}: the last nightly wheels for {_few(ending)} are about to go"
    return f"{project}: no new nightly wheels for {_few([gap.key for gap in finding.gaps])}"


def _said(finding: Finding) -> Iterator[str]:
    if finding.is_gone:
        yield "there are no files of it on the channel"
    if silence := finding.silence:
        yield f"nothing new since {minute(silence.since)}"
        if silence.stage is Stage.ENDING:
            when = f"from {minute(silence.ends_at)} on" if silence.ends_at else "now"
            yield f"{when}, its last upload {'only stays as its last' if silence.is_kept else 'goes'}"
        if silence.stage is Stage.OVER:
            yield "its last upload only stays as its last"
    for is_ending, what in ((False, "no new wheels for"), (True, "the last wheels are about to go for")):
        if keys := [gap.key for gap in finding.gaps if gap.is_ending is is_ending]:
            yield f"{what} {_few(keys)}"


def _state(finding: Finding) -> Iterator[str]:
    if finding.is_gone:
        yield "gone"
    if finding.silence:
        yield finding.silence.stage.value
    yield from (f"{'ending' if gap.is_ending else 'behind'}:{gap.key}" for gap in finding.gaps)


def _gone(finding: Finding) -> str:
    if not finding.is_gone:
        return ""
    return (
        f"There are no files of {markdown.code(finding.project)} on the channel. Who installs nightlies of it gets a "
        "release instead, without a word, or nothing. On anaconda.org a project ends with its last file, and with it "
        f"everyone's right to upload to it: ask the channel's admins for it first ([how]({README}access))."
    )


def _silence(silence: Silence | None) -> str:
    if silence is None:
        return ""
    since = f"**Nothing new came since {minute(silence.since)}**, when version {markdown.code(silence.version)} did."
    usual = "How often something comes isn't known."
    if silence.gap:
        usual = f"Usually something comes every {spell_duration(round(silence.gap.total_seconds()))}."
    return f"{since} {usual} {_end(silence)}".rstrip()


def _end(silence: Silence) -> str:
    if silence.stage is Stage.OVER:
        return f"That upload {_ALL_THERE_IS}"
    if silence.ends_at and silence.is_kept:
        return f"From {minute(silence.ends_at)} on, that upload {_ALL_THERE_IS}"
    if silence.ends_at:
        return f"Unless something comes, **that upload starts to go on {minute(silence.ends_at)}**."
    if silence.stage is Stage.ENDING:
        return "Unless something comes, **that upload starts to go with the next cleanup**."
    return "Its files stay as they are, and get older."


def _gaps(gaps: Sequence[Gap]) -> str:
    if not gaps:
        return ""
    rows = [
        (
            markdown.code(gap.key),
            markdown.code(gap.version),
            minute(gap.uploaded_at),
            str(gap.newer),
            _when(gap),
        )
        for gap in gaps
    ]
    headers = ("interpreter, ABI and platform", "last version", "uploaded", "newer versions without it", "goes")
    return f"**Wheels that new versions lack, or that are about to go:**\n\n{markdown.table(headers, rows)}"


def _when(gap: Gap) -> str:
    if gap.goes_at:
        return minute(gap.goes_at)
    return "with the next cleanup" if gap.is_ending else "never"


def _what_now(finding: Finding, scene: Scene, repository: str) -> str:
    where = "the workflow that uploads them"
    if repository:
        where = f"[the workflows of {markdown.text(repository)}]({scene.server_url}/{repository}/actions)"
    lines = [
        f"- Usually a build fails, a token has run out, or GitHub has switched the schedule off: look at {where}.",
        "- The next upload of what is missing closes this issue.",
        "- If this is meant to be (a platform was given up, say), close it: it stays closed until something happens.",
    ]
    if scene.roster and not finding.is_gone:
        lines.append(f"- If it uploads less often than is believed here, say so in {markdown.code(scene.roster)}.")
    if scene.roster and finding.is_gone:
        lines.append(f"- If it left for good, remove it from {markdown.code(scene.roster)}, if it's there.")
    return "**What to do**\n\n" + "\n".join(lines)


def _few(keys: Sequence[str]) -> str:
    more = f" and {len(keys) - _FEW} more" if len(keys) > _FEW else ""
    return ", ".join(keys[:_FEW]) + more
