"""What installers did silently without a plan can't happen with its constraints: each row of a table of real installs.

The rows are those where a release came instead of the nightly that was asked for: it was capped, for another Python,
older than the release, of the same version, or looked like a release.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import unquote

import pytest

from nightly.downstream.planning.constraints import (
    constraints_text,
    installer_variables,
    needs_two_steps,
    overrides_text,
)
from nightly.downstream.records.plan import Package, State
from shop import EVERY_INSTALLER, UVS, Shop, a_shop, interpreter_with, program, python_with


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with a_shop(tmp_path_factory.mktemp("shop")) as opened:
        yield opened


@pytest.fixture(params=EVERY_INSTALLER)
def tool(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def is_crashing(tool: str) -> bool:
    return tool.startswith("pip") and needs_two_steps(interpreter_with(tool).pip or "")


@dataclass(frozen=True)
class Installation:
    """What an installer did by the variables of a plan, and what is there then."""

    code: int
    output: str
    target: Path

    @property
    def origins(self) -> dict[str, str]:
        """The URL of each package that came by one, as its metadata has it."""
        found = {}
        for record in self.target.glob("*.dist-info/direct_url.json"):
            name = record.parent.name.split("-")[0]
            found[name] = unquote(json.loads(record.read_text(encoding="utf-8"))["url"])
        return found

    @property
    def versions(self) -> dict[str, str]:
        stems = [info.name.removesuffix(".dist-info") for info in self.target.glob("*.dist-info")]
        return {name: version for name, _, version in (stem.partition("-") for stem in stems)}


@dataclass(frozen=True)
class Install:
    """Installs with a tool from a shop into a directory with a space in its name."""

    shop: Shop
    tool: str
    directory: Path

    def __call__(self, requirements: str, *planned: Package, **variables: str) -> Installation:
        constraints, overrides = self.directory / "nightly constraints.txt", self.directory / "overrides.txt"
        constraints.write_text(constraints_text(planned), encoding="utf-8")
        overrides.write_text(overrides_text(planned), encoding="utf-8")
        named = overrides if overrides.stat().st_size else None
        environ = self.shop.environ(**variables)
        target = self.directory / "target"
        done = subprocess.run(
            [*self._command, "--target", str(target), *requirements.split()],
            env=environ | installer_variables(constraints, named, environ),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        return Installation(done.returncode, done.stdout + done.stderr, target)

    @property
    def _command(self) -> list[str]:
        if self.tool.startswith("uv"):
            return [program(self.tool), "pip", "install", "--python", interpreter_with("pip").path]
        return [str(python_with(self.tool)), "-m", "pip", "install"]


@pytest.fixture
def install(shop: Shop, tool: str, tmp_path: Path) -> Install:
    return Install(shop, tool, tmp_path)


def urls(*planned: Package) -> dict[str, str]:
    return {package.name: unquote(package.url or "") for package in planned}


def test_every_needed_nightly_is_installed_whatever_its_version_looks_like(shop: Shop, install: Install) -> None:
    planned = [shop.planned(name) for name in ("foo", "trans", "same", "behind", "shap")]
    done = install("foo trans same behind shap bar", *planned)
    assert done.code == 0, done.output
    assert done.origins == urls(*planned)
    assert done.versions["bar"] == "2.0"


def test_a_cap_is_loud_and_its_owner_named(shop: Shop, install: Install) -> None:
    done = install("foo cap", shop.planned("foo"))
    assert done.code != 0
    assert "cap" in done.output
    assert "foo<1.2" in done.output
    assert not done.versions


def test_a_wheel_for_another_python_is_loud(shop: Shop, install: Install) -> None:
    done = install("nopy", shop.planned("nopy"))
    assert done.code != 0
    assert not done.versions


def test_other_bytes_under_a_planned_url_are_loud(shop: Shop, install: Install) -> None:
    done = install("trans", replace(shop.planned("trans"), sha256="0" * 64))
    assert done.code != 0
    assert not done.versions


def test_what_isnt_needed_isnt_installed(shop: Shop, install: Install) -> None:
    done = install("bar elsewhere", shop.planned("foo"), shop.planned("trans"))
    assert done.code == 0, done.output
    assert done.versions == {"bar": "2.0", "elsewhere": "1.0"}


@pytest.mark.parametrize("requirements", ["with-x", "foo[x]"])
def test_an_extra_of_a_nightly_brings_what_it_needs_or_the_pip_is_known_to_crash(
    shop: Shop, install: Install, tool: str, requirements: str
) -> None:
    done = install(requirements, shop.planned("foo"))
    if is_crashing(tool):
        assert "AssertionError" in done.output
        assert not done.versions
    else:
        assert done.code == 0, done.output
        assert done.origins == urls(shop.planned("foo"))
        assert done.versions["bar"] == "2.0"


def test_constraints_of_the_users_own_hold_too(shop: Shop, install: Install, tmp_path: Path) -> None:
    theirs = tmp_path / "theirs.txt"
    theirs.write_text("newcap<2\n", encoding="utf-8")
    done = install("newcap foo", shop.planned("foo"), PIP_CONSTRAINT=str(theirs), UV_CONSTRAINT=str(theirs))
    assert done.code == 0, done.output
    assert done.versions["newcap"] == "1.9"
    assert done.origins == urls(shop.planned("foo"))


@pytest.mark.parametrize("tool", UVS)
def test_uv_installs_what_is_forced_past_a_cap_with_its_extras(shop: Shop, install: Install) -> None:
    forced = replace(shop.planned("foo", State.FORCED), requirements=("foo[x]",))
    done = install("cap with-x trans", forced, shop.planned("trans"))
    assert done.code == 0, done.output
    assert done.origins == urls(forced, shop.planned("trans"))
    assert done.versions["bar"] == "2.0"


@pytest.mark.parametrize("tool", UVS)
def test_an_override_with_a_marker_that_is_false_here_installs_nothing(shop: Shop, install: Install) -> None:
    forced = replace(shop.planned("foo", State.FORCED), requirements=("foo; sys_platform == 'nowhere'",))
    done = install("elsewhere", forced)
    assert done.code == 0, done.output
    assert done.versions == {"elsewhere": "1.0"}
