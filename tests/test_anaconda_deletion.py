"""Deleting from anaconda.org: exactly what was listed, one file after the other."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from anaconda_calls import Behavior
from anaconda_deleting import KEPT, STALE, Cleanup, key
from anaconda_model import Token
from anaconda_records import Style
from anaconda_server import AnacondaServer
from directory_sites import nothing
from exchanges import json_answer
from faults import BAD_GATEWAY, EVERY, INTERNAL_ERROR, Fault, ResetAfter, Status, error
from nightly.channel import End, State, Upload
from nightly.wheels import Wheel, read_wheel
from sample_wheels import make_wheel
from uploading import QUICK, After

READER = "tk-33333333-reader"


def wheel(cleanup: Cleanup, minor: int) -> Wheel:
    """Tonight's wheel of an old name."""
    tag = f"cp3{minor}-cp3{minor}-win_amd64"
    return read_wheel(make_wheel(cleanup.root / "new", version=STALE, tag=tag, payload=b"new"))


@pytest.fixture(name="cleanup")
def cleanup_fixture(anaconda: AnacondaServer, tmp_path: Path) -> Cleanup:
    return Cleanup(anaconda, tmp_path)


@pytest.mark.parametrize("ids", [False, True], ids=["no ids", "ids"])
def test_the_named_files_go_in_their_order_and_no_others(cleanup: Cleanup, *, ids: bool) -> None:
    cleanup.server.behavior = Behavior(style=Style(ids=ids))
    one, two, three = cleanup.fill(3)
    ended = cleanup.delete([three, one])
    assert [(each.file, each.end) for each in ended.deletions] == [(three, End.DELETED), (one, End.DELETED)]
    assert {version for version, _ in cleanup.there()} == {STALE, KEPT}
    assert len(cleanup.there()) == 2
    assert key(two) in cleanup.there()


def test_a_file_whose_id_is_known_is_deleted_by_it(cleanup: Cleanup) -> None:
    cleanup.server.behavior = Behavior(style=Style(ids=True))
    (file,) = cleanup.fill(1)
    cleanup.delete([file])
    (delete,) = (request for request in cleanup.server.requests if request.method == "DELETE")
    assert delete.plain_path.endswith(f"/{STALE}/-/{file.handle.removeprefix('id:')}")


def test_whoever_stops_asking_stops_it(cleanup: Cleanup) -> None:
    one, two = cleanup.fill()
    assert next(cleanup.channel(QUICK).delete([one, two])).end is End.DELETED
    assert key(one) not in cleanup.there()
    assert key(two) in cleanup.there()


def test_nothing_is_asked_before_the_first_end_is(cleanup: Cleanup) -> None:
    files = cleanup.fill()
    cleanup.server.forget_requests()
    cleanup.channel(QUICK).delete(files)
    assert not cleanup.server.requests


def test_the_last_file_goes_as_any_other_and_takes_its_package_along(cleanup: Cleanup) -> None:
    files = [*cleanup.fill(), *cleanup.listed(KEPT)]
    assert cleanup.delete(files).ends == [End.DELETED] * 3
    assert not cleanup.server.state.packages(cleanup.server.organization)


def test_a_file_that_is_not_there_any_more_is_gone_and_nothing_is_deleted(cleanup: Cleanup) -> None:
    files = cleanup.fill()
    cleanup.delete(files)
    cleanup.server.forget_requests()
    assert cleanup.delete(files).ends == [End.GONE, End.GONE]
    assert {request.method for request in cleanup.server.requests} == {"GET"}


def test_410_is_gone_as_well(cleanup: Cleanup) -> None:
    (file,) = cleanup.fill(1)
    cleanup.server.faults.add(Fault(error(410, "Gone"), "GET", "/dist/*"))
    assert cleanup.delete([file]).ends == [End.GONE]


@pytest.mark.parametrize("payload", [b"new", b"old"], ids=["other bytes", "the same bytes again"])
def test_a_file_that_was_uploaded_again_since_it_was_listed_is_left_alone(cleanup: Cleanup, payload: bytes) -> None:
    (file,) = cleanup.fill(1)
    cleanup.delete([file])
    fresh = cleanup.seed(STALE, 10, payload)
    cleanup.server.forget_requests()
    (deletion,) = cleanup.delete([file]).deletions
    assert deletion.end is End.CHANGED
    assert "left alone" in deletion.reason
    assert cleanup.there()[key(file)] == fresh.read_bytes()
    assert {request.method for request in cleanup.server.requests} == {"GET"}


def test_a_file_that_is_replaced_between_the_look_and_the_deletion_is_left_alone(cleanup: Cleanup) -> None:
    cleanup.server.behavior = Behavior(style=Style(ids=True))
    (file,) = cleanup.fill(1)

    def replace() -> None:
        (old,) = (each for each in cleanup.server.state.files("nightly-wheels", "demo-pkg") if each.version == STALE)
        cleanup.server.state.delete_file(old)
        cleanup.seed(STALE, 10, b"new")

    cleanup.server.faults.add(Fault(After(replace), "DELETE"))
    assert cleanup.delete([file]).ends == [End.CHANGED]
    assert b"new" in cleanup.there()[key(file)]


def test_a_file_of_which_too_little_is_told_is_left_alone(cleanup: Cleanup) -> None:
    (file,) = cleanup.fill(1)
    told = json_answer({"basename": file.filename, "version": file.version, "size": file.size})
    cleanup.server.faults.add(Fault(Status(200, told.body), "GET", "/dist/*"))
    assert cleanup.delete([file]).ends == [End.CHANGED]
    assert key(file) in cleanup.there()


def test_a_project_that_the_token_has_no_right_to_is_failed_and_not_gone(cleanup: Cleanup) -> None:
    files = cleanup.fill()
    cleanup.server.add_token(READER, Token("dev", packages=frozenset({"another"})))
    ended = cleanup.delete(files, secret=READER)
    assert ended.ends == [End.FAILED, End.FAILED]
    assert "no right to it" in ended.deletions[0].reason
    assert len(cleanup.there()) == 3


def test_a_token_without_the_scope_ends_it_all(cleanup: Cleanup) -> None:
    files = cleanup.fill()
    cleanup.server.add_token(READER, Token("channel-owner", scopes=frozenset({"api:read"})))
    ended = cleanup.delete(files, secret=READER)
    assert ended.ends == []
    assert ended.error
    assert "api:write" in ended.error.means
    assert len(cleanup.there()) == 3


def test_a_right_that_ends_half_way_leaves_what_was_told(cleanup: Cleanup) -> None:
    files = cleanup.fill(3)
    cleanup.server.faults.add(Fault(error(403, "Forbidden"), "DELETE", nth=2))
    ended = cleanup.delete(files)
    assert ended.ends == [End.DELETED]
    assert ended.error
    assert "Forbidden" in ended.error.what
    assert len(cleanup.there()) == 3


def test_a_deletion_that_took_effect_without_an_answer_is_ours(cleanup: Cleanup) -> None:
    (file,) = cleanup.fill(1)
    cleanup.server.faults.add(Fault(ResetAfter(), "DELETE"))
    assert cleanup.delete([file], QUICK).ends == [End.DELETED]
    assert len([request for request in cleanup.server.requests if request.method == "DELETE"]) == 1


def test_what_comes_under_the_name_after_a_lost_answer_is_left_alone(cleanup: Cleanup) -> None:
    (file,) = cleanup.fill(1)
    cleanup.server.faults.add(
        Fault(ResetAfter(), "DELETE"), Fault(After(lambda: cleanup.seed(STALE, 10, b"new")), "GET", "/dist/*", nth=2)
    )
    (deletion,) = cleanup.delete([file], QUICK).deletions
    assert deletion.end is End.DELETED
    assert "Another file" in deletion.reason
    assert b"new" in cleanup.there()[key(file)]


def test_where_nobody_answers_any_more_it_is_said_that_the_file_may_be_gone(cleanup: Cleanup) -> None:
    (file,) = cleanup.fill(1)
    cleanup.server.faults.add(Fault(ResetAfter(), "DELETE"))
    cleanup.server.faults.add(*(Fault(INTERNAL_ERROR, "GET", "/dist/*", nth) for nth in range(2, 9)))
    (deletion,) = cleanup.delete([file], QUICK).deletions
    assert deletion.end is End.FAILED
    assert "may be gone" in deletion.reason


def test_one_file_that_fails_does_not_stop_the_others(cleanup: Cleanup) -> None:
    one, two = cleanup.fill()
    cleanup.server.faults.add(Fault(BAD_GATEWAY, "DELETE", f"*/{one.filename}", EVERY))
    ended = cleanup.delete([one, two], QUICK)
    assert ended.ends == [End.FAILED, End.DELETED]
    assert "502" in ended.deletions[0].reason
    assert key(one) in cleanup.there()


@pytest.mark.parametrize("ids", [False, True], ids=["no ids", "ids"])
def test_of_two_cleanups_at_once_each_file_is_deleted_by_one(cleanup: Cleanup, *, ids: bool) -> None:
    cleanup.server.behavior = Behavior(style=Style(ids=ids))
    files = cleanup.fill(8)
    start = threading.Barrier(2)

    def run() -> list[End]:
        start.wait()
        return cleanup.delete(files).ends

    with ThreadPoolExecutor(2) as pool:
        ends = [future.result() for future in [pool.submit(run), pool.submit(run)]]
    assert [sorted(both) for both in zip(*ends, strict=True)] == [[End.DELETED, End.GONE]] * len(files)
    assert len(cleanup.there()) == 1


@pytest.mark.parametrize("only", [False, True], ids=["of several", "of the package"])
def test_a_file_that_is_deleted_before_its_replacement_begins_is_published_as_new(
    cleanup: Cleanup, *, only: bool
) -> None:
    files = cleanup.fill(2)
    publisher = cleanup.channel(QUICK)
    there = {file.filename: file for file in publisher.listing("demo-pkg").files if file.version == STALE}
    cleanup.delete([*files, *cleanup.listed(KEPT)] if only else files[:1])
    new = wheel(cleanup, 10)
    (outcome,) = publisher.publish([Upload(new, there[new.filename])], nothing)
    assert outcome.state is State.UPLOADED, outcome.reason
    assert cleanup.there()[STALE, new.filename] == new.path.read_bytes()


def test_files_that_are_published_while_their_old_bytes_are_deleted_are_there(cleanup: Cleanup) -> None:
    cleanup.server.behavior = Behavior(style=Style(ids=True))
    files = cleanup.fill(6)
    publisher = cleanup.channel(QUICK)
    there = {file.filename: file for file in publisher.listing("demo-pkg").files if file.version == STALE}
    new = [wheel(cleanup, minor) for minor in range(10, 16)]
    with ThreadPoolExecutor(1) as pool:
        deleting = pool.submit(cleanup.delete, files)
        outcomes = list(publisher.publish([Upload(each, there[each.filename]) for each in new], nothing))
        ends = deleting.result().ends
    reasons = [outcome.reason for outcome in outcomes]
    assert {outcome.state for outcome in outcomes} <= {State.UPLOADED, State.REPLACED}, reasons
    assert set(ends) <= {End.DELETED, End.GONE, End.CHANGED}
    assert all(cleanup.there()[STALE, each.filename] == each.path.read_bytes() for each in new)
