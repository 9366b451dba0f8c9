"""What the upload command refuses, or is refused, and what it says then. Nothing is written."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from anaconda_calls import Behavior
from anaconda_model import Token
from faults import EVERY, Fault, error
from nightly.anaconda.explain import TOKEN_PAGE
from uploading import COLLABORATOR, QUICK, Night, Run

BAD_INPUTS = {
    "no artifacts": ("artifacts_path", "\n \n"),
    "artifacts that aren't there": ("artifacts_path", "nowhere/*.whl"),
    "empty organization": ("anaconda_nightly_upload_organization", ""),
    "organization with a path": ("anaconda_nightly_upload_organization", "org/../other"),
    "no label": ("anaconda_nightly_upload_labels", " ,\n"),
    "label with a space": ("anaconda_nightly_upload_labels", "main dev"),
    "empty channel": ("channel", " "),
    "channel as a URL": ("channel", "https://anaconda.org"),
    "channel misspelt": ("channel", "Anaconda"),
    "API over http": ("anaconda_api_url", "http://api.example.org"),
    "API without a scheme": ("anaconda_api_url", "api.example.org"),
    "API with half an address": ("anaconda_api_url", "https://[::1"),
    "API with a word for a port": ("anaconda_api_url", "https://api.example.org:https"),
    "index over ftp": ("anaconda_index_url", "ftp://example.org"),
    "index without a host": ("anaconda_index_url", "https://"),
    "index with a password": ("anaconda_index_url", "https://me:pa55word@example.org"),
    "projects that are none": ("projects", "demo-pkg, -"),
    "on_existing": ("on_existing", "overwrite"),
    "missing_token": ("missing_token", ""),
    "version_policy": ("version_policy", "strict"),
    "parallel of none": ("parallel", "0"),
    "parallel of too many": ("parallel", "33"),
    "parallel of other digits": ("parallel", "\N{ARABIC-INDIC DIGIT FOUR}"),
    "dry_run": ("dry_run", "yes"),
}


def refused(run: Run, code: int) -> str:
    """What a run says that was refused before it wrote anything."""
    assert run.code == code, run.log
    assert run.error
    assert not run.writes
    return str(run.error)


@pytest.mark.parametrize(("name", "value"), BAD_INPUTS.values(), ids=BAD_INPUTS)
def test_a_bad_input_is_refused_by_name(night: Night, name: str, value: str) -> None:
    night.make()
    run = night.run(**{name: value})
    said = refused(run, code=2)
    assert name in said
    assert "pa55word" not in said
    assert not run.requests


def test_wheels_of_other_projects_are_refused_by_name(night: Night) -> None:
    night.make()
    (other,) = night.make(name="numpy")
    run = night.run(projects="Demo.Pkg")
    assert other.name in refused(run, code=2)
    assert not run.requests


def test_projects_are_compared_as_installers_do(night: Night) -> None:
    night.make()
    assert night.run(projects="other\nDemo_PKG").code == 0


def test_all_bad_files_are_named_before_anything_is_asked(night: Night) -> None:
    night.make()
    (night.dist / "empty-1.0-py3-none-any.whl").write_bytes(b"")
    (night.dist / "page-1.0-py3-none-any.whl").write_bytes(b"<html>")
    run = night.run()
    message = refused(run, code=2)
    assert "empty-1.0-py3-none-any.whl" in message
    assert "page-1.0-py3-none-any.whl" in message
    assert not run.requests


def test_without_a_token_nothing_is_uploaded(night: Night) -> None:
    night.make()
    run = night.run(anaconda_nightly_upload_token="")
    assert "Dependabot" in refused(run, code=2)
    assert not run.requests


def test_a_fork_without_a_token_may_skip(night: Night) -> None:
    night.make()
    run = night.run(anaconda_nightly_upload_token=" \n", missing_token="skip")
    assert run.code == 0
    assert not run.requests
    assert "notice: Skipped" in run.log
    assert "skipped" in run.summary
    assert run.names("uploaded") == []


def test_a_token_in_two_lines_is_refused_and_not_shown(night: Night) -> None:
    night.make()
    run = night.run(anaconda_nightly_upload_token="tk-first\ntk-second")
    message = refused(run, code=2)
    assert "token" in message
    assert "tk-" not in message + run.log + run.summary


@pytest.mark.parametrize(
    ("token", "said"),
    [
        (Token("dev", expires=datetime.now(timezone.utc) - timedelta(days=1)), "The token's time is over"),
        (Token("dev", scopes=frozenset({"pypi:upload"})), "lacks the scopes api:read, api:write"),
        (Token("dev", scopes=frozenset({"api:read", "api:write"})), "lacks the scope pypi:upload"),
        (None, "doesn't know the token"),
    ],
    ids=["expired", "upload alone", "no upload", "unknown"],
)
def test_a_token_that_wont_do_is_found_out_first(night: Night, token: Token | None, said: str) -> None:
    night.make()
    if token:
        night.server.add_token(COLLABORATOR, token)
    message = refused(night.run(anaconda_nightly_upload_token=COLLABORATOR), code=1)
    assert said in message
    assert TOKEN_PAGE in message
    assert "api:read, api:write, pypi:upload" in message


def test_a_missing_scope_is_named_at_the_write_where_the_server_doesnt_tell_it_before(night: Night) -> None:
    night.server.behavior = Behavior(authentication="bare")
    night.server.add_token(COLLABORATOR, Token("dev", scopes=frozenset({"api:read"}), packages=frozenset({"demo-pkg"})))
    (wheel,) = night.make()
    run = night.run(anaconda_nightly_upload_token=COLLABORATOR)
    assert run.code == 1
    assert "lacks the scope api:write" in run.row(wheel.name)["reason"]


@pytest.mark.parametrize(
    "behavior", [Behavior(authentication="bare"), Behavior(authentication=404)], ids=["no scopes", "no such page"]
)
def test_a_server_that_tells_nothing_of_tokens_is_taken(night: Night, behavior: Behavior) -> None:
    night.server.behavior = behavior
    night.make()
    assert night.run().code == 0


@pytest.mark.parametrize(("days", "warned"), [(10, True), (29, True), (31, False), (None, False)])
def test_a_token_is_warned_of_in_its_last_thirty_days(night: Night, days: int | None, warned: bool) -> None:  # noqa: FBT001 - a table
    end = datetime.now(timezone.utc) + timedelta(days=days, hours=1) if days else None
    night.server.add_token(COLLABORATOR, Token("owner", expires=end))
    night.make()
    run = night.run(anaconda_nightly_upload_token=COLLABORATOR)
    assert run.code == 0, run.log
    assert (f"in {days} days" in run.log) == warned
    assert ("The token expires" in run.summary) == warned


@pytest.mark.parametrize(
    "header", ["X-Anaconda-Read-Only", "X-Anaconda-Lockdown", "Conda-Token-Warning"], ids=str.lower
)
def test_what_the_server_says_in_its_headers_is_a_warning(night: Night, header: str) -> None:
    night.server.behavior = Behavior(headers=((header, "until noon ::error::"),))
    night.make()
    run = night.run()
    assert "warning: Channel: The " in run.log
    assert "until noon" in run.log
    assert "until noon" in run.summary


def test_an_organization_that_isnt_there_is_named(night: Night) -> None:
    night.make()
    message = refused(night.run(anaconda_nightly_upload_organization="nightly-whels"), code=1)
    assert "There is no organization 'nightly-whels'" in message
    assert "anaconda_nightly_upload_organization" in message


def test_a_project_that_may_not_be_created_is_told_in_both_meanings(night: Night) -> None:
    night.as_collaborator("other-pkg")
    (wheel,) = night.make()
    reason = night.run().row(wheel.name)["reason"]
    assert "no project of the spelling demo-pkg" in reason
    assert "may not create it" in reason
    assert "ask the channel's admins" in reason


def test_that_a_project_may_not_be_created_is_asked_once_for_all_its_files(night: Night) -> None:
    night.as_collaborator("other-pkg")
    night.make(count=5)
    run = night.run()
    assert len(run.names("failed")) == 5
    assert len(run.writes) == 1


def test_a_missing_right_is_told_in_both_meanings(night: Night) -> None:
    night.seed(version="1.0.dev0")
    night.as_collaborator("other-pkg")
    (wheel,) = night.make()
    reason = night.run().row(wheel.name)["reason"]
    assert "Either there is no such project on the channel, or the token's owner has no right to it" in reason
    assert "access" in reason


def test_a_full_channel_says_so_and_loses_nothing(night: Night) -> None:
    night.seed(count=2)
    old = night.there()
    night.make(count=3)
    night.server.behavior = Behavior(quota=sum(map(len, old.values())))
    run = night.run()
    assert len(run.names("failed")) == 3
    assert all("storage is full" in row["reason"] for row in run.report["files"])
    assert night.there() == old


@pytest.mark.parametrize("path", ["/authentication", "/user/*", "/package/*", "/packages/*"])
@pytest.mark.parametrize("status", [500, 401, 403])
def test_a_service_that_fails_the_look_is_left_untouched(night: Night, path: str, status: int) -> None:
    night.make()
    night.patience = QUICK
    night.server.faults.add(Fault(error(status, "::error::No`|"), "GET", path, nth=EVERY))
    run = night.run()
    if path == "/authentication" and status != 401:
        assert run.code == 0  # Who may ask this isn't documented.
    else:
        assert str(status) in refused(run, code=1)
