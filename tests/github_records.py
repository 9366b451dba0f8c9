"""The records of GitHub's REST API 2022-11-28: of the fields that it documents, those that say something here."""

from __future__ import annotations

import base64
import hashlib
from datetime import datetime
from typing import TypeAlias

from exchanges import Json
from github_model import Artifact, Comment, Issue, Label, Repository, Run, Workflow

Record: TypeAlias = "dict[str, Json]"
WEB = "https://github.com"


class Records:
    """Writes the records of a repository, whose API is at `api`."""

    def __init__(self, repository: Repository, api: str) -> None:
        self._repository = repository
        self._api = f"{api}/repos/{repository.name}"
        self._root = api
        self._web = f"{WEB}/{repository.name}"

    def issue(self, issue: Issue) -> Record:
        url = f"{self._api}/issues/{issue.number}"
        page = f"{self._web}/{'pull' if issue.is_pull else 'issues'}/{issue.number}"
        pull: Record = {"url": f"{self._api}/pulls/{issue.number}", "html_url": page, "merged_at": None}
        return {
            **self._basis("Issue", issue.id, url, page),
            "repository_url": self._api,
            "labels_url": f"{url}/labels{{/name}}",
            "comments_url": f"{url}/comments",
            "events_url": f"{url}/events",
            "timeline_url": f"{url}/timeline",
            "number": issue.number,
            "title": issue.title,
            "body": issue.body,
            "user": self.user(issue.login),
            "labels": [self.label(self._repository.labels[name.casefold()]) for name in issue.labels],
            "state": issue.state,
            "state_reason": issue.state_reason,
            "locked": False,
            "active_lock_reason": None,
            "assignee": None,
            "assignees": [],
            "milestone": None,
            "comments": len(issue.comments),
            "created_at": moment(issue.created_at),
            "updated_at": moment(issue.updated_at),
            "closed_at": moment(issue.closed_at) if issue.closed_at else None,
            "closed_by": self.user(issue.closed_by) if issue.closed_by else None,
            "author_association": "NONE",
            "performed_via_github_app": None,
            **({"pull_request": pull, "draft": False} if issue.is_pull else {}),
        }

    def comment(self, number: int, comment: Comment) -> Record:
        url = f"{self._api}/issues/comments/{comment.id}"
        return {
            **self._basis("IssueComment", comment.id, url, f"{self._web}/issues/{number}#issuecomment-{comment.id}"),
            "issue_url": f"{self._api}/issues/{number}",
            "body": comment.body,
            "user": self.user(comment.login),
            "created_at": moment(comment.created_at),
            "updated_at": moment(comment.created_at),
            "author_association": "NONE",
            "performed_via_github_app": None,
        }

    def label(self, label: Label) -> Record:
        return {
            "id": label.id,
            "node_id": node("Label", label.id),
            "url": f"{self._api}/labels/{label.name}",
            "name": label.name,
            "color": label.color,
            "default": False,
            "description": label.description,
        }

    def artifact(self, artifact: Artifact, now: datetime) -> Record:
        url = f"{self._api}/actions/artifacts/{artifact.id}"
        return {
            "id": artifact.id,
            "node_id": node("Artifact", artifact.id),
            "name": artifact.name,
            "size_in_bytes": len(artifact.content),
            "url": url,
            "archive_download_url": f"{url}/zip",
            "expired": artifact.expires_at <= now,
            "created_at": moment(artifact.created_at),
            "updated_at": moment(artifact.created_at),
            "expires_at": moment(artifact.expires_at),
            "digest": f"sha256:{hashlib.sha256(artifact.content).hexdigest()}",
            "workflow_run": {
                "id": artifact.run_id,
                "repository_id": self._repository.id,
                "head_repository_id": self._repository.id,
                "head_branch": artifact.branch,
                "head_sha": "0" * 40,
            },
        }

    def run(self, run: Run, workflow: Workflow) -> Record:
        url = f"{self._api}/actions/runs/{run.id}"
        return {
            **self._basis("WorkflowRun", run.id, url, f"{self._web}/actions/runs/{run.id}"),
            "name": workflow.name,
            "display_title": workflow.name,
            "path": workflow.path,
            "head_branch": run.branch,
            "head_sha": "0" * 40,
            "run_number": run.number,
            "run_attempt": 1,
            "event": run.event,
            "status": run.status,
            "conclusion": run.conclusion,
            "workflow_id": run.workflow_id,
            "pull_requests": [],
            "created_at": moment(run.created_at),
            "updated_at": moment(run.created_at),
            "run_started_at": moment(run.created_at),
            "artifacts_url": f"{url}/artifacts",
            "head_repository": {"full_name": run.head or self._repository.name, "fork": bool(run.head)},
        }

    def workflow(self, workflow: Workflow) -> Record:
        url = f"{self._api}/actions/workflows/{workflow.id}"
        page = f"{self._web}/blob/main/{workflow.path}"
        return {
            **self._basis("Workflow", workflow.id, url, page),
            "name": workflow.name,
            "path": workflow.path,
            "state": workflow.state,
            "created_at": moment(workflow.created_at),
            "updated_at": moment(workflow.created_at),
            "badge_url": f"{self._web}/workflows/{workflow.name}/badge.svg",
        }

    def user(self, login: str) -> Record:
        number = int(hashlib.sha256(login.encode()).hexdigest()[:6], 16)
        is_bot = login.endswith("[bot]")
        page = f"{WEB}/apps/{login.removesuffix('[bot]')}" if is_bot else f"{WEB}/{login}"
        return {
            **self._basis("User", number, f"{self._root}/users/{login}", page),
            "login": login,
            "type": "Bot" if is_bot else "User",
            "site_admin": False,
        }

    def _basis(self, kind: str, number: int, url: str, page: str) -> Record:
        return {"id": number, "node_id": node(kind, number), "url": url, "html_url": page}


def node(kind: str, number: int) -> str:
    """A GraphQL id, of which nothing may be expected."""
    return base64.b64encode(f"{kind}{number}".encode()).decode()


def moment(when: datetime) -> str:
    """A time as GitHub writes it: UTC, whole seconds."""
    return when.strftime("%Y-%m-%dT%H:%M:%SZ")
