"""Whether what pip and uv have installed is what was planned, and why it isn't."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from nightly.downstream.planning.plan import Package, State
from nightly.downstream.proving.fetching import Fetch, NotFetched, PlannedRecords
from nightly.downstream.proving.proof import Proof, ProofState, Proved
from nightly.downstream.proving.prove import prove
from nightly.downstream.proving.record import Record
from nightly.patience import Patience
from nightly_installs import Installer, Night, a_night, folder_of, newest_pip, older_pip, plan_of, uv
from sample_projects import make_project
from sample_wheels import make_package

QUICK = Patience(tries=2, first_wait=0.01, longest_wait=0.01)

INSTALLERS = [pytest.param(each, id=each.__name__) for each in (newest_pip, older_pip, uv)]
NEWEST = [pytest.param(each, id=each.__name__) for each in (newest_pip, uv)]

NIGHTLIES = {
    "an ordinary one": ("foo", "1.2.0.dev0"),
    "one with a commit": ("trans", "3.1.0.dev5+gabc1234"),
    "one that looks like a release, of the same version as it": ("same", "3.16.0"),
    "one that is older than the release": ("behind", "2.0.0.dev7"),
    "one below the release, that is no pre-release": ("shap", "2.1.1+73.g8f83135"),
}


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Night]:
    with a_night(tmp_path_factory.mktemp("night")) as night:
        for name, version in {"foo": "1.0", "trans": "3.0", "same": "3.16.0", "behind": "2.0.0"}.items():
            night.release(name, version)
        night.release("foo", "1.1rc1")
        night.release("shap", "2.1.2")
        night.release("bar", "2.0")
        night.release("cap", "2.0", "foo<1.2")
        night.release("pin", "1.0", 'Foo==1.0; python_version >= "3.8"')
        yield night


@pytest.fixture(scope="module")
def nightlies(night: Night) -> dict[str, Package]:
    return {name: night.nightly(name, version) for name, version in NIGHTLIES.values()}


def nobody(_: Package) -> Record:
    raise AssertionError("the installer wrote a hash, so nothing has to be downloaded")


def fetch() -> Fetch:
    return PlannedRecords(QUICK)


def proved_one(package: Package, environment: str, how: Fetch | None = None) -> Proved:
    return prove(plan_of(package), [environment], how or fetch()).packages[0]


def told(proof: Proof) -> dict[str, ProofState]:
    return {each.name: each.state for each in proof.packages}


@pytest.mark.parametrize("installer", INSTALLERS)
def test_nightlies_that_a_constraint_brought_are_proved_whatever_their_version(
    night: Night, nightlies: dict[str, Package], installer: Installer
) -> None:
    here = night.installed("all", installer, ["bar", *nightlies], [*nightlies.values()])
    proof = prove(plan_of(*nightlies.values()), [here], fetch())
    assert told(proof) == dict.fromkeys(nightlies, ProofState.NIGHTLY), [each.reason for each in proof.packages]
    assert {each.name: (each.version, each.url, each.sha256) for each in proof.packages} == {
        each.name: (each.version, each.url, each.sha256) for each in nightlies.values()
    }
    assert proof.holds


@pytest.mark.parametrize("installer", [pytest.param(each, id=each.__name__) for each in (newest_pip, older_pip)])
def test_the_hash_that_pip_writes_is_proof_enough(
    night: Night, nightlies: dict[str, Package], installer: Installer
) -> None:
    here = night.installed("all", installer, ["bar", *nightlies], [*nightlies.values()])
    proof = prove(plan_of(*nightlies.values()), [here], nobody)
    assert {each.reason for each in proof.packages} == {"URL and hash are the plan's"}


def test_of_uv_the_files_are_compared_and_each_wheel_is_downloaded_once(
    night: Night, nightlies: dict[str, Package]
) -> None:
    here = night.installed("all", uv, ["bar", *nightlies], [*nightlies.values()])
    night.channel.forget_requests()
    proof = prove(plan_of(nightlies["foo"], nightlies["foo"]), [here, here], fetch())
    assert [each.reason for each in proof.packages] == ["URL and files are those of the planned wheel"] * 2
    asked = [request.path for request in night.channel.requests if request.role == "index"]
    assert len(asked) == 1


@pytest.mark.parametrize("installer", NEWEST)
def test_what_isnt_installed_isnt_needed(night: Night, nightlies: dict[str, Package], installer: Installer) -> None:
    here = night.installed("all", installer, ["bar", *nightlies], [*nightlies.values()])
    proof = prove(plan_of(nightlies["foo"], replace(nightlies["foo"], name="nopy")), [here], fetch())
    assert told(proof) == {"foo": ProofState.NIGHTLY, "nopy": ProofState.NOT_NEEDED}
    assert [each.name for each in proof.needed] == ["foo"]


@pytest.mark.parametrize(
    ("installer", "variable"),
    [pytest.param(newest_pip, "PIP_CONSTRAINT", id="pip"), pytest.param(uv, "UV_CONSTRAINT", id="uv")],
)
def test_stable_releases_from_the_index_are_caught_and_the_reason_names_the_variable(
    night: Night, nightlies: dict[str, Package], installer: Installer, variable: str
) -> None:
    here = night.installed("stable", installer, [*nightlies], [])
    proof = prove(plan_of(*nightlies.values()), [here], nobody)
    assert told(proof) == dict.fromkeys(nightlies, ProofState.NOT_NIGHTLY)
    assert all(variable in each.reason for each in proof.packages)
    assert not proof.holds
    assert {each.url for each in proof.packages} == {None}


@pytest.mark.parametrize("installer", NEWEST)
def test_the_planned_version_from_the_index_is_no_nightly(
    night: Night, nightlies: dict[str, Package], installer: Installer
) -> None:
    here = night.installed("stable", installer, [*nightlies], [])
    proved = proved_one(nightlies["same"], here, nobody)
    assert (proved.state, proved.version, proved.planned) == (ProofState.NOT_NIGHTLY, "3.16.0", "3.16.0")
    assert "from an index, and nothing shows that it's that file" in proved.reason
