"""A package registry with releases and a channel with nightlies, and the installers that get them from there."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from functools import cache
from pathlib import Path
from urllib.parse import quote

from anaconda_server import AnacondaServer
from nightly.cache import cache_dir
from nightly.downstream.planning.interpreter import Interpreter, describe
from nightly.downstream.planning.pip_resolver import PipResolver
from nightly.downstream.planning.resolving import Resolver
from nightly.downstream.planning.uv_resolver import UvResolver
from nightly.downstream.records.plan import Package, State
from nightly.venvs import ensure_venv
from nightly.wheels import hashes
from registry import Registry
from sample_wheels import make_package

TOOLS = Path(__file__).parent / "tools"
"""Locks, made from the `.in` beside each by `uv pip compile --universal --generate-hashes --no-header --no-annotate
--python-version 3.10 NAME.in -o NAME.txt`."""

OLDEST_PIP = "pip-22" if sys.version_info < (3, 12) else "pip-older"
"""22.3.1, which came with Python 3.11, and where that doesn't run 23.2.1. (22.2 is the first with --report.)"""

PIPS = (OLDEST_PIP, "pip-25", "pip")
UVS = ("uv-0.11", "uv-0.12", "uv")
EVERY_INSTALLER = (*PIPS, *UVS)
INSTALLERS = (OLDEST_PIP, "pip", "uv-0.11", "uv")
"""The oldest and the newest of both."""

_TAGS = "py3-none-any"


@cache
def python_with(tool: str) -> Path:
    """The python of an environment with this version of an installer; those without a version are our own newest."""
    lock = TOOLS / f"{tool}.txt"
    return ensure_venv(lock, cache=cache_dir(os.environ, sys.platform)) if lock.exists() else Path(sys.executable)


@cache
def interpreter_with(tool: str) -> Interpreter:
    return describe(str(python_with(tool)))


def program(tool: str) -> str:
    """The uv of this name."""
    found = shutil.which("uv", path=str(python_with(tool).parent))
    assert found is not None
    return found


@dataclass(frozen=True)
class Shop:
    """Where everything is to be had."""

    directory: Path
    registry: Registry
    channel: AnacondaServer

    def release(self, name: str, version: str, requires: Sequence[str] = (), extras: Sequence[str] = ()) -> None:
        """Put a release into the registry."""
        modules = {f"{name}.py": f"VERSION = {version!r}\n"}
        make_package(self.directory / "releases", name, version, modules, requires=requires, extras=extras)

    def nightly(
        self,
        name: str,
        version: str,
        requires: Sequence[str] = (),
        extras: Sequence[str] = (),
        tag: str = _TAGS,
    ) -> None:
        """Put a nightly onto the channel."""
        modules = {f"{name}.py": f"VERSION = {version!r}  # of last night\n"}
        directory = self.directory / "nightlies"
        wheel = make_package(directory, name, version, modules, requires=requires, extras=extras, tag=tag)
        self.channel.seed(wheel, uploaded_at=datetime(2026, 6, 21, tzinfo=timezone.utc))

    def planned(self, name: str, state: State = State.NIGHTLY) -> Package:
        """The nightly of this name as a plan has it."""
        (wheel,) = (self.directory / "nightlies").glob(f"{name.replace('-', '_')}-*.whl")
        version = wheel.name.split("-")[1]
        return Package(
            name=name,
            state=state,
            version=version,
            url=f"{self.channel.simple_index()}/{name}/{quote(version)}/{quote(wheel.name)}",
            sha256=hashes(wheel)[1],
            filename=wheel.name,
        )

    def environ(self, **variables: str) -> dict[str, str]:
        """Settings of this machine are none of the tests' business."""
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("PIP_", "UV_", "VIRTUAL_ENV"))}
        index = {"PIP_INDEX_URL": self.registry.index_url, "UV_DEFAULT_INDEX": self.registry.index_url}
        quiet = {"PIP_CONFIG_FILE": os.devnull, "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_RETRIES": "0"}
        uv = {"UV_NO_CONFIG": "1", "UV_CACHE_DIR": str(self.directory / "uv-cache"), "UV_HTTP_RETRIES": "0"}
        return {**kept, **index, **quiet, **uv, **variables}

    def resolver(self, tool: str, cwd: Path | None = None, **variables: str) -> Resolver:
        """An installer that is asked here, with these variables besides."""
        environ, cwd = self.environ(**variables), cwd or self.directory
        if tool.startswith("uv"):
            return UvResolver(program(tool), interpreter_with("pip"), environ, cwd)
        return PipResolver(interpreter_with(tool), environ, cwd)


@contextmanager
def a_shop(directory: Path) -> Iterator[Shop]:
    """A shop with the packages of the facts' table of what installers do, and some more."""
    (directory / "releases").mkdir()
    registry = Registry(directory / "releases")
    with AnacondaServer(directory / "channel") as channel:
        shop = Shop(directory, registry, channel)
        _fill(shop)
        yield shop
    registry.close()


def _fill(shop: Shop) -> None:
    bar = ["bar; extra == 'x'"]
    for version in ("1.0", "1.1rc1"):
        shop.release("foo", version, bar, extras=["x"])
    shop.nightly("foo", "1.2.0.dev0", bar, extras=["x"])
    shop.release("bar", "2.0")
    shop.release("bar", "2.1rc1")
    for name, stable, nightly in (
        ("trans", "3.0", "3.1.0.dev5+gabc123"),
        ("same", "3.16.0", "3.16.0"),
        ("behind", "2.0.0", "2.0.0.dev7"),
        ("shap", "2.1.2", "2.1.1+73.g8f83135"),
    ):
        shop.release(name, stable)
        shop.nightly(name, nightly)
    shop.release("nopy", "1.0")
    shop.nightly("nopy", "1.1.dev0", tag="cp399-cp399-any")
    _fill_with_demands(shop)


def _fill_with_demands(shop: Shop) -> None:
    shop.release("cap", "2.0", ["foo<1.2"])
    shop.release("newcap", "1.9", ["foo"])
    shop.release("newcap", "2.0", ["foo<1.2"])
    for version, foo in (("1.0", "foo<1.1"), ("1.5", "foo<1.2"), ("2.0", "foo[x]<1.2; python_version > '3'")):
        shop.release("every-cap", version, [foo])
    shop.release("with-x", "1.0", ["foo[x]"])
    shop.release("elsewhere", "1.0", ["foo; sys_platform == 'nowhere'"])
    shop.release("pair", "1.0", ["pair-core==10"])
    shop.release("pair-core", "10")
    shop.nightly("pair", "1.1.dev0", ["pair-core==11"])
    shop.nightly("pair-core", "11")
    shop.release("wants", "1.0", ["bar"])
    shop.nightly("wants", "1.1.dev0", ["bar>=5"])


def without_hash(package: Package) -> Package:
    """The same of a channel that gives no hashes."""
    return replace(package, sha256=None)
