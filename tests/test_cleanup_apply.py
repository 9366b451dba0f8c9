"""What carrying a plan out deletes, in which order, and what it leaves behind."""

from __future__ import annotations

import json

import pytest

from anaconda_calls import Behavior
from anaconda_model import Token
from anaconda_records import Style
from anaconda_server import AnacondaServer
from cleaning import POLICY, AnacondaSite, Cleaning
from exchanges import Exchange
from faults import BAD_GATEWAY, EVERY, EXPIRED, Fault, Status, error
from uploading import COLLABORATOR, QUICK, Run

ORGANIZATION = "nightly-wheels"
WHOLE = POLICY + "limits: {project_share: 100%, channel_share: 100%}\n"


def server_of(cleaning: Cleaning) -> AnacondaServer:
    assert isinstance(cleaning.site, AnacondaSite)
    return cleaning.site.server


def deletions(run: Run) -> list[str]:
    """What a run asked to be deleted, in order: the last part of each path."""
    return [entry.split()[1].rpartition("/")[2] for entry in run.writes]


def test_what_the_plan_deletes_goes_and_all_else_stays(cleaning: Cleaning) -> None:
    names = [*cleaning.nights(5), *cleaning.nights(3, name="other")]
    cleaning.plan()
    run = cleaning.apply()
    assert run.code == 0, run.log
    assert cleaning.site.names() == [*names[3:5], *names[6:]]
    assert run.names("deleted") == [*names[:3], names[5]]


def test_the_result_has_a_row_for_each_planned_file(cleaning: Cleaning) -> None:
    names = cleaning.nights(4)
    cleaning.plan()
    run = cleaning.apply()
    result = cleaning.result
    assert run.outputs["result"] == str(cleaning.root / "result.json")
    assert [(row["filename"], row["end"]) for row in result["files"]] == [(name, "deleted") for name in names[:2]]
    sizes = {row["filename"]: row["size"] for row in cleaning.planned["files"]}
    assert result["freed_bytes"] == sizes[names[0]] + sizes[names[1]] == int(run.outputs["freed_bytes"])
    assert result["digest"] == run.outputs["digest"] == cleaning.planned["digest"]
    assert result["stopped"] == ""
    assert result["missing"] == []


def test_outputs_and_summary_say_what_went_and_what_is_held(cleaning: Cleaning) -> None:
    cleaning.rule("keep: 2\nmax_age: 10d\nmin_age: 0")
    (held,) = cleaning.add("0.9.dev1", 30, "win")
    names = cleaning.nights(4)
    cleaning.plan()
    run = cleaning.apply()
    assert {name: run.names(name) for name in ("deleted", "held", "changed", "failed")} == {
        "deleted": names[:2],
        "held": [held],
        "changed": [],
        "failed": [],
    }
    assert run.summary.startswith("## Cleanup: 2 deleted, ")
    assert "| demo-pkg | 2 | 1 coverage | 2 | 0 | 0 | 0 |" in run.summary
    assert f"  deleted {names[0]}\n" in run.log


def test_a_second_apply_does_nothing(cleaning: Cleaning) -> None:
    cleaning.nights(4)
    cleaning.plan()
    cleaning.apply()
    names = cleaning.site.names()
    run = cleaning.apply()
    assert run.code == 0, run.log
    assert not run.writes
    assert cleaning.site.names() == names
    assert run.outputs["freed_bytes"] == "0"
    assert [run.names(name) for name in ("deleted", "changed", "failed")] == [[], [], []]
    assert {row["end"] for row in cleaning.result["files"]} == {"gone"}


def test_a_plan_after_an_apply_is_empty(cleaning: Cleaning) -> None:
    cleaning.nights(6, "linux", "win")
    cleaning.plan()
    cleaning.apply()
    cleaning.plan()
    assert {row["decision"] for row in cleaning.planned["files"]} == {"keep"}


def test_the_oldest_goes_first_and_of_the_newest_version_all_goes_last(online: Cleaning) -> None:
    online.rule("keep: 1\nmax_age: 5d\nmin_age: 0\nfloor: 0\ncoverage: 0\nlimits: {project_share: 100%}")
    first = online.add("2.0.dev0", 90, "win")
    second = online.add("1.0.dev0", 30)
    third = online.add("1.0.dev1", 20)
    online.add("2.0.dev0", 1, "mac")
    online.plan()
    assert deletions(online.apply()) == [*second, *third, *first]


def test_a_file_goes_by_its_id_where_the_server_tells_it(online: Cleaning) -> None:
    server_of(online).behavior = Behavior(style=Style(ids=True))
    online.nights(3)
    oldest = server_of(online).state.files(ORGANIZATION, "demo-pkg")[0]
    online.plan()
    assert online.apply().writes == [f"DELETE /dist/{ORGANIZATION}/demo-pkg/1.0.dev0/-/{oldest.id} 200"]


def test_an_upload_that_replaces_a_planned_file_between_plan_and_apply_is_left_alone(cleaning: Cleaning) -> None:
    names = cleaning.nights(4)
    cleaning.plan()
    cleaning.add("1.0.dev0", 0.01, payload=b"newer")
    run = cleaning.apply()
    assert run.code == 0, run.log
    assert cleaning.site.names() == [names[0], *names[2:]]
    assert run.names("changed") == [names[0]]
    assert run.names("deleted") == [names[1]]
    assert "Another upload has its name now" in run.log
    assert names[0].replace("_", "&#95;") in run.summary


def test_the_same_bytes_uploaded_again_are_a_new_file(online: Cleaning) -> None:
    (name, *_) = online.nights(4)
    online.plan()
    online.add("1.0.dev0", 0.01)
    run = online.apply()
    assert run.names("changed") == [name]
    assert name in online.site.names()


def test_what_would_be_the_last_of_its_kind_by_now_stays(online: Cleaning) -> None:
    online.rule("keep: 1\nmin_age: 0\nfloor: 0\nlimits: {project_share: 100%}")
    names = online.nights(3)
    online.plan()
    server = server_of(online)
    for version in ("1.0.dev1", "1.0.dev2"):
        server.state.delete_release(ORGANIZATION, "demo-pkg", version)
    run = online.apply()
    assert run.code == 0, run.log
    assert online.site.names() == names[:1]
    assert run.names("changed") == names[:1]
    assert "It stays now: " in run.log
    assert not run.writes


def test_a_file_that_is_gone_already_is_no_failure(online: Cleaning) -> None:
    names = online.nights(4)
    online.plan()
    server_of(online).state.delete_release(ORGANIZATION, "demo-pkg", "1.0.dev0")
    run = online.apply()
    assert run.code == 0, run.log
    assert run.names("deleted") == names[1:2]
    assert f"  gone    {names[0]}: It wasn't there any more." in run.log


@pytest.mark.parametrize("status", [404, 410])
def test_a_file_that_goes_meanwhile_is_no_failure(online: Cleaning, status: int) -> None:
    names = online.nights(4)
    online.plan()
    server_of(online).faults.add(Fault(GoneBefore(online, status), "DELETE"))
    run = online.apply()
    assert run.code == 0, run.log
    assert run.names("deleted") == names[1:2]
    assert run.names("failed") == []
    assert online.site.names() == names[2:]


@pytest.mark.parametrize("refused", [EXPIRED, error(403, "no")], ids=["401", "403"])
def test_a_refused_token_ends_the_run(online: Cleaning, refused: Status) -> None:
    names = online.nights(6)
    online.plan()
    server_of(online).faults.add(Fault(refused, "DELETE", nth=2))
    run = online.apply()
    assert run.code == 1
    assert run.names("deleted") == names[:1]
    assert run.names("failed") == names[1:4]
    assert len(run.writes) == 2
    assert str(refused.status) in online.result["stopped"]
    assert "It ended before its time" in run.summary
    assert online.site.names() == names[1:]


def test_a_token_that_may_not_delete_deletes_nothing(online: Cleaning) -> None:
    names = online.nights(6)
    online.plan()
    server_of(online).add_token(COLLABORATOR, Token("dev", scopes=frozenset({"api:read"})))
    run = online.apply(anaconda_token=COLLABORATOR)
    assert run.code == 1
    assert run.names("failed") == names[:4]
    assert len(run.writes) == 1
    assert online.site.names() == names


def test_a_busy_server_is_asked_again(online: Cleaning) -> None:
    names = online.nights(4)
    online.plan()
    server_of(online).faults.add(Fault(BAD_GATEWAY, "DELETE"), Fault(error(429, "Too many requests"), "DELETE", nth=2))
    run = online.apply()
    assert run.code == 0, run.log
    assert run.names("deleted") == names[:2]


def test_five_failures_in_a_row_end_the_run(online: Cleaning) -> None:
    online.patience = QUICK
    online.rule(WHOLE)
    names = sorted(online.nights(9))
    online.plan()
    server_of(online).faults.add(Fault(BAD_GATEWAY, "DELETE", nth=EVERY))
    run = online.apply()
    assert run.code == 1
    assert run.names("failed") == names[:7]
    assert len(set(deletions(run))) == 5
    assert "5 deletions in a row have failed" in run.summary
    assert online.site.names() == names


def test_a_failure_now_and_then_doesnt_end_the_run(online: Cleaning) -> None:
    online.patience = QUICK
    online.rule(WHOLE)
    names = sorted(online.nights(9))
    online.plan()
    for version in ("1.0.dev0", "1.0.dev1", "1.0.dev2", "1.0.dev3", "1.0.dev5", "1.0.dev6"):
        server_of(online).faults.add(Fault(BAD_GATEWAY, "DELETE", f"*/{version}/*", EVERY))
    run = online.apply()
    assert run.code == 1
    assert run.names("deleted") == [names[4]]
    assert len(run.names("failed")) == 6
    assert online.result["stopped"] == ""


def test_a_project_that_cant_be_listed_again_keeps_all_it_has(online: Cleaning) -> None:
    online.patience = QUICK
    names = [*online.nights(4, name="alpha"), *online.nights(4, name="beta")]
    online.plan()
    server_of(online).faults.add(Fault(BAD_GATEWAY, "GET", "/package/*/alpha", EVERY))
    run = online.apply()
    assert run.code == 1
    assert run.names("failed") == names[:2]
    assert run.names("deleted") == names[4:6]
    assert "Its project couldn't be listed again" in run.log
    assert online.site.names() == [*names[:4], *names[6:]]


def test_a_kept_file_that_is_gone_afterwards_is_told_loudly(online: Cleaning) -> None:
    online.patience = QUICK
    names = online.nights(4)
    online.plan()
    server_of(online).faults.add(Fault(DeletesAnother(online, "1.0.dev3"), "DELETE"))
    run = online.apply()
    assert run.code == 1
    assert f"{names[3]}: It was to stay, and isn't listed any more." in run.log
    assert "MISSING, though it was to stay" in run.summary
    assert [each["filename"] for each in online.result["missing"]] == [names[3]]


def test_a_list_that_is_behind_for_a_moment_is_asked_again(online: Cleaning) -> None:
    online.nights(4)
    online.plan()
    half = json.dumps({"name": "demo-pkg", "files": []}).encode()
    server_of(online).faults.add(Fault(Status(200, half), "GET", "/package/*", nth=2))
    run = online.apply()
    assert run.code == 0, run.log


def test_a_project_that_cant_be_listed_afterwards_is_told(online: Cleaning) -> None:
    online.patience = QUICK
    online.nights(4)
    online.plan()
    server_of(online).faults.add(*(Fault(BAD_GATEWAY, "GET", "/package/*", nth=nth) for nth in range(2, 9)))
    run = online.apply()
    assert run.code == 1
    assert "demo-pkg: It couldn't be listed again" in run.log
    assert len(run.names("deleted")) == 2


def test_the_keeper_of_an_upload_under_way_isnt_missed_when_it_goes(online: Cleaning) -> None:
    online.nights(4)
    online.add("1.0.dev3", 0, build="0keeper12345678")
    server = server_of(online)
    (keeper,) = [file for file in server.state.files(ORGANIZATION, "demo-pkg") if "0keeper" in file.basename]
    server.state.set_labels(keeper, ("upload-nightly-keeper",))
    online.plan()
    server.faults.add(Fault(DeletesAnother(online, "1.0.dev3", keeper.basename), "DELETE"))
    run = online.apply()
    assert run.code == 0, run.log


def test_a_file_that_an_upload_is_replacing_right_then_isnt_missed(online: Cleaning) -> None:
    online.patience = QUICK
    online.nights(4)
    online.add("1.0.dev2", 0, build="0keeper12345678")
    server = server_of(online)
    (keeper,) = [file for file in server.state.files(ORGANIZATION, "demo-pkg") if "0keeper" in file.basename]
    server.state.set_labels(keeper, ("upload-nightly-keeper",))
    online.plan()
    server.faults.add(Fault(DeletesAnother(online, "1.0.dev3"), "DELETE"))
    run = online.apply()
    assert run.code == 0, run.log
    assert "Missing" not in run.log


def test_plan_and_apply_do_both_at_once(cleaning: Cleaning) -> None:
    names = cleaning.nights(4)
    run = cleaning.run("plan-and-apply", "--output", str(cleaning.plan_file))
    assert run.code == 0, run.log
    assert cleaning.site.names() == names[2:]
    assert run.outputs["plan"] == str(cleaning.plan_file)
    assert run.names("deleted") == names[:2]
    assert cleaning.result["digest"] == cleaning.planned["digest"] == run.outputs["digest"]
    assert run.summary.startswith("## Cleanup plan: ")
    assert "</details>\n\n## Cleanup: 2 deleted" in run.summary


def test_plan_and_apply_clean_what_can_be_read_and_end_red(online: Cleaning) -> None:
    online.patience = QUICK
    names = [*online.nights(4, name="alpha"), *online.nights(4, name="beta")]
    server_of(online).faults.add(Fault(BAD_GATEWAY, "GET", "/package/*/alpha", EVERY))
    run = online.run("plan-and-apply")
    assert run.code == 1
    assert online.site.names() == [*names[:4], *names[6:]]


def test_the_mode_may_be_an_input(cleaning: Cleaning) -> None:
    cleaning.nights(4)
    assert cleaning.run(mode="plan-and-apply").names("deleted")
    assert cleaning.run(mode="plan").code == 0


def test_in_a_directory_bytes_stay_for_the_grace_and_can_come_back(cleaning: Cleaning) -> None:
    if isinstance(cleaning.site, AnacondaSite):
        assert cleaning.run("restore", "demo-pkg").code == 2
        return
    names = cleaning.nights(4)
    cleaning.plan()
    cleaning.apply(grace="2h")
    assert cleaning.site.names() == names[2:]
    run = cleaning.run("restore", names[0])
    assert run.code == 0, run.log
    assert cleaning.site.names() == [names[0], *names[2:]]
    assert cleaning.run("restore", str(cleaning.plan_file)).code == 1, "one of them is listed"
    assert cleaning.site.names() == names


def test_in_a_directory_without_grace_nothing_comes_back(cleaning: Cleaning) -> None:
    if isinstance(cleaning.site, AnacondaSite):
        return
    names = cleaning.nights(4)
    cleaning.plan()
    cleaning.apply(grace="0")
    run = cleaning.run("restore", "demo-pkg")
    assert run.code == 1
    assert "grace is over" in run.log
    assert cleaning.site.names() == names[2:]


class GoneBefore:
    """What was to be deleted goes by another's hand just before, and this is answered."""

    def __init__(self, cleaning: Cleaning, status: int) -> None:
        self.cleaning, self.status = cleaning, status

    def play(self, exchange: Exchange) -> None:
        exchange.take_effect()
        error(self.status, "could not be found").play(exchange)


class DeletesAnother:
    """The deletion takes a file of another version along, by name or all of them."""

    def __init__(self, cleaning: Cleaning, version: str, basename: str = "") -> None:
        self.state = server_of(cleaning).state
        self.version, self.basename = version, basename

    def play(self, exchange: Exchange) -> None:
        for file in self.state.files(ORGANIZATION, "demo-pkg"):
            if file.version == self.version and self.basename in ("", file.basename):
                self.state.delete_file(file)
        exchange.send(exchange.take_effect())
