"""The stand-in of anaconda.org counts only as far as real programs take it for the real one."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from importlib.metadata import distributions
from pathlib import Path

import pytest
import uv

from anaconda_client import AnacondaClient
from anaconda_model import Token
from anaconda_server import AnacondaServer
from faults import BAD_GATEWAY, INTERNAL_ERROR, INVALID_DIGEST, Fault
from sample_wheels import make_wheel

Installer = Callable[[str, str, Path], subprocess.CompletedProcess[str]]

ORG = "nightly-wheels"


def asked(server: AnacondaServer) -> list[str]:
    return [f"{request.method} {request.path} {request.status}" for request in server.requests]


def test_an_upload_of_new_files_makes_these_requests(
    anaconda: AnacondaServer, anaconda_client: AnacondaClient, tmp_path: Path
) -> None:
    wheels = [make_wheel(tmp_path, version="1.2.dev3+g12ab", payload=bytes([n]), build=str(n)) for n in (1, 2)]
    done = anaconda_client.upload(*wheels)
    assert done.returncode == 0, done.stdout + done.stderr
    release = f"{ORG}/demo-pkg/1.2.dev3+g12ab"
    first, second = ((wheel.name, wheel.name.replace("+", "%2B")) for wheel in wheels)
    assert asked(anaconda) == [
        "HEAD / 200",
        f"GET /user/{ORG} 200",
        f"GET /dist/{release}/{first[0]} 404",
        f"GET /package/{ORG}/demo-pkg 404",
        f"POST /package/{ORG}/demo-pkg 200",
        f"GET /release/{release} 404",
        f"POST /release/{release} 200",
        f"POST /stage/{release}/{first[1]} 200",
        "POST / 201",
        f"POST /commit/{release}/{first[1]} 200",
        f"GET /dist/{release}/{second[0]} 404",
        f"POST /stage/{release}/{second[1]} 200",
        "POST / 201",
        f"POST /commit/{release}/{second[1]} 200",
    ]
    files = anaconda.state.files(ORG, "demo-pkg")
    assert [file.read_bytes() for file in files] == [wheel.read_bytes() for wheel in wheels]
    assert [file.labels for file in files] == [("main",), ("main",)]


def test_the_storage_host_never_sees_the_token(
    anaconda: AnacondaServer, anaconda_client: AnacondaClient, tmp_path: Path
) -> None:
    anaconda_client.upload(make_wheel(tmp_path))
    roles = {(request.role, request.authorized) for request in anaconda.requests}
    assert roles == {("api", True), ("storage", False)}


def test_what_the_client_announces_is_what_the_record_says(
    anaconda: AnacondaServer, anaconda_client: AnacondaClient, tmp_path: Path
) -> None:
    wheel = make_wheel(tmp_path, tag="cp312-cp312-manylinux_2_28_x86_64", requires=["numpy>=2"])
    anaconda_client.upload(wheel, options=("-l", "dev", "-l", "test"))
    (file,) = anaconda.state.files(ORG, "demo-pkg")
    assert file.attrs == {"build_no": 0, "python_version": "cp312", "abi": "cp312", "packagetype": "bdist_wheel"}
    assert file.labels == ("dev", "test")
    assert "numpy" in str(file.dependencies)


def test_a_file_that_exists_is_refused(
    anaconda: AnacondaServer, anaconda_client: AnacondaClient, tmp_path: Path
) -> None:
    old = anaconda.seed(make_wheel(tmp_path / "old"))
    refused = anaconda_client.upload(make_wheel(tmp_path / "new", payload=b"new"))
    assert refused.returncode == 1
    assert "already exists" in refused.stdout
    assert anaconda.state.files(ORG, "demo-pkg") == [old]


def test_force_replaces_a_file_by_deleting_it_first(
    anaconda: AnacondaServer, anaconda_client: AnacondaClient, tmp_path: Path
) -> None:
    anaconda.seed(make_wheel(tmp_path / "old"))
    wheel = make_wheel(tmp_path / "new", payload=b"new")
    done = anaconda_client.upload(wheel, options=("--force",))
    assert done.returncode == 0, done.stdout + done.stderr
    (file,) = anaconda.state.files(ORG, "demo-pkg")
    assert file.read_bytes() == wheel.read_bytes()
    # The only file took the package with it, which the client then makes again.
    methods = [(request.method, request.plain_path.split("/")[1]) for request in anaconda.requests]
    assert methods.index(("DELETE", "dist")) < methods.index(("POST", "package"))


def test_a_collaborator_who_replaces_the_only_file_loses_the_package(
    anaconda: AnacondaServer, anaconda_client: AnacondaClient, tmp_path: Path
) -> None:
    anaconda.add_token("tk-collaborator", Token("dev", packages=frozenset({"demo-pkg"})))
    anaconda.seed(make_wheel(tmp_path / "old"))
    refused = anaconda_client.run(
        "upload", "-u", ORG, "--force", str(make_wheel(tmp_path / "new", payload=b"new")), token="tk-collaborator"
    )
    assert refused.returncode == 1
    message = f'User "<User: _login=dev>" has not enough permissions to create "<User: _login={ORG}>/demo-pkg" package'
    assert message in refused.stdout
    assert anaconda.state.files(ORG, "demo-pkg") == []


def test_a_failed_upload_is_cleaned_up_to_nothing(
    anaconda: AnacondaServer, anaconda_client: AnacondaClient, tmp_path: Path
) -> None:
    anaconda.faults.add(Fault(INTERNAL_ERROR, "POST", "/stage/*"))
    failed = anaconda_client.upload(make_wheel(tmp_path))
    assert failed.returncode == 1
    assert "Internal server error" in failed.stdout
    assert ORG in anaconda.state.owners
    assert not anaconda.state.owners[ORG]


def test_an_expired_token_is_refused_in_the_servers_words(
    anaconda: AnacondaServer, anaconda_client: AnacondaClient, tmp_path: Path
) -> None:
    anaconda.add_token("tk-old", Token("dev", expires=datetime.now(timezone.utc) - timedelta(days=1)))
    refused = anaconda_client.run("upload", "-u", ORG, str(make_wheel(tmp_path)), token="tk-old")
    assert refused.returncode == 1
    assert [request.status for request in anaconda.requests] == [401]


def test_a_gateways_html_is_an_error_of_the_server(
    anaconda: AnacondaServer, anaconda_client: AnacondaClient, tmp_path: Path
) -> None:
    anaconda.faults.add(Fault(BAD_GATEWAY, "GET", "/package/*"))
    failed = anaconda_client.upload(make_wheel(tmp_path))
    assert failed.returncode == 1
    assert "502" in failed.stdout


def test_the_client_can_read_an_error_of_storage(
    anaconda: AnacondaServer, anaconda_client: AnacondaClient, tmp_path: Path
) -> None:
    anaconda.faults.add(Fault(INVALID_DIGEST, "POST", role="storage"))
    failed = anaconda_client.upload(make_wheel(tmp_path))
    assert failed.returncode == 1
    assert "The Content-MD5 or checksum value is not valid" in failed.stdout


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ("", "demo-pkg"),
        ("/demo-pkg", "1.10.dev1+g12ab"),
        ("/demo-pkg/1.10.dev1+g12ab", "demo_pkg-1.10.dev1+g12ab-py3-none-any.whl"),
        ("/demo-pkg/1.10.dev1+g12ab/demo_pkg-1.10.dev1+g12ab-py3-none-any.whl", "upload_time"),
    ],
    ids=["organisation", "package", "release", "file"],
)
def test_show_shows(
    anaconda: AnacondaServer, anaconda_client: AnacondaClient, tmp_path: Path, spec: str, expected: str
) -> None:
    anaconda.seed(make_wheel(tmp_path, version="1.10.dev1+g12ab"))
    shown = anaconda_client.run("show", ORG + spec)
    assert shown.returncode == 0, shown.stdout + shown.stderr
    assert expected in shown.stderr


@pytest.mark.parametrize(
    ("spec", "left"),
    [
        ("demo-pkg/1.0+g1/demo_pkg-1.0+g1-py3-none-any.whl", ["demo_pkg-1.0+g1-2-py3-none-any.whl"]),
        ("demo-pkg/1.0+g1", []),
        ("demo-pkg", []),
    ],
    ids=["file", "release", "package"],
)
def test_remove_removes(
    anaconda: AnacondaServer, anaconda_client: AnacondaClient, tmp_path: Path, spec: str, left: list[str]
) -> None:
    for build in ("", "2"):
        anaconda.seed(make_wheel(tmp_path, version="1.0+g1", build=build))
    removed = anaconda_client.run("remove", "--force", f"{ORG}/{spec}")
    assert removed.returncode == 0, removed.stdout + removed.stderr
    assert [file.basename for file in anaconda.state.files(ORG, "demo-pkg")] == left
    assert ("demo-pkg" in anaconda.state.owners[ORG]) == bool(left)


def test_remove_takes_it_that_there_is_nothing(anaconda: AnacondaServer, anaconda_client: AnacondaClient) -> None:
    assert anaconda_client.run("remove", "--force", f"{ORG}/absent/1.0").returncode == 0
    assert asked(anaconda) == [f"DELETE /release/{ORG}/absent/1.0 404"]


def test_whoami_knows_whose_token_it_is(anaconda_client: AnacondaClient) -> None:
    shown = anaconda_client.run("whoami")
    assert shown.returncode == 0, shown.stdout + shown.stderr
    assert "channel-owner" in shown.stderr


def environment() -> dict[str, str]:
    """Our own one, without what the machine or the user sets for installers."""
    kept = {name: value for name, value in os.environ.items() if not re.match(r"PIP_|UV_|PYTHON", name)}
    return kept | {"PIP_CONFIG_FILE": os.devnull, "PIP_DISABLE_PIP_VERSION_CHECK": "1"}


def pip_install(index: str, requirement: str, target: Path) -> subprocess.CompletedProcess[str]:
    options = ["--no-cache-dir", "--no-deps", "--quiet", "--retries", "0"]
    command = [sys.executable, "-m", "pip", "install", *options, "--index-url", index, "--target", str(target)]
    return run([*command, requirement])


def uv_install(index: str, requirement: str, target: Path) -> subprocess.CompletedProcess[str]:
    options = ["--no-cache", "--no-config", "--no-deps", "--python", sys.executable]
    command = [uv.find_uv_bin(), "pip", "install", *options, "--default-index", index, "--target", str(target)]
    return run([*command, requirement])


def run(command: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, env=environment(), capture_output=True, text=True, check=False)


def installed(target: Path) -> dict[str, str]:
    return {found.name: found.version for found in distributions(path=[str(target)])}


INSTALLERS = pytest.mark.parametrize("install", [pip_install, uv_install], ids=["pip", "uv"])


@INSTALLERS
@pytest.mark.parametrize(
    ("name", "version", "requirement"),
    [
        ("demo-pkg", "1.0.dev1", "demo-pkg==1.0.dev1"),
        ("demo-pkg", "1.0.dev1+g12ab", "demo-pkg==1.0.dev1+g12ab"),
        ("My.Demo_Pkg", "1.0", "my-demo-pkg"),
    ],
    ids=["nightly", "local version", "other spelling"],
)
def test_an_installer_installs_from_the_index(
    anaconda: AnacondaServer, tmp_path: Path, install: Installer, name: str, version: str, requirement: str
) -> None:
    anaconda.seed(make_wheel(tmp_path, name=name, version=version))
    done = install(anaconda.simple_index(), requirement, tmp_path / "target")
    assert done.returncode == 0, done.stdout + done.stderr
    assert installed(tmp_path / "target") == {name: version}


@INSTALLERS
def test_an_installer_installs_what_the_client_uploaded_under_a_label(
    anaconda: AnacondaServer, anaconda_client: AnacondaClient, tmp_path: Path, install: Installer
) -> None:
    anaconda_client.upload(make_wheel(tmp_path, version="2.0+local.1"), options=("-l", "dev"))
    missing = install(anaconda.simple_index(), "demo-pkg", tmp_path / "target")
    assert missing.returncode == 1
    done = install(anaconda.simple_index("dev"), "demo-pkg==2.0+local.1", tmp_path / "target")
    assert done.returncode == 0, done.stdout + done.stderr
    assert installed(tmp_path / "target") == {"demo-pkg": "2.0+local.1"}


@INSTALLERS
def test_an_installer_meets_a_file_that_storage_lost(
    anaconda: AnacondaServer, tmp_path: Path, install: Installer
) -> None:
    anaconda.state.lose(anaconda.seed(make_wheel(tmp_path)))
    failed = install(anaconda.simple_index(), "demo-pkg==1.0.dev1", tmp_path / "target")
    assert failed.returncode != 0
    assert "404" in failed.stdout + failed.stderr
