"""Whether what pip and uv have installed is what was planned, and why it isn't."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from nightly.downstream.proving.fetching import Fetch, PlannedRecords
from nightly.downstream.proving.prove import prove
from nightly.downstream.proving.record import Record
from nightly.downstream.records.plan import Package, State
from nightly.downstream.records.proof import Proof, ProofState, Proved
from nightly.patience import Patience
from nightly_installs import Installer, Night, a_night, folder_of, newest_pip, older_pip, plan_of, uv
from sample_projects import make_project

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


def test_uv_that_was_told_by_pips_variables_is_caught(night: Night, nightlies: dict[str, Package]) -> None:
    """As zarr's job upstream was: hatch had changed to uv, and uv reads no PIP_INDEX_URL and no PIP_PRE."""
    python = night.environment("zarr")
    channel = night.channel.simple_index()
    told = {"PIP_CONSTRAINT": night.constraints(nightlies["foo"]), "PIP_EXTRA_INDEX_URL": channel, "PIP_PRE": "1"}
    night.install(uv, python, "foo", **told)
    proved = proved_one(nightlies["foo"], night.search_path(python), nobody)
    assert (proved.state, proved.version) == (ProofState.NOT_NIGHTLY, "1.0")
    assert "uv reads no PIP_* variable" in proved.reason


def test_a_setting_that_nobody_reads_is_caught(night: Night, nightlies: dict[str, Package]) -> None:
    """As napari's indexserver, which tox 4 ignores: nothing of it reaches pip."""
    python = night.environment("napari")
    file = night.constraints(nightlies["foo"])
    index = ("--isolated", "--index-url", night.registry.index_url)
    night.install(newest_pip, python, *index, "foo", PIP_CONSTRAINT=file)
    proved = proved_one(nightlies["foo"], night.search_path(python), nobody)
    assert (proved.state, proved.version) == (ProofState.NOT_NIGHTLY, "1.0")
    assert "indexserver" in proved.reason
    assert "--isolated" in proved.reason


def test_a_version_that_looks_like_a_nightly_proves_nothing(night: Night) -> None:
    """As scikit-learn's guard has it, which compares versions alone."""
    planned = night.nightly("looks", "1.2.0.dev0")
    night.release("looks", "1.2.0.dev0")
    here = night.installed("looks", uv, ["looks==1.2.0.dev0"], [])
    assert proved_one(planned, here, nobody).state is ProofState.NOT_NIGHTLY


@pytest.mark.parametrize("installer", NEWEST)
@pytest.mark.parametrize(
    ("by", "reason"),
    [
        ("cap", "cap 2.0 requires foo<1.2, which the planned 1.2.0.dev0 isn't; 1.0 is"),
        (
            "pin",
            'another version is pinned: Foo==1.0; python_version >= "3.8" by pin 1.0; the planned one is 1.2.0.dev0',
        ),
    ],
)
def test_who_caps_a_package_is_named(
    night: Night, nightlies: dict[str, Package], installer: Installer, by: str, reason: str
) -> None:
    here = night.installed(by, installer, [by], [])
    assert proved_one(nightlies["foo"], here, nobody).reason == reason


@pytest.mark.parametrize("installer", NEWEST)
def test_another_url_is_named(night: Night, nightlies: dict[str, Package], installer: Installer) -> None:
    url = f"{night.registry.url}/files/foo-1.0-py3-none-any.whl"
    here = night.installed("url", installer, [f"foo @ {url}"], [])
    proved = proved_one(nightlies["foo"], here, nobody)
    assert proved.state is ProofState.NOT_NIGHTLY
    assert proved.reason.startswith(
        f"it was installed from {url}, though the constraint asks for {nightlies['foo'].url}"
    )


@pytest.mark.parametrize("installer", NEWEST)
def test_an_editable_install_is_no_nightly(night: Night, installer: Installer) -> None:
    checkout = make_project(night.directory / f"checkout-{installer.__name__}", "demo-app")
    here = night.installed("editable", installer, ["-e", str(checkout)], [])
    planned = Package("demo-app", State.NIGHTLY, version="1.0", url=checkout.as_uri(), sha256="0" * 64)
    proved = proved_one(planned, here, nobody)
    assert proved.state is ProofState.NOT_NIGHTLY
    assert proved.reason.startswith("it's an editable install of file:")


def overwritten(night: Night, name: str) -> tuple[Package, Package]:
    """As numpy's and scipy's: each night's wheel is 2.6.0.dev0, under one URL. The second one is there now."""
    first = night.nightly(name, "2.6.0.dev0", {f"{name}/core.py": "NIGHT = 1\n"})
    night.installed(name, newest_pip, [name], [first])
    night.installed(name, uv, [name], [first])
    return first, night.nightly(name, "2.6.0.dev0", {f"{name}/core.py": "NIGHT = 2\n"})


@pytest.fixture(scope="module")
def numpy(night: Night) -> tuple[Package, Package]:
    return overwritten(night, "numpy")


def test_pips_hash_tells_the_wheel_of_another_night_under_the_same_url(
    night: Night, numpy: tuple[Package, Package]
) -> None:
    first, second = numpy
    proved = proved_one(second, night.installed("numpy", newest_pip, [], []), nobody)
    assert proved.state is ProofState.NOT_NIGHTLY
    assert "the file under that URL changed" in proved.reason
    assert str(first.sha256) in proved.reason
    assert str(second.sha256) in proved.reason


def test_the_wheel_that_was_installed_before_it_was_overwritten_is_proved_by_pips_hash(
    night: Night, numpy: tuple[Package, Package]
) -> None:
    assert proved_one(numpy[0], night.installed("numpy", newest_pip, [], []), nobody).state is ProofState.NIGHTLY


def test_files_tell_the_wheel_of_another_night_under_the_same_url(night: Night, numpy: tuple[Package, Package]) -> None:
    proved = proved_one(numpy[1], night.installed("numpy", uv, [], []))
    assert proved.state is ProofState.NOT_NIGHTLY
    assert "its files aren't those of the planned wheel: numpy/core.py;" in proved.reason
    assert not proved.is_moved


def test_what_cant_be_compared_as_the_planned_file_is_gone_from_its_url_has_moved(
    night: Night, numpy: tuple[Package, Package]
) -> None:
    proved = proved_one(numpy[0], night.installed("numpy", uv, [], []))
    assert proved.state is ProofState.NOT_NIGHTLY
    assert proved.is_moved
    assert "the file under that URL changed since the plan was made" in proved.reason


@pytest.mark.parametrize(
    ("how", "reason"),
    [("elsewhere", "HTTP 404"), ("closed", "couldn't be downloaded to compare: the connection failed")],
)
def test_a_wheel_that_cant_be_downloaded_proves_nothing(
    night: Night, nightlies: dict[str, Package], how: str, reason: str
) -> None:
    folder = folder_of(night.installed("all", uv, ["bar", *nightlies], [*nightlies.values()]))
    copy = copied(folder, night.directory / how)
    urls = {"elsewhere": f"{nightlies['foo'].url}.gone.whl", "closed": "http://127.0.0.1:9/foo-1.2.0.dev0.whl"}
    rewrite(copy, "foo", {"url": urls[how], "archive_info": {}})
    proved = proved_one(replace(nightlies["foo"], url=urls[how]), str(copy))
    assert proved.state is ProofState.NOT_NIGHTLY
    assert proved.is_moved == (how == "elsewhere")
    assert reason in proved.reason


def copied(folder: Path, target: Path) -> Path:
    shutil.copytree(folder, target)
    return target


def rewrite(folder: Path, name: str, direct_url: object) -> None:
    (info,) = folder.glob(f"{name}-*.dist-info")
    (info / "direct_url.json").write_text(json.dumps(direct_url), encoding="utf-8")


@pytest.mark.parametrize("installer", NEWEST)
@pytest.mark.parametrize("change", ["edited", "deleted"])
def test_files_that_were_changed_after_the_installation_are_named(
    night: Night, nightlies: dict[str, Package], tmp_path: Path, installer: Installer, change: str
) -> None:
    folder = folder_of(night.installed("all", installer, ["bar", *nightlies], [*nightlies.values()]))
    module = copied(folder, tmp_path / "site-packages") / "foo" / "__init__.py"
    module.unlink() if change == "deleted" else module.write_text("x = 1\n")
    proved = proved_one(nightlies["foo"], str(tmp_path / "site-packages"))
    assert proved.state is ProofState.NOT_NIGHTLY
    assert "changed after the installation" in proved.reason
    assert "foo/__init__.py" in proved.reason


def test_a_nightly_without_its_own_record_is_compared_with_the_planned_wheel(
    night: Night, nightlies: dict[str, Package], tmp_path: Path
) -> None:
    folder = folder_of(night.installed("all", newest_pip, ["bar", *nightlies], [*nightlies.values()]))
    copy = copied(folder, tmp_path / "site-packages")
    (copy / "foo-1.2.0.dev0.dist-info" / "RECORD").unlink()
    assert proved_one(nightlies["foo"], str(copy)).state is ProofState.NIGHTLY
    (copy / "foo" / "__init__.py").write_text("x = 1\n")
    assert proved_one(nightlies["foo"], str(copy)).state is ProofState.NOT_NIGHTLY


def test_a_package_that_is_installed_twice_in_one_place_is_no_nightly(
    night: Night, nightlies: dict[str, Package], tmp_path: Path
) -> None:
    folder = folder_of(night.installed("all", newest_pip, ["bar", *nightlies], [*nightlies.values()]))
    copy = copied(folder, tmp_path / "site-packages")
    shutil.copytree(copy / "foo-1.2.0.dev0.dist-info", copy / "Foo-1.0.dist-info")
    proved = proved_one(nightlies["foo"], str(copy), nobody)
    assert proved.state is ProofState.NOT_NIGHTLY
    assert "installed 2 times" in proved.reason


def test_what_pip_couldnt_delete_isnt_installed(night: Night, nightlies: dict[str, Package], tmp_path: Path) -> None:
    folder = folder_of(night.installed("all", newest_pip, ["bar", *nightlies], [*nightlies.values()]))
    copy = copied(folder, tmp_path / "site-packages")
    shutil.copytree(copy / "foo-1.2.0.dev0.dist-info", copy / "~oo-1.0.dist-info")
    assert proved_one(nightlies["foo"], str(copy), nobody).state is ProofState.NIGHTLY


@pytest.mark.parametrize("state", [State.CAPPED, State.STALE, State.ABSENT, State.UNSUPPORTED])
def test_what_isnt_planned_has_the_plans_reason_where_it_is_installed(
    night: Night, nightlies: dict[str, Package], state: State
) -> None:
    here = night.installed("stable", uv, [*nightlies], [])
    foo = Package("foo", state, "cap 2.0 requires foo<1.2", stable="1.0")
    proof = prove(plan_of(foo, replace(foo, name="nowhere")), [here], nobody)
    assert told(proof) == {"foo": ProofState.NOT_NIGHTLY, "nowhere": ProofState.NOT_NEEDED}
    assert (proof.packages[0].reason, proof.packages[0].version) == ("cap 2.0 requires foo<1.2", "1.0")


def test_a_nightly_past_a_cap_says_so(night: Night, nightlies: dict[str, Package]) -> None:
    here = night.installed("all", uv, ["bar", *nightlies], [*nightlies.values()])
    proved = proved_one(replace(nightlies["foo"], state=State.FORCED, capped_by="cap"), here)
    assert proved.state is ProofState.NIGHTLY
    assert proved.reason.startswith("forced past the cap by cap; ")


def test_where_environments_differ_the_worst_counts_and_is_named(night: Night, nightlies: dict[str, Package]) -> None:
    good = night.installed("all", uv, ["bar", *nightlies], [*nightlies.values()])
    bad = night.installed("stable", uv, [*nightlies], [])
    proved = prove(plan_of(nightlies["foo"]), [good, bad], fetch()).packages[0]
    assert proved.state is ProofState.NOT_NIGHTLY
    assert proved.reason.startswith(f"in {folder_of(bad)}: 1.0 was installed from an index")
    assert proved.environment == str(folder_of(bad))


def test_an_environment_without_the_package_takes_nothing_from_the_proof(
    night: Night, nightlies: dict[str, Package], tmp_path: Path
) -> None:
    good = night.installed("all", uv, ["bar", *nightlies], [*nightlies.values()])
    proved = prove(plan_of(nightlies["foo"]), [str(tmp_path), good], fetch()).packages[0]
    assert (proved.state, proved.environment) == (ProofState.NIGHTLY, str(folder_of(good)))


def test_the_first_directory_of_an_environment_hides_the_others(night: Night, nightlies: dict[str, Package]) -> None:
    good = night.installed("all", newest_pip, ["bar", *nightlies], [*nightlies.values()])
    bad = night.installed("stable", uv, [*nightlies], [])
    assert proved_one(nightlies["foo"], os.pathsep.join([good, bad]), nobody).state is ProofState.NIGHTLY
    assert proved_one(nightlies["foo"], os.pathsep.join([bad, good]), nobody).state is ProofState.NOT_NIGHTLY


def test_a_plan_without_a_hash_proves_nothing(night: Night, nightlies: dict[str, Package]) -> None:
    here = night.installed("all", newest_pip, ["bar", *nightlies], [*nightlies.values()])
    proved = proved_one(replace(nightlies["foo"], sha256=None), here, nobody)
    assert proved.state is ProofState.NOT_NIGHTLY
    assert "knows no hash" in proved.reason


def test_a_nightly_tells_its_commit_its_source_and_what_must_move_with_it(night: Night) -> None:
    modules = {"awkward/version.py": "git_revision = '" + "0a1b2c3d" * 5 + "'\n"}
    awkward = night.nightly("awkward", "2.9.1", modules)
    cpp = night.nightly("awkward_cpp", "53")
    planned = (awkward, replace(cpp, name="awkward-cpp"))
    here = night.installed("awkward", newest_pip, ["awkward", "awkward-cpp"], planned)
    info = folder_of(here) / "awkward-2.9.1.dist-info"
    required = [
        "awkward_cpp==53",
        "numpy>=2",
        'awkward-cpp; extra == "dev"',
        'awkward-cpp<9; python_version < "3"',
        "!",
    ]
    fields = [
        "Project-URL: Source, https://github.com/scikit-hep/awkward/tree/main",
        *(f"Requires-Dist: {r}" for r in required),
    ]
    text = (info / "METADATA").read_text(encoding="utf-8")
    copy = copied(folder_of(here), night.directory / "awkward-copy") / info.name / "METADATA"
    copy.write_text(text.replace("Summary:", "\n".join([*fields, "Summary:"])), encoding="utf-8")
    proved = prove(plan_of(*planned), [str(copy.parent.parent)], nobody).packages[0]
    assert proved.commit == "0a1b2c3d" * 5
    assert proved.source_url == "https://github.com/scikit-hep/awkward"
    assert proved.requires == ("awkward_cpp==53",)


@pytest.mark.parametrize(
    ("installer", "gist"),
    [
        ("Poetry 2.1.0", "Poetry installs what its lock file says"),
        ("uv-pixi", "pixi installs what its lock file says"),
        ("conda", "conda knows no constraints"),
        ("", "PIP_CONSTRAINT or UV_CONSTRAINT didn't reach the installer"),
    ],
)
def test_the_reason_speaks_of_whoever_installed_it(tmp_path: Path, installer: str, gist: str) -> None:
    info = tmp_path / "foo-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: foo\nVersion: 1.0\n")
    (info / "INSTALLER").write_text(f"{installer}\n")
    planned = Package("foo", State.NIGHTLY, version="1.2.dev0", url="http://127.0.0.1/foo.whl", sha256="0" * 64)
    assert gist in proved_one(planned, str(tmp_path), nobody).reason


def test_what_an_extra_requires_is_a_reason_when_nothing_else_is(tmp_path: Path) -> None:
    for name, lines in {
        "foo": [],
        "app": ['Requires-Dist: foo<1.2; extra == "test"', "Requires-Dist: foo>=0.5"],
    }.items():
        (tmp_path / f"{name}-1.0.dist-info").mkdir()
        text = "\n".join(["Metadata-Version: 2.1", f"Name: {name}", "Version: 1.0", *lines, ""])
        (tmp_path / f"{name}-1.0.dist-info" / "METADATA").write_text(text)
    planned = Package("foo", State.NIGHTLY, version="1.2.dev0", url="http://127.0.0.1/foo.whl", sha256="0" * 64)
    assert 'app 1.0 requires foo<1.2; extra == "test"' in proved_one(planned, str(tmp_path), nobody).reason


BROKEN = {
    "no METADATA": ("foo-1.0.dist-info", {}),
    "METADATA of bytes": ("foo-1.0.dist-info", {"METADATA": b"\xff\xfe\x00Name"}),
    "a direct_url.json that is none": ("foo-1.0.dist-info", {"direct_url.json": b'{"url": 1}'}),
    "a direct_url.json cut off": ("foo-1.0.dist-info", {"direct_url.json": b'{"url": "http'}),
    "an egg-info directory": ("foo-1.0-py3.11.egg-info", {"PKG-INFO": b"Name: Foo\nVersion: 1.0\n"}),
    "a version that is none": ("foo-one.dist-info", {"METADATA": b"Name: foo\nVersion: one\n"}),
}


@pytest.mark.parametrize(("folder", "files"), BROKEN.values(), ids=BROKEN)
def test_broken_installations_are_no_nightlies(tmp_path: Path, folder: str, files: dict[str, bytes]) -> None:
    (tmp_path / folder).mkdir()
    for name, content in files.items():
        (tmp_path / folder / name).write_bytes(content)
    planned = Package("foo", State.NIGHTLY, version="1.0", url="http://127.0.0.1/foo.whl", sha256="0" * 64)
    assert proved_one(planned, str(tmp_path), nobody).state is ProofState.NOT_NIGHTLY


def test_what_setup_py_develop_leaves_is_an_editable_install(tmp_path: Path) -> None:
    (tmp_path / "foo.egg-link").write_text(f"{tmp_path}\n.")
    planned = Package("foo", State.NIGHTLY, version="1.0", url="http://127.0.0.1/foo.whl", sha256="0" * 64)
    assert "editable install of file:" in proved_one(planned, str(tmp_path), nobody).reason


def test_nothing_is_imported_to_prove_it(night: Night) -> None:
    bomb = night.nightly("bomb", "1.0.dev1", {"bomb/__init__.py": "raise SystemExit(3)\n", "bomb/version.py": "1/0\n"})
    here = night.installed("bomb", newest_pip, ["bomb"], [bomb])
    assert proved_one(bomb, here, nobody).state is ProofState.NIGHTLY
