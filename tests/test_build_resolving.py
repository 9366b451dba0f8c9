"""Which commit a name means, in real repositories."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import pytest

from nightly.building.checkout import Checkout
from nightly.building.resolving import Commit, resolve, wanted_ref
from nightly.errors import UserError
from repositories import EPOCH, Repository, new_repository


@dataclass(frozen=True)
class Sample:
    """A repository with a checkout of it, and the hashes of its commits by what they are for."""

    upstream: Repository
    checkout: Checkout
    sha: dict[str, str]

    def resolve(self, wanted: str) -> Commit:
        return resolve(self.checkout, wanted)


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    """Two releases, one of which has a branch of its name elsewhere, and a pull request that is on no branch."""
    upstream = new_repository(tmp_path_factory.mktemp("git") / "upstream")
    sha = {"first": upstream.commit()}
    upstream.git("tag", "--annotate", "v1.0", "--message=One")
    sha["second"] = upstream.commit()
    upstream.git("tag", "both")
    upstream.git("branch", "maintenance/1.x")
    upstream.git("branch", "both", sha["first"])
    sha["third"] = upstream.commit()
    sha["blob"] = upstream.git("hash-object", "-w", "--stdin")
    upstream.git("tag", "a-file", sha["blob"])
    upstream.git("switch", "--quiet", "--create", "pull")
    sha["pull"] = upstream.commit()
    upstream.git("update-ref", "refs/pull/7/head", "HEAD")
    upstream.git("switch", "--quiet", "main")
    upstream.git("branch", "-D", "pull")
    return Sample(upstream, Checkout(upstream.clone(upstream.path.with_name("clone")), os.environ), sha)


@pytest.mark.parametrize(
    ("wanted", "meant"),
    [
        ("", "third"),
        ("main", "third"),
        ("maintenance/1.x", "second"),
        ("refs/heads/maintenance/1.x", "second"),
        ("v1.0", "first"),
        ("refs/tags/v1.0", "first"),
        ("refs/heads/both", "first"),
        ("refs/tags/both", "second"),
        ("main~1", "second"),
        ("main^^", "first"),
        ("refs/pull/7/head", "pull"),
    ],
)
def test_a_name_leads_to_its_commit(sample: Sample, wanted: str, meant: str) -> None:
    assert sample.resolve(wanted).sha == sample.sha[meant]


@pytest.mark.parametrize("length", [7, 12, 40])
def test_a_hash_may_be_short(sample: Sample, length: int) -> None:
    assert sample.resolve(sample.sha["second"][:length]).sha == sample.sha["second"]


def test_what_git_describe_said_is_a_name_too(sample: Sample) -> None:
    described = sample.resolve("main").describe
    assert described.startswith("both-1-g")
    assert sample.resolve(described).sha == sample.sha["third"]


def test_a_commit_is_known_by_its_tag_and_its_time(sample: Sample) -> None:
    assert sample.resolve("v1.0") == Commit(sample.sha["first"], "v1.0", EPOCH)


def test_a_commit_on_no_branch_is_fetched_by_its_hash(sample: Sample, tmp_path: Path) -> None:
    clone = Checkout(sample.upstream.clone(tmp_path / "clone"), os.environ)
    assert resolve(clone, sample.sha["pull"]).sha == sample.sha["pull"]


@pytest.mark.parametrize(
    ("wanted", "gists"),
    [
        ("both", ["refs/heads/both", "refs/tags/both", "full hash"]),
        ("mian", ["There are: main", "source_repository"]),
        ("maintenance/2.x", ["maintenance/1.x"]),
        ("v1.1", ["v1.0"]),
        ("refs/tags/v9", ["names no commit"]),
        ("a-file", ["names no commit"]),
        ("main~99", ["no such ancestor"]),
        (40 * "0", ["names no commit"]),
        ("--help", ["can't be"]),
        ("main:file", ["can't be"]),
        ("a b", ["can't be"]),
        ("v1..main", ["can't be"]),
        ("main\n", ["can't be"]),
        ("@{-1}", ["can't be"]),
    ],
)
def test_what_names_no_commit_or_several_is_refused(sample: Sample, wanted: str, gists: list[str]) -> None:
    with pytest.raises(UserError) as refused:
        sample.resolve(wanted)
    assert refused.value.exit_code == 2
    for gist in gists:
        assert gist in str(refused.value)


def test_a_short_hash_of_several_commits_is_refused_with_all_of_them(tmp_path: Path) -> None:
    upstream = new_repository(tmp_path / "upstream")
    commits = "".join(f"commit refs/heads/main\ncommitter a <a@b> {number} +0000\ndata 0\n\n" for number in range(1000))
    upstream.git("fast-import", "--quiet", given=commits)
    beginnings = [sha[:4] for sha in upstream.git("rev-list", "main").split()]
    several = next(each for each in beginnings if beginnings.count(each) > 1)
    with pytest.raises(UserError, match="names several commits") as refused:
        resolve(Checkout(upstream.path, os.environ), several)
    assert str(refused.value).count(f"commit {several}") == beginnings.count(several)


def test_a_branch_that_moves_later_is_another_commit_only_for_who_asks_again(tmp_path: Path) -> None:
    upstream = new_repository(tmp_path / "upstream")
    first = upstream.commit()
    checkout = Checkout(upstream.clone(tmp_path / "clone"), os.environ)
    planned = resolve(checkout, "main")
    upstream.commit()
    assert resolve(checkout, planned.sha) == planned
    assert planned.sha == first


@pytest.mark.parametrize(
    ("event", "wanted"), [("schedule", "main"), ("push", "v1.0"), ("workflow_dispatch", "v1.0"), ("", "v1.0")]
)
def test_a_schedule_has_a_commit_of_its_own(event: str, wanted: str) -> None:
    assert wanted_ref("v1.0", "main", event) == wanted
    assert wanted_ref("v1.0", " ", event) == "v1.0"
