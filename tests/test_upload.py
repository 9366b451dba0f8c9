"""What the upload command does on the stand-in of anaconda.org when nothing goes wrong."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sample_wheels import make_wheel
from uploading import Night, names

PACKAGE = "/package/nightly-wheels/demo-pkg"
RELEASE = "nightly-wheels/demo-pkg/1.0.dev1"


def test_three_new_wheels_make_these_requests(night: Night) -> None:
    wheels = night.make(count=3)
    run = night.run(parallel="1")
    assert run.code == 0, run.log
    deliveries = [
        entry
        for wheel in wheels
        for entry in (
            f"POST /stage/{RELEASE}/{wheel.name} 200",
            "POST / 201",
            f"POST /commit/{RELEASE}/{wheel.name} 200",
        )
    ]
    assert run.asked() == [
        "GET /authentication 200",
        "GET /user/nightly-wheels 200",
        f"GET {PACKAGE} 404",
        "GET /packages/nightly-wheels 200",
        f"POST {PACKAGE} 200",
        f"POST /release/{RELEASE} 200",
        *deliveries,
        f"GET {PACKAGE} 200",
        "GET /nightly-wheels/simple/demo-pkg/ 200",
    ]
    assert night.there() == {wheel.name: wheel.read_bytes() for wheel in wheels}


def test_a_night_of_48_wheels_makes_three_requests_a_file_and_eight(night: Night) -> None:
    for interpreter in range(10, 16):
        for system in range(8):
            night.make(tag=f"cp3{interpreter}-cp3{interpreter}-manylinux_2_{28 + system}_x86_64")
    run = night.run()
    assert len(run.names("uploaded")) == 48, run.log
    assert len(run.requests) <= 3 * 48 + 8
    again = night.run()
    assert len(again.names("skipped")) == 48, again.log
    assert len(again.requests) <= 6
    assert not again.writes


def test_a_version_with_a_local_label_gets_through_every_address(night: Night) -> None:
    (wheel,) = night.make(version="1.0.dev1+g12ab.d2026")
    assert night.run().code == 0
    assert night.there() == {wheel.name: wheel.read_bytes()}
    night.make(b"newer", version="1.0.dev1+g12ab.d2026")
    run = night.run()
    assert run.names("replaced") == [wheel.name], run.log


def test_several_projects_go_in_one_run(night: Night) -> None:
    for name in ("demo-pkg", "other-pkg"):
        night.make(name=name)
    assert night.run().names("uploaded") == sorted(names(night.dist))
    assert night.there("demo-pkg")
    assert night.there("other-pkg")


def test_another_labels_index_is_named(night: Night) -> None:
    night.make()
    run = night.run(anaconda_nightly_upload_labels="dev, test")
    url = f"{night.server.index_url}/nightly-wheels/label/dev/simple"
    assert run.outputs["index_url"] == url
    assert f"--extra-index-url {url} " in run.log
    assert url in run.summary
    assert [file.labels for file in night.server.state.files("nightly-wheels", "demo-pkg")] == [("dev", "test")]


def test_the_same_bytes_under_another_label_get_the_label_and_arent_sent_again(night: Night) -> None:
    (wheel,) = night.make()
    night.run()
    run = night.run(anaconda_nightly_upload_labels="main,dev")
    assert run.names("uploaded") == [wheel.name]
    assert run.writes == ["POST /channels/nightly-wheels/dev 201"]
    assert "got the label dev" in run.log
    (file,) = night.server.state.files("nightly-wheels", "demo-pkg")
    assert set(file.labels) == {"main", "dev"}


def test_a_project_is_addressed_by_the_channels_own_spelling(night: Night) -> None:
    night.seed(name="Demo_Pkg", version="1.0.dev0")
    night.make(name="demo-pkg")
    run = night.run()
    assert run.code == 0, run.log
    assert "demo-pkg is on the channel as Demo_Pkg" in run.log
    assert len(night.there("Demo_Pkg")) == 2
    assert "demo-pkg" not in night.server.state.owners["nightly-wheels"]


def test_a_dry_run_writes_nothing_and_says_what_it_would_do(night: Night) -> None:
    night.seed()
    night.make(count=2)
    before = night.there()
    run = night.run(dry_run="true")
    assert run.code == 0, run.log
    assert {request.method for request in run.requests} == {"GET"}
    assert night.there() == before
    assert "  replace  demo_pkg-1.0.dev1-cp310-" in run.log
    assert "  upload   demo_pkg-1.0.dev1-cp311-" in run.log
    assert {row["reason"] for row in run.report["files"]} == {"would replace", "would upload"}


def test_the_plan_is_printed_before_anything_is_written(night: Night) -> None:
    night.make()
    run = night.run()
    assert run.log.index("Plan for ") < run.log.index("[1/1] uploaded demo_pkg-1.0.dev1-cp310-cp310-win_amd64.whl")


def test_outputs_and_report_say_all_of_it(night: Night) -> None:
    night.make(count=3)
    skipped, replaced, uploaded = names(night.dist)
    for filename, payload in ((skipped, b"new"), (replaced, b"old")):
        night.server.seed(make_wheel(night.root / payload.decode(), tag=tag_of(filename), payload=payload))
    run = night.run()
    assert json.loads(run.outputs["versions"]) == {"demo-pkg": ["1.0.dev1"]}
    assert {state: run.names(state) for state in ("uploaded", "replaced", "skipped", "failed")} == {
        "uploaded": [uploaded],
        "replaced": [replaced],
        "skipped": [skipped],
        "failed": [],
    }
    assert set(run.outputs) == {
        *("uploaded", "replaced", "skipped", "failed"),
        *("versions", "index_url", "report"),
    }
    assert run.outputs["index_url"] == night.server.simple_index()
    report = run.report
    assert [row.pop("seconds") >= 0 for row in report["files"]] == [True] * 3
    files = {file.basename: file for file in night.server.state.files("nightly-wheels", "demo-pkg")}
    rows = [
        {
            "filename": name,
            "project": "demo-pkg",
            "version": "1.0.dev1",
            "sha256": files[name].sha256,
            "size": files[name].size,
            "state": state,
            "reason": reason,
            "url": f"https://api.anaconda.invalid/download/nightly-wheels/demo-pkg/1.0.dev1/{name}",
        }
        for name, state, reason in (
            (skipped, "skipped", "the channel has these bytes already"),
            (replaced, "replaced", ""),
            (uploaded, "uploaded", ""),
        )
    ]
    channel = f"{night.server.api_url}/nightly-wheels"
    assert report == {"channel": channel, "index_url": run.outputs["index_url"], "files": rows}


def test_the_summary_says_what_where_and_how_to_install_it(night: Night) -> None:
    night.make(count=2)
    run = night.run()
    assert run.summary.startswith("## Nightly upload of 2 wheels: 2 uploaded\n")
    index = night.server.simple_index()
    assert f"pip install --extra-index-url {index} 'demo-pkg==1.0.dev1'\n" in run.summary
    assert f"uv pip install --index {index} 'demo-pkg==1.0.dev1'\n" in run.summary


def test_sdists_are_named_and_not_uploaded(night: Night) -> None:
    (wheel,) = night.make()
    (night.dist / "demo_pkg-1.0.dev1.tar.gz").write_bytes(b"")
    run = night.run()
    assert list(night.there()) == [wheel.name]
    assert "notice: sdists: " in run.log
    assert "demo_pkg-1.0.dev1.tar.gz" in run.log


@pytest.mark.parametrize(("policy", "code"), [("off", 0), ("warn", 0), ("error", 2)])
def test_a_final_version_is_let_in_warned_of_or_refused(night: Night, policy: str, code: int) -> None:
    night.make(version="1.0")
    run = night.run(version_policy=policy)
    assert run.code == code, run.log
    assert bool(night.there()) == (code == 0)
    assert ("isn't a development release" in run.log) == (policy != "off")
    assert ("warning: Version policy" in run.log) == (policy == "warn")


def test_a_directory_is_published_to_by_the_same_command(night: Night) -> None:
    (wheel,) = night.make()
    run = night.run(channel=str(night.root / "site"), anaconda_nightly_upload_token="")
    assert run.code == 0, run.log
    assert run.names("uploaded") == [wheel.name]
    page = json.loads((night.root / "site" / "simple" / "demo-pkg" / "index.json").read_text(encoding="utf-8"))
    assert [file["filename"] for file in page["files"]] == [wheel.name]
    assert not run.requests


def tag_of(filename: str) -> str:
    """A wheel's tag."""
    return "-".join(Path(filename).stem.split("-")[-3:])
