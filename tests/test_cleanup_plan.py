"""What a plan says, what it asks for, and what it does when the channel's answers can't be trusted."""

from __future__ import annotations

import contextlib
import threading
from datetime import timedelta

import pytest

from anaconda_server import AnacondaServer
from cleaning import DAY, NOW, POLICY, AnacondaSite, Cleaning
from exchanges import Exchange
from faults import BAD_GATEWAY, EVERY, EXPIRED, SERVE, Fault, Status, error
from uploading import QUICK


def server_of(cleaning: Cleaning) -> AnacondaServer:
    assert isinstance(cleaning.site, AnacondaSite)
    return cleaning.site.server


def test_every_file_has_a_decision_a_rule_and_a_reason(cleaning: Cleaning) -> None:
    names = cleaning.nights(4)
    run = cleaning.plan()
    assert run.code == 0, run.log
    rows = cleaning.planned["files"]
    assert [(row["filename"], row["decision"]) for row in rows] == list(
        zip(names, ["delete", "delete", "keep", "keep"], strict=True)
    )
    assert [row["rule"] for row in rows] == ["beyond-keep", "beyond-keep", "newest-and-young", "newest-and-young"]
    assert rows[0]["reason"] == "version 4, and only the newest 2 stay"
    assert {row["project"] for row in rows} == {"demo-pkg"}
    assert [row["version"] for row in rows] == [f"1.0.dev{night}" for night in range(4)]


def test_a_plan_deletes_nothing(cleaning: Cleaning) -> None:
    names = cleaning.nights(4)
    assert cleaning.plan().code == 0
    assert cleaning.site.names() == names


def test_a_plan_names_its_channel_its_policy_and_its_moment(online: Cleaning) -> None:
    online.nights(3)
    online.plan()
    planned = online.planned
    assert planned["channel"] == f"{server_of(online).api_url}/nightly-wheels"
    assert planned["labels"] == ["main"]
    assert planned["now"] == NOW.isoformat()
    assert len(planned["policy"]) == len(planned["digest"]) == 64


def test_the_same_channel_makes_the_same_plan_to_the_byte(cleaning: Cleaning) -> None:
    cleaning.nights(4, "linux", "win")
    cleaning.nights(3, name="other")
    texts = set()
    for _ in range(3):
        cleaning.plan()
        texts.add(cleaning.plan_file.read_bytes())
    assert len(texts) == 1


def test_a_plan_asks_for_the_list_and_once_for_each_project(online: Cleaning) -> None:
    for name in ("alpha", "beta", "gamma"):
        online.nights(3, name=name)
    run = online.plan()
    organization = "nightly-wheels"
    assert run.asked()[0] == f"GET /packages/{organization} 200"
    assert sorted(run.asked()[1:]) == [f"GET /package/{organization}/{name} 200" for name in ("alpha", "beta", "gamma")]


def test_projects_are_asked_for_at_once(online: Cleaning) -> None:
    names = [f"demo-{letter}" for letter in "abcdefgh"]
    for name in names:
        online.add("1.0.dev1", 1, name=name)
    server = server_of(online)
    gate = Gate(len(names))
    server.faults.add(Fault(gate, "GET", "/package/*", EVERY))
    assert online.plan().code == 0
    assert gate.most == len(names)


def test_a_public_channel_needs_no_token(online: Cleaning) -> None:
    online.nights(4)
    run = online.plan(anaconda_token="")
    assert run.code == 0, run.log
    assert not any(request.authorized for request in run.requests)
    assert online.planned["digest"] == run.outputs["digest"]


def test_a_plan_with_a_token_that_may_delete_makes_no_request_but_get(online: Cleaning) -> None:
    online.nights(8, "linux", "win")
    run = online.plan()
    assert run.requests
    assert all(request.authorized for request in run.requests)
    assert {request.method for request in server_of(online).requests} == {"GET"}


def test_the_outputs_name_the_plan_its_digest_and_what_is_held(cleaning: Cleaning) -> None:
    cleaning.rule("keep: 2\nmax_age: 10d")
    names = [*cleaning.add("1.0.dev1", 30, "win"), *cleaning.nights(3)]
    run = cleaning.plan()
    assert run.outputs["plan"] == str(cleaning.plan_file)
    assert run.outputs["digest"] == cleaning.planned["digest"]
    assert run.names("held") == [names[0]]
    assert [run.names(name) for name in ("deleted", "changed", "failed")] == [[], [], []]
    assert run.outputs["freed_bytes"] == "0"


def test_without_a_place_for_it_a_plan_is_in_a_new_temporary_directory(cleaning: Cleaning) -> None:
    cleaning.nights(3)
    first, second = (cleaning.run("plan").outputs["plan"] for _ in range(2))
    assert first != second
    assert first.startswith(str(cleaning.root))


def test_the_summary_has_a_row_for_each_project_and_one_for_all(cleaning: Cleaning) -> None:
    cleaning.rule("keep: 2\nmax_age: 10d\nmin_age: 0\nfloor: 0")
    cleaning.add("0.9.dev1", 30, "win")
    names = cleaning.nights(4)
    cleaning.nights(1, name="other")
    run = cleaning.plan()
    files = {row["filename"]: row for row in cleaning.planned["files"]}
    goes = f"{NOW - DAY - timedelta(hours=1) + 10 * DAY:%Y-%m-%d %H:%M} UTC"
    assert files[names[2]]["goes_at"] == (NOW - DAY - timedelta(hours=1) + 10 * DAY).isoformat()
    rows = [line.replace("&nbsp;", " ").split(" | ") for line in run.summary.splitlines() if line.startswith("| ")]
    demo, other, everything = rows[2], rows[3], rows[4]
    assert demo[:4] == ["| demo-pkg", "2", "1 coverage", "2"]
    assert demo[4] != demo[5]
    assert demo[6].startswith(goes)
    assert names[2].replace("_", "&#95;") in demo[6]
    assert other[:4] == ["| other", "1", "0", "0"]
    assert everything[:4] == ["| all", "3", "1 coverage", "2"]
    assert "version 4, and only the newest 2 stay" in run.summary
    assert "30 d old, among the newest 1 for cp312-cp312-win&#95;amd64" in run.summary


def test_the_log_says_why_each_file_goes(cleaning: Cleaning) -> None:
    names = cleaning.nights(3)
    run = cleaning.plan()
    assert f"    delete {names[0]}: version 3, and only the newest 2 stay\n" in run.log
    assert "1 file to go" in run.log


def test_a_project_that_cant_be_read_is_held_whole_and_named_and_the_run_ends_red(online: Cleaning) -> None:
    online.patience = QUICK
    names = [name for project in ("alpha", "beta") for name in online.nights(3, name=project)]
    server_of(online).faults.add(Fault(BAD_GATEWAY, "GET", "/package/*/beta", EVERY))
    run = online.plan()
    assert run.code == 1
    assert [row["filename"] for row in online.planned["files"]] == names[:3]
    (unread,) = online.planned["unread"]
    assert unread["project"] == "beta"
    assert "502" in unread["reason"]
    assert "beta couldn't be read, and nothing of it goes" in run.log
    assert "all of it, for it couldn" in run.summary
    applied = online.apply()
    assert applied.code == 0, applied.log
    assert online.site.names() == names[1:]


ANSWERS = {
    "an error in JSON": Status(200, b'{"error": "Internal server error"}'),
    "a page of HTML": Status(200, b"<html></html>", content_type="text/html"),
    "nothing": Status(200, b""),
    "null": Status(200, b"null"),
    "no files": Status(200, b'{"name": "demo-pkg"}'),
    "refused": error(403, "no"),
    "not found": error(404, '"demo-pkg" could not be found'),
}


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS)
def test_an_answer_that_makes_no_sense_deletes_nothing(online: Cleaning, answer: Status) -> None:
    online.patience = QUICK
    names = online.nights(5)
    server_of(online).faults.add(Fault(answer, "GET", "/package/*", EVERY))
    run = online.plan()
    assert run.code == 1
    assert online.planned["files"] == []
    assert [each["project"] for each in online.planned["unread"]] == ["demo-pkg"]
    server_of(online).faults.clear()
    assert online.apply().code == 0
    assert online.site.names() == names


@pytest.mark.parametrize("fault", [BAD_GATEWAY, EXPIRED, error(404, "gone"), ANSWERS["nothing"]], ids=repr)
def test_without_the_list_of_projects_there_is_no_plan(online: Cleaning, fault: Status) -> None:
    online.patience = QUICK
    online.nights(5)
    server_of(online).faults.add(Fault(fault, "GET", "/packages/*", EVERY))
    run = online.plan()
    assert run.code == 1
    assert run.error
    assert not online.plan_file.exists()
    assert run.outputs["plan"] == ""


def test_a_service_that_is_down_is_not_asked_for_every_project(online: Cleaning) -> None:
    online.patience = QUICK
    names = [f"demo-{number:02}" for number in range(40)]
    for name in names:
        online.add("1.0.dev1", 1, name=name)
    server_of(online).faults.add(Fault(BAD_GATEWAY, "GET", "/package/*", EVERY))
    run = online.plan()
    assert [each["project"] for each in online.planned["unread"]] == names
    assert len(run.requests) < 40
    assert "the service seems to be down" in run.log


def test_an_empty_list_is_no_reason_to_be_green(cleaning: Cleaning) -> None:
    run = cleaning.plan()
    assert run.code == 1
    assert "The channel's list of projects is empty" in run.log
    assert cleaning.planned["doubts"]


TIMES = {"no time": None, "a format of its own": "2025/01/01", "a day ahead": (NOW + DAY).isoformat(sep=" ")}


@pytest.mark.parametrize("time", TIMES.values(), ids=TIMES)
def test_a_file_without_a_time_that_can_be_is_held_and_the_run_ends_red(online: Cleaning, time: str | None) -> None:
    names = online.nights(5)
    server = server_of(online)
    for file in server.state.files("nightly-wheels", "demo-pkg"):
        server.state.set_upload_time(file, time)
    run = online.plan()
    assert run.code == 1
    assert {row["decision"] for row in online.planned["files"]} == {"hold"}
    assert f"5 file(s) can't be judged, such as {names[0]}: " in run.log


def test_a_clock_that_is_a_minute_ahead_is_no_reason_to_be_red(online: Cleaning) -> None:
    online.nights(2)
    online.add("1.0.dev9", -1 / 1440)
    assert online.plan().code == 0
    assert "future-time" in online.plan_file.read_text(encoding="utf-8")


def test_a_list_that_shrank_by_half_is_an_error_and_nothing_goes(online: Cleaning) -> None:
    for name in ("alpha", "beta", "gamma", "delta"):
        online.nights(3, name=name)
    online.plan()
    previous = online.plan_file.rename(online.root / "previous.json")
    with server_of(online).state.lock:
        server_of(online).state.delete_package("nightly-wheels", "alpha")
        server_of(online).state.delete_package("nightly-wheels", "beta")
    before = online.site.names()
    run = online.plan(previous=str(previous))
    assert run.code == 1
    assert "lists 2 projects, of 4 that the previous plan kept" in run.log
    applied = online.apply()
    assert applied.code == 3
    assert not applied.writes
    confirmed = online.apply(confirm=run.outputs["digest"])
    assert confirmed.code == 0, confirmed.log
    assert online.site.names() != before


def test_files_that_shrank_by_half_are_an_error_too(cleaning: Cleaning) -> None:
    cleaning.rule("keep: 9")
    cleaning.nights(4, "linux", "win", "mac")
    cleaning.nights(2, name="other")
    cleaning.plan()
    previous = cleaning.plan_file.rename(cleaning.root / "previous.json")
    cleaning.rule("keep: 1\nmin_age: 0\nfloor: 0\ncoverage: 0\nlimits: {project_share: 100%}")
    cleaning.plan()
    assert cleaning.apply().code == 0
    run = cleaning.plan(previous=str(previous))
    assert run.code == 1
    assert "files, of 14 that the previous plan kept" in run.log


def test_what_the_previous_plan_deleted_is_no_shrinking(cleaning: Cleaning) -> None:
    cleaning.nights(9)
    cleaning.rule(POLICY + "limits: {project_share: 100%}")
    cleaning.plan()
    previous = cleaning.plan_file.rename(cleaning.root / "previous.json")
    cleaning.run("apply", str(previous))
    assert len(cleaning.site.names()) == 2
    assert cleaning.plan(previous=str(previous)).code == 0


def test_what_cant_be_read_is_no_shrinking(online: Cleaning) -> None:
    online.patience = QUICK
    online.nights(2, name="alpha")
    online.nights(2, "linux", "win", "mac", name="beta")
    online.plan()
    previous = online.plan_file.rename(online.root / "previous.json")
    server_of(online).faults.add(Fault(BAD_GATEWAY, "GET", "/package/*/beta", EVERY))
    assert online.plan(previous=str(previous)).code == 1
    assert online.planned["doubts"] == []


def test_a_previous_plan_for_something_else_is_refused(online: Cleaning) -> None:
    online.nights(3)
    online.plan(label="rc")
    previous = online.plan_file.rename(online.root / "previous.json")
    run = online.plan(previous=str(previous))
    assert run.code == 2
    assert "The plan is for " in run.log
    assert "label rc" in run.log


def test_a_previous_plan_of_another_version_of_this_action_doesnt_stop_the_new_one(online: Cleaning) -> None:
    online.nights(3)
    previous = online.root / "previous.json"
    previous.write_text('{"format": 0}')
    run = online.plan(previous=str(previous))
    assert run.code == 0, run.log
    assert "isn't compared with it" in run.log


def test_a_previous_plan_that_isnt_there_is_refused(online: Cleaning) -> None:
    online.nights(3)
    run = online.plan(previous=str(online.root / "nowhere.json"))
    assert run.code == 2
    assert "can't be read as a plan" in run.log


def test_files_under_other_labels_are_held(online: Cleaning) -> None:
    online.nights(5)
    server = server_of(online)
    labels = [("main",), ("main", "rc"), ("rc",), (), ("main",)]
    for file, own in zip(server.state.files("nightly-wheels", "demo-pkg"), labels, strict=True):
        server.state.set_labels(file, own)
    online.plan()
    decided = [(row["decision"], row["rule"]) for row in online.planned["files"]]
    assert decided[1:4] == [("hold", "label")] * 3
    online.plan(label="rc")
    assert [row["rule"] == "label" for row in online.planned["files"]] == [True, True, False, True, True]
    assert online.planned["labels"] == ["rc"]


class Gate:
    """Lets no request go before so many are there, or a while has passed; `most` were there at once."""

    def __init__(self, count: int) -> None:
        self.barrier = threading.Barrier(count)
        self.most = 0

    def play(self, exchange: Exchange) -> None:
        with contextlib.suppress(threading.BrokenBarrierError):
            self.barrier.wait(10)
            self.most = self.barrier.parties
        SERVE.play(exchange)
