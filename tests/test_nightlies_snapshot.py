"""What the channels offer at one moment, and the matrix that is tested against it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from anaconda_calls import Behavior
from anaconda_records import Style
from anaconda_server import ORGANIZATION, AnacondaServer
from faults import BAD_GATEWAY, EVERY, Effect, Fault, HalfJson, Hang, Status, Truncate
from nightly.channels import ChannelOptions
from nightly.data import load
from nightly.downstream.modes import snapshot
from nightly.downstream.planning.hashing import LostWheel, wheel_hasher, with_hashes
from nightly.downstream.planning.matrix import cells
from nightly.downstream.planning.taking import open_sources, take_snapshot
from nightly.downstream.records.plan import Package, State
from nightly.downstream.records.snapshot import Offer, Snapshot, Trouble
from nightly.errors import UserError
from nightly.patience import Patience
from planning_runs import Caller, addresses, directory_channel
from sample_wheels import make_wheel
from uploading import IMPATIENT, QUICK, SLOW

NOW = datetime(2026, 11, 16, 5, 23, tzinfo=timezone.utc)
OTHER = "other-wheels"


@pytest.fixture
def anaconda(tmp_path: Path) -> Iterator[AnacondaServer]:
    """anaconda.org with two organisations."""
    with AnacondaServer(tmp_path / "anaconda.org", (ORGANIZATION, OTHER)) as server:
        yield server


@pytest.fixture
def caller(anaconda: AnacondaServer, tmp_path: Path) -> Caller:
    """Calls modes with the first organisation as the channel."""
    return Caller(tmp_path, addresses(anaconda))


def options(server: AnacondaServer, organization: str = ORGANIZATION, label: str = "main") -> ChannelOptions:
    return ChannelOptions("anaconda", organization, (label,), server.api_url, server.index_url)


def taken(
    *channels: ChannelOptions, projects: tuple[str, ...] | None = None, patience: Patience = SLOW
) -> tuple[Offer, ...]:
    return take_snapshot(open_sources(channels, patience, print), projects, NOW).offers


def filenames(offers: tuple[Offer, ...]) -> list[str]:
    return [offer.filename for offer in offers]


def test_an_offer_says_all_that_the_channel_tells_of_a_wheel(anaconda: AnacondaServer, tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path, "Demo_Pkg", "1.0.dev1+g1a2b3c4")
    anaconda.seed(wheel, uploaded_at=NOW - timedelta(hours=5))
    (offer,) = taken(options(anaconda))
    assert offer == Offer(
        project="demo-pkg",
        version="1.0.dev1+g1a2b3c4",
        filename=wheel.name,
        url=f"{anaconda.simple_index()}/Demo_Pkg/1.0.dev1%2Bg1a2b3c4/{wheel.name.replace('+', '%2B')}",
        sha256=hashlib.sha256(wheel.read_bytes()).hexdigest(),
        uploaded_at=NOW - timedelta(hours=5),
        channel=anaconda.simple_index(),
    )


def test_an_offered_url_is_where_installers_get_the_file(anaconda: AnacondaServer, tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path, "demo-pkg", "1.0.dev1+g1a2b3c4")
    anaconda.seed(wheel, labels=["dev"])
    (offer,) = taken(options(anaconda, label="dev"))
    assert wheel_hasher(SLOW)(offer.url) == offer.sha256
    assert offer.url.startswith(anaconda.simple_index("dev"))


def test_only_files_with_the_label_are_offered(anaconda: AnacondaServer, tmp_path: Path) -> None:
    anaconda.seed(make_wheel(tmp_path, version="1.0.dev1"))
    anaconda.seed(make_wheel(tmp_path, version="1.0.dev2"), labels=["dev"])
    anaconda.seed(make_wheel(tmp_path, version="1.0.dev1", build="0keeper1"), labels=["upload-nightly-keeper"])
    assert filenames(taken(options(anaconda))) == ["demo_pkg-1.0.dev1-py3-none-any.whl"]


def test_only_wheels_are_offered(anaconda: AnacondaServer) -> None:
    names = ["demo-1.0.dev1-cp313-cp313.tar.gz", "demo-1.0.dev1-py3-none-any.whl"]
    anaconda.seed_records([("demo", "1.0.dev1", name, "2026-11-15 05:23:00+00:00") for name in names])
    assert filenames(taken(options(anaconda))) == ["demo-1.0.dev1-py3-none-any.whl"]


def test_channels_come_in_the_order_in_which_they_are_asked(anaconda: AnacondaServer, tmp_path: Path) -> None:
    local = directory_channel(tmp_path / "site", make_wheel(tmp_path, version="3.0.dev1"))
    anaconda.seed(make_wheel(tmp_path, version="2.0.dev1"), organization=OTHER)
    anaconda.seed(make_wheel(tmp_path, version="1.0.dev1"))
    offers = taken(options(anaconda, OTHER), ChannelOptions(str(local)), options(anaconda))
    assert [offer.version for offer in offers] == ["2.0.dev1", "3.0.dev1", "1.0.dev1"]
    assert len({offer.channel for offer in offers}) == 3


def test_of_named_projects_alone_the_channel_is_asked_whatever_their_spelling(
    anaconda: AnacondaServer, tmp_path: Path
) -> None:
    for name in ("scikit_build_core", "numpy", "Cython"):
        anaconda.seed(make_wheel(tmp_path, name))
    offers = taken(options(anaconda), projects=("scikit-build-core", "cython", "absent"))
    assert {offer.project for offer in offers} == {"scikit-build-core", "cython"}
    assert len(anaconda.requests) == 3


def test_a_directory_offers_its_files_by_their_own_urls(tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path / "a b", version="1.0.dev1+g1")
    (offer,) = taken(ChannelOptions(str(directory_channel(tmp_path / "a site", wheel))))
    assert offer.url.startswith("file://")
    assert wheel_hasher(SLOW)(offer.url) == offer.sha256 == hashlib.sha256(wheel.read_bytes()).hexdigest()


def test_a_hash_or_a_time_that_the_channel_does_not_tell_is_none(anaconda: AnacondaServer) -> None:
    anaconda.behavior = Behavior(style=Style(sha256=False))
    anaconda.seed_records([("demo", "1.0.dev1", "demo-1.0.dev1-py3-none-any.whl", "yesterday")])
    (offer,) = taken(options(anaconda))
    assert (offer.sha256, offer.uploaded_at) == (None, None)


@pytest.mark.parametrize("told", ["0" * 63, "\n--index-url https://evil.example", "g" * 64])
def test_what_can_not_be_a_hash_is_none(anaconda: AnacondaServer, told: str) -> None:
    anaconda.seed_records([("demo", "1.0.dev1", "demo-1.0.dev1-py3-none-any.whl", "2026-11-15 05:23:00+00:00")])
    file = {"basename": "demo-1.0.dev1-py3-none-any.whl", "version": "1.0.dev1", "sha256": told, "labels": ["main"]}
    answer = Status(200, json.dumps({"name": "demo", "files": [file]}).encode())
    anaconda.faults.add(Fault(answer, path="/package/*"))
    (offer,) = taken(options(anaconda))
    assert offer.sha256 is None


TROUBLE: dict[str, Effect] = {
    "an error": BAD_GATEWAY,
    "silence": Hang(),
    "half an answer": Truncate(),
    "half of the JSON": HalfJson(),
    "a page": Status(200, b"<html>Down for maintenance</html>"),
}
LASTING = TROUBLE | {"another shape": Status(200, b'{"projects": []}')}


@pytest.mark.parametrize("path", ["/packages/*", "/package/*"])
@pytest.mark.parametrize("effect", LASTING.values(), ids=LASTING.keys())
def test_a_channel_that_can_not_be_read_is_trouble(
    anaconda: AnacondaServer, caller: Caller, tmp_path: Path, effect: Effect, path: str
) -> None:
    anaconda.seed(make_wheel(tmp_path))
    anaconda.faults.add(Fault(effect, path=path, nth=EVERY))
    caller.patience = IMPATIENT
    run = caller.run(snapshot.run, python="3.13")
    results = Path(run.outputs["results"])
    assert run.code == 1
    assert run.error
    assert load(Trouble, results / "trouble.json").message == str(run.error)
    assert "package" in str(run.error)
    assert json.loads(run.outputs["matrix"])["include"]
    assert [each.name for each in results.iterdir()] == ["trouble.json"]


@pytest.mark.parametrize("effect", TROUBLE.values(), ids=TROUBLE.keys())
def test_trouble_that_passes_is_none(anaconda: AnacondaServer, tmp_path: Path, effect: Effect) -> None:
    anaconda.seed(make_wheel(tmp_path))
    anaconda.faults.add(Fault(effect, path="/packages/*"), Fault(effect, path="/package/*"))
    assert len(taken(options(anaconda), patience=QUICK)) == 1


def test_one_channel_that_is_down_is_trouble_though_another_one_answers(
    anaconda: AnacondaServer, tmp_path: Path
) -> None:
    anaconda.seed(make_wheel(tmp_path))
    anaconda.seed(make_wheel(tmp_path), organization=OTHER)
    anaconda.faults.add(Fault(BAD_GATEWAY, path=f"/package*/{OTHER}*", nth=EVERY))
    with pytest.raises(UserError, match=OTHER):
        taken(options(anaconda), options(anaconda, OTHER), patience=IMPATIENT)


def test_an_organization_that_is_not_there_is_named(anaconda: AnacondaServer) -> None:
    with pytest.raises(UserError, match="nobody"):
        taken(options(anaconda, "nobody"))


def test_a_channel_with_nothing_at_all_is_not_believed(anaconda: AnacondaServer, tmp_path: Path) -> None:
    for channel in (options(anaconda), ChannelOptions(str(tmp_path / "nowhere"))):
        with pytest.raises(UserError, match="has no projects at all"):
            taken(channel)


def test_a_snapshot_is_kept_for_the_other_jobs(anaconda: AnacondaServer, caller: Caller, tmp_path: Path) -> None:
    anaconda.seed(make_wheel(tmp_path), uploaded_at=datetime.now(timezone.utc) - timedelta(hours=30))
    run = caller.run(snapshot.run)
    kept = load(Snapshot, Path(run.outputs["results"]) / "snapshot.json")
    assert (run.code, kept.channels, filenames(kept.offers)) == (
        0,
        (anaconda.simple_index(),),
        ["demo_pkg-1.0.dev1-py3-none-any.whl"],
    )
    assert "1 wheel of 1 project on 1 channel" in run.log
    assert "the newest 30 hours old" in run.log
    assert "| demo-pkg | 1 | the newest 30 hours old |" in run.summary


def test_only_named_packages_are_in_a_snapshot(anaconda: AnacondaServer, caller: Caller, tmp_path: Path) -> None:
    for name in ("demo-one", "demo-two"):
        anaconda.seed(make_wheel(tmp_path, name))
    run = caller.run(snapshot.run, packages="Demo_One[extra]>=1")
    kept = load(Snapshot, Path(run.outputs["results"]) / "snapshot.json")
    assert {offer.project for offer in kept.offers} == {"demo-one"}


def test_what_a_channel_calls_its_projects_is_shown_as_text(anaconda: AnacondaServer, caller: Caller) -> None:
    name = "<img src=x>|@user"
    anaconda.seed_records([(name, "1.0", "a-1.0-py3-none-any.whl", "2026-11-15 05:23:00+00:00")])
    run = caller.run(snapshot.run)
    assert "<img" not in run.summary
    assert run.code == 0


def test_the_matrix_counts_each_python_on_each_system(anaconda: AnacondaServer, caller: Caller, tmp_path: Path) -> None:
    anaconda.seed(make_wheel(tmp_path))
    run = caller.run(snapshot.run, python="3.12, 3.14t", os='["ubuntu-latest", "macos-15"]')
    assert json.loads(run.outputs["matrix"]) == {
        "include": [
            {"index": 0, "python": "3.12", "os": "ubuntu-latest"},
            {"index": 1, "python": "3.12", "os": "macos-15"},
            {"index": 2, "python": "3.14t", "os": "ubuntu-latest"},
            {"index": 3, "python": "3.14t", "os": "macos-15"},
        ]
    }


LISTS = {
    "one": ("3.x", ["3.x"]),
    "by comma": ("3.12,3.13,", ["3.12", "3.13"]),
    "by line": ("3.12\n3.13\n", ["3.12", "3.13"]),
    "by space": (" 3.12 pypy3.11 ", ["3.12", "pypy3.11"]),
    "JSON": ('["3.12", "3.13"]', ["3.12", "3.13"]),
    "numbers of JSON as they are written": ("[3.10, 3.12]", ["3.10", "3.12"]),
    "each once": ("3.12 3.12", ["3.12"]),
}


@pytest.mark.parametrize(("value", "expected"), LISTS.values(), ids=LISTS.keys())
def test_a_list_is_read_as_people_write_it(value: str, expected: list[str]) -> None:
    assert [cell.python for cell in cells(value, "ubuntu-latest")] == expected


NO_LISTS = {
    "nothing": " ",
    "half of JSON": '["3.12"',
    "an empty list": "[]",
    "a list of lists": '[["3.12"]]',
    "null": "[null]",
    "markup": "<3.12>",
    "an expression": "${{ inputs.python }}",
}


@pytest.mark.parametrize("value", NO_LISTS.values(), ids=NO_LISTS.keys())
@pytest.mark.parametrize("name", ["python", "os"])
def test_what_is_no_list_is_refused_by_its_name(caller: Caller, name: str, value: str) -> None:
    run = caller.run(snapshot.run, **{name: value})
    assert (run.code, run.outputs) == (2, {})
    assert f"'{name}'" in str(run.error)


def test_the_number_that_yaml_makes_of_a_version_is_told_from_it() -> None:
    with pytest.raises(UserError, match="in quotes"):
        cells("3.1 3.11", "ubuntu-latest")


def test_a_matrix_has_no_more_jobs_than_github_starts() -> None:
    systems = " ".join(f"os-{number}" for number in range(16))
    assert len(cells(" ".join(f"3.{number}" for number in range(2, 18)), systems)) == 256
    with pytest.raises(UserError, match="17 versions on 16 systems") as refused:
        cells(" ".join(f"3.{number}" for number in range(2, 19)), systems)
    assert "256" in str(refused.value)


@pytest.mark.parametrize("name", ["", "-x", "a/b", "a b", "a\nb", "a" * 101, "ä"])
def test_a_name_that_no_artifact_may_have_is_refused(caller: Caller, name: str) -> None:
    run = caller.run(snapshot.run, name=name)
    assert run.code == 2
    assert "'name'" in str(run.error)


OF_LATER_JOBS = {"extras": "a/b", "groups": "-x", "max_age": "soon", "force": "foo>=2", "issue": "x"}


@pytest.mark.parametrize(("name", "value"), OF_LATER_JOBS.items(), ids=OF_LATER_JOBS.keys())
def test_what_a_later_job_would_refuse_is_refused_at_once(
    caller: Caller, anaconda: AnacondaServer, name: str, value: str
) -> None:
    run = caller.run(snapshot.run, **{name: value})
    assert run.code == 2
    assert f"{name!r}" in str(run.error)
    assert "matrix" not in run.outputs
    assert not anaconda.requests


def a_package(url: str, sha256: str | None = None, state: State = State.NIGHTLY) -> Package:
    return Package("demo-pkg", state, url=url, sha256=sha256, filename="demo_pkg-1.0.dev1-py3-none-any.whl")


def test_a_planned_wheel_without_a_hash_is_downloaded_and_hashed(anaconda: AnacondaServer, tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path)
    anaconda.seed(wheel)
    anaconda.behavior = Behavior(style=Style(sha256=False))
    (offer,) = taken(options(anaconda))
    (package,) = with_hashes([a_package(offer.url)], wheel_hasher(SLOW))
    assert package.sha256 == hashlib.sha256(wheel.read_bytes()).hexdigest()


def test_no_other_wheel_is_downloaded() -> None:
    packages = (
        a_package("http://127.0.0.1:9/a.whl", "a" * 64),
        a_package("http://127.0.0.1:9/a.whl", None, State.STALE),
    )
    assert with_hashes(packages, wheel_hasher(IMPATIENT)) == packages


def test_a_wheel_that_is_cut_short_is_downloaded_again(anaconda: AnacondaServer, tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path, payload=b"x" * 100_000)
    anaconda.seed(wheel)
    (offer,) = taken(options(anaconda))
    anaconda.faults.add(Fault(Truncate(), role="storage"))
    assert wheel_hasher(QUICK)(offer.url) == hashlib.sha256(wheel.read_bytes()).hexdigest()


LOST = {
    "that storage has lost": Status(404, b"<Error><Code>NoSuchKey</Code></Error>", content_type="application/xml"),
    "that may not be had": Status(403),
    "that is somewhere unsafe": Status(302, headers={"Location": "http://example.org/demo.whl"}),
    "that goes round in circles": Status(302, headers={"Location": "?again"}),
}


@pytest.mark.parametrize("effect", LOST.values(), ids=LOST.keys())
def test_a_wheel_is_absent(anaconda: AnacondaServer, tmp_path: Path, effect: Effect) -> None:
    anaconda.seed(make_wheel(tmp_path))
    (offer,) = taken(options(anaconda))
    anaconda.faults.add(Fault(effect, role="index", nth=EVERY))
    (package,) = with_hashes([a_package(offer.url)], wheel_hasher(IMPATIENT))
    assert (package.state, package.url) == (State.ABSENT, None)
    assert "lists demo_pkg-1.0.dev1-py3-none-any.whl, but it can't be downloaded: HTTP" in package.reason


def test_a_file_that_a_directory_has_lost_is_absent(tmp_path: Path) -> None:
    site = directory_channel(tmp_path / "site", make_wheel(tmp_path))
    for path in site.rglob("*.whl"):
        path.unlink()
    (offer,) = taken(ChannelOptions(str(site)))
    assert offer.sha256 is None
    with pytest.raises(LostWheel):
        wheel_hasher(SLOW)(offer.url)


@pytest.mark.parametrize("effect", [BAD_GATEWAY, Hang()], ids=["an error", "silence"])
def test_storage_that_does_not_answer_is_trouble(anaconda: AnacondaServer, tmp_path: Path, effect: Effect) -> None:
    anaconda.seed(make_wheel(tmp_path))
    (offer,) = taken(options(anaconda))
    anaconda.faults.add(Fault(effect, role="index", nth=EVERY))
    with pytest.raises(UserError, match="tells no hash") as error:
        wheel_hasher(IMPATIENT)(offer.url)
    assert offer.url.rpartition("/")[2] in str(error.value)


def test_no_token_goes_along_to_a_download(anaconda: AnacondaServer, tmp_path: Path) -> None:
    anaconda.seed(make_wheel(tmp_path))
    (offer,) = taken(options(anaconda))
    anaconda.forget_requests()
    wheel_hasher(SLOW)(offer.url)
    assert [request.authorized for request in anaconda.requests] == [False, False]
