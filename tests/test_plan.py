"""What is done with each wheel."""

from __future__ import annotations

from dataclasses import replace

import pytest

from nightly.channel import Listing, RemoteFile, State
from nightly.errors import UserError
from nightly.plan import Action, Step, check_existing, keep_existing, make_plan
from nightly.wheels import Wheel
from outcomes import remote, wheel

OLD = wheel(content=b"old")
NEW = wheel(content=b"new")


def step_of(new: Wheel, *there: RemoteFile, labels: tuple[str, ...] = ("main",)) -> Step:
    (step,) = make_plan([new], {new.project: Listing(new.name, bool(there), there)}, labels)
    return step


def test_a_name_that_isnt_there_is_uploaded() -> None:
    assert step_of(NEW) == Step(NEW, Action.UPLOAD)
    assert step_of(NEW, remote(wheel(tag="cp312-cp312-win32"))).action is Action.UPLOAD


def test_a_project_that_wasnt_looked_at_has_nothing() -> None:
    (step,) = make_plan([NEW], {}, ["main"])
    assert step.action is Action.UPLOAD


@pytest.mark.parametrize(("sha256", "md5"), [(True, True), (True, False), (False, True)])
def test_the_same_bytes_are_skipped_and_others_replaced(sha256: bool, md5: bool) -> None:  # noqa: FBT001 - a table
    assert step_of(NEW, remote(NEW, sha256=sha256, md5=md5)).action is Action.SKIP
    step = step_of(NEW, remote(OLD, sha256=sha256, md5=md5))
    assert step.action is Action.REPLACE
    assert step.upload.replaces == step.there


@pytest.mark.parametrize(
    "there",
    [remote(NEW, sha256=False, md5=False), remote(NEW, sha256=False, size=False), replace(remote(NEW), sha256="0")],
    ids=["no hash", "no size to the md5", "another sha256 than the md5 lets expect"],
)
def test_bytes_of_which_too_little_is_told_count_as_others(there: RemoteFile) -> None:
    assert step_of(NEW, there).action is Action.REPLACE


def test_a_name_and_a_size_alone_are_no_proof() -> None:
    assert len(b"old") == len(b"new")
    assert step_of(NEW, remote(OLD, sha256=False, md5=False)).action is Action.REPLACE


@pytest.mark.parametrize(
    ("has", "wanted", "action"),
    [
        (("main",), ("main",), Action.SKIP),
        (("main", "dev"), ("main",), Action.SKIP),
        (("dev",), ("main",), Action.LABEL),
        (("main",), ("main", "dev"), Action.LABEL),
        ((), ("main",), Action.LABEL),
        ((), (), Action.SKIP),
    ],
)
def test_the_same_bytes_get_the_labels_that_they_lack(
    has: tuple[str, ...], wanted: tuple[str, ...], action: Action
) -> None:
    assert step_of(NEW, remote(NEW, has), labels=wanted).action is action


def test_other_bytes_are_replaced_whatever_their_labels() -> None:
    assert step_of(NEW, remote(OLD, ("dev",))).action is Action.REPLACE


def test_a_file_of_another_project_is_another_file() -> None:
    other = replace(NEW, name="other", project=wheel("other").project)
    steps = make_plan([other], {NEW.project: Listing(NEW.name, exists=True, files=(remote(NEW),))}, ["main"])
    assert steps[0].action is Action.UPLOAD


def test_every_wheel_gets_one_step_in_its_order() -> None:
    wheels = [wheel(tag=f"cp3{minor}-cp3{minor}-win32") for minor in (12, 10, 11)]
    assert [step.wheel for step in make_plan(iter(wheels), {}, iter(["main"]))] == wheels


def test_replacing_is_refused_by_name_and_nothing_else_is() -> None:
    fine = [Step(NEW, Action.UPLOAD), Step(NEW, Action.SKIP, remote(NEW)), Step(NEW, Action.LABEL, remote(NEW))]
    check_existing(fine)
    with pytest.raises(UserError) as refused:
        check_existing([*fine, Step(NEW, Action.REPLACE, remote(OLD))])
    assert NEW.filename in refused.value.what
    assert refused.value.exit_code == 2


def test_what_would_be_replaced_can_be_kept_and_all_else_is_done() -> None:
    fine = (Step(NEW, Action.UPLOAD), Step(NEW, Action.SKIP, remote(NEW)), Step(NEW, Action.LABEL, remote(NEW)))
    *others, kept = keep_existing([*fine, Step(NEW, Action.REPLACE, remote(OLD))])
    assert tuple(others) == fine
    assert (kept.writes, kept.skipped.state, kept.pretended) == (False, State.SKIPPED, kept.skipped)
    assert "another build" in kept.skipped.reason
