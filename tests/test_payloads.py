"""What is sent of a wheel is what the real anaconda-client sends of it."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from anaconda_client import AnacondaClient
from anaconda_server import AnacondaServer
from exchanges import Json
from nightly.anaconda.payloads import dependencies, package_payload, release_payload
from nightly.wheels import read_wheel
from sample_wheels import make_wheel
from uploading import SLOW, Night

TAGS = {
    "cp312-cp312-manylinux_2_28_x86_64": "",
    "cp39-abi3-macosx_11_0_arm64": "",
    "py3-none-any": "",
    "py2.py3-none-any": "",
    "cp313-cp313t-win_arm64": "",
    "cp312-cp312-manylinux_2_27_x86_64.manylinux_2_28_x86_64": "",
    "pp310-pypy310_pp73-win_amd64": "",
    "py3-none-win32": "7",
    "py3-none-win_amd64": "20260101abc",
}

REQUIREMENTS = {
    "plain": ["numpy", "Some.Pkg_x", "zope.interface (>=5)"],
    "specified": ["numpy>=1.26,<3", "scipy ~= 1.10", "a == 1.*", "b===1.0", "c!=2,>1", "numpy (>=1.26, <3)"],
    "marked": [
        'tomli>=2; python_version < "3.11"',
        "colorama ; sys_platform == 'win32'",
        "x; os_name=='nt' and a=='b'",
    ],
    "extras": [
        'pytest>=8; extra == "test"',
        "sphinx ; extra=='docs'",
        'numpy; extra == "test"',
        'tomli; python_version < "3.11" and extra == "test"',
    ],
    "with extras of others": ["requests[socks]>=2", 'coverage[toml] ; extra == "test"'],
    "by URL": ["thing @ https://example.org/thing-1.0.zip", 'other @ git+https://example.org/x@main ; extra == "dev"'],
}

ABOUT = {
    "license": "License: BSD-3-Clause\n",
    "license expression": "License-Expression: MIT\n",
    "no home page": "",
    "project urls": "Project-URL: Source, https://example.org/s\nProject-URL: Changelog, https://example.org/c\n",
    "home page and urls": "Home-page: https://example.org/h\nProject-URL: Homepage, https://example.org/p\n",
    "description": "Description-Content-Type: text/markdown\n\n# Title\n\n\N{CRESCENT MOON} **Text**\n\n    code\n",
    "described in a header": "Description: First line\n        second line\n        |third\n",
    "unknown": "License: UNKNOWN\nHome-page: UNKNOWN\n",
    "author": "Author: A\nAuthor-email: a@example.org\nKeywords: x,y\nClassifier: Topic :: Software Development\n",
}


def with_metadata(wheel: Path, rest: str) -> Path:
    """Say something else of the wheel in its METADATA, after its name, version and summary."""
    with zipfile.ZipFile(wheel) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    (metadata,) = (name for name in members if name.endswith("/METADATA"))
    first = members[metadata].decode().splitlines()[:4]
    members[metadata] = ("\n".join(first) + "\n" + rest).encode()
    with zipfile.ZipFile(wheel, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return wheel


def make_all(directory: Path) -> list[Path]:
    """A wheel for each thing that may be said of one; each is of a project of its own, so its package is made."""
    wheels = [
        make_wheel(directory, f"tag-{number}", tag=tag, build=build) for number, (tag, build) in enumerate(TAGS.items())
    ]
    wheels += [
        make_wheel(directory, f"needs-{number}", requires=requires)
        for number, requires in enumerate(REQUIREMENTS.values())
    ]
    wheels += [with_metadata(make_wheel(directory, f"about-{n}"), rest) for n, rest in enumerate(ABOUT.values())]
    wheels.append(make_wheel(directory, "My.Demo_Pkg", "1.10.dev1+g12ab.d2026"))
    return wheels


def announced(server: AnacondaServer) -> dict[str, Json]:
    """The bodies of what makes packages, releases and files."""
    kinds = ("/package/", "/release/", "/stage/")
    posts = [request for request in server.requests if request.method == "POST" and request.path.startswith(kinds)]
    return {request.path: request.body for request in posts}


def test_the_payloads_are_those_of_the_real_client(
    anaconda: AnacondaServer, anaconda_client: AnacondaClient, tmp_path: Path
) -> None:
    night = Night(anaconda, tmp_path, SLOW)
    wheels = make_all(night.dist)
    run = night.run(parallel="1", version_policy="off")
    assert run.code == 0, run.log
    ours = announced(anaconda)
    anaconda.state.forget_packages()
    anaconda.forget_requests()
    done = anaconda_client.upload(*wheels, options=("-l", "main"))
    assert done.returncode == 0, done.stdout + done.stderr
    theirs = announced(anaconda)
    assert {path.replace("+", "%2B") for path in theirs} == set(ours)
    assert len(theirs) == 3 * len(wheels)
    for path, body in theirs.items():
        assert ours[path.replace("+", "%2B")] == body, path


def test_a_home_page_among_the_project_urls_is_told_which_the_client_overlooks(tmp_path: Path) -> None:
    wheel = with_metadata(make_wheel(tmp_path), "Project-URL: Homepage, https://example.org/p\n")
    payload = release_payload(read_wheel(wheel))
    assert isinstance(payload, dict)
    assert payload["home_page"] == "https://example.org/p"


def test_labels_are_sent_as_they_are_asked_for(night: Night) -> None:
    night.make()
    night.run(anaconda_nightly_upload_labels="test, dev")
    (stage,) = (body for path, body in announced(night.server).items() if path.startswith("/stage/"))
    assert isinstance(stage, dict)
    assert stage["channels"] == ["dev", "test"]


def test_a_wheel_without_a_summary_is_announced_with_an_empty_one(tmp_path: Path) -> None:
    wheel = read_wheel(make_wheel(tmp_path, summary=""))
    payload = package_payload(wheel)
    assert isinstance(payload, dict)
    assert isinstance(payload["public_attrs"], dict)
    assert payload["public_attrs"]["summary"] == ""


def test_what_the_client_gets_wrong_of_a_requirement_is_sent_right() -> None:
    told = dependencies(["b===1.0+local", 'mypy; extra == "test" and python_version >= "3.11"'])
    assert told == {
        "has_dep_errors": False,
        "depends": [{"name": "b", "specs": [["===", "1.0+local"]]}],
        "extras": [{"name": "test", "depends": [{"name": "mypy", "specs": []}]}],
        "environments": [],
    }


@pytest.mark.parametrize("requirement", ["", "!!", "-x", ";", "\N{SNOWMAN}>=1", "[extra]", "a" * 5000 + " ( "])
def test_what_is_no_requirement_doesnt_stop_an_upload(requirement: str) -> None:
    assert isinstance(dependencies([requirement, "numpy"]), dict)
