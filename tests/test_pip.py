"""How pip reaches the user's registry, and what it isn't told."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from launching import Laptop
from nightly.auth import without_passwords
from nightly.pip import configuration_files, environ_for_install
from registry import Registry

CLOSED = "http://127.0.0.1:9/simple"


def configured(laptop: Laptop, text: str, registry: Registry, **variables: str) -> Laptop:
    """The laptop with pip's configuration in the user's own file, and no variables but those given."""
    laptop.pip_file.write_text(text.format(index=registry.index_url, proxy=registry.url), encoding="utf-8")
    given = {name: value.format(index=registry.index_url, proxy=registry.url) for name, value in variables.items()}
    return replace(laptop, settings=given)


WAYS = {
    "an index": ("[global]\nindex-url = {index}\n", {}),
    "an index for installs": ("[global]\nindex-url = http://127.0.0.1:9/simple\n[install]\nindex-url = {index}\n", {}),
    "one more index": ("[global]\nindex_url = http://127.0.0.1:9/simple\nextra-index-url = {index}\nretries = 0\n", {}),
    "two more indexes": (
        "[global]\nno-index = no\nretries = 0\nextra-index-url =\n  http://127.0.0.1:9/simple\n  {index}\n",
        {},
    ),
    "a page of links": ("[global]\nno-index = true\nfind-links = {index}/demo-pkg/\n", {}),
    "a proxy": (
        "[global]\nindex-url = http://registry.invalid/simple\ntrusted-host = registry.invalid\nproxy = {proxy}\n",
        {},
    ),
    "a variable": ("", {"PIP_INDEX_URL": "{index}"}),
    "a variable over a file": ("[install]\nindex-url = http://127.0.0.1:9/simple\n", {"PIP_INDEX_URL": "{index}"}),
    "a proxy in pip's variables": (
        "",
        {
            "PIP_INDEX_URL": "http://registry.invalid/simple",
            "PIP_TRUSTED_HOST": "registry.invalid",
            "PIP_PROXY": "{proxy}",
        },
    ),
    "a proxy in everyone's variable": (
        "[global]\nindex-url = http://registry.invalid/simple\ntrusted-host = registry.invalid\n",
        {"http_proxy": "{proxy}"},
    ),
}


@pytest.mark.parametrize(("text", "variables"), WAYS.values(), ids=WAYS)
def test_the_registry_is_reached_the_way_the_user_set_up(
    offline: Laptop, registry: Registry, text: str, variables: dict[str, str]
) -> None:
    ran = configured(offline, text, registry, **variables).run("probe")
    assert ran.code == 0, ran.output
    assert ran.seen
    assert any(request.plain_path.endswith(".whl") for request in registry.log.all())


def test_a_proxy_is_asked_for_the_registry_by_its_own_name(offline: Laptop, registry: Registry) -> None:
    assert configured(offline, *WAYS["a proxy"][:1], registry).run("probe").code == 0
    assert {request.path.partition("/simple")[0] for request in registry.log.all() if "simple" in request.path} == {
        "http://registry.invalid"
    }


def test_a_file_that_a_variable_names_wins_over_the_others(offline: Laptop, registry: Registry) -> None:
    named = offline.root / "a name that sorts before any other.conf"
    named.write_text(f"[global]\nindex-url = {registry.index_url}\n", encoding="utf-8")
    laptop = configured(offline, f"[global]\nindex-url = {CLOSED}\n", registry, PIP_CONFIG_FILE=str(named))
    ran = laptop.run("probe")
    assert ran.code == 0, ran.output


OF_NO_CONCERN = [
    *("user = true", "require-virtualenv = true", "constraint = no-such-file.txt", "no-binary = :all:"),
    *("target = {elsewhere}", "prefix = {elsewhere}", "dry-run = true", "quiet = 3", "verbose = 3"),
]


@pytest.mark.parametrize("section", ["global", "install"])
@pytest.mark.parametrize("line", OF_NO_CONCERN, ids=[line.split()[0] for line in OF_NO_CONCERN])
def test_no_other_setting_of_a_file_is_in_the_way(offline: Laptop, registry: Registry, section: str, line: str) -> None:
    elsewhere = offline.root / "elsewhere"
    settings = {"global": f"index-url = {registry.index_url}\n", "install": ""}
    settings[section] += line.format(elsewhere=elsewhere)
    text = "".join(f"[{name}]\n{lines}\n" for name, lines in settings.items())
    ran = configured(offline, text, registry).run("probe")
    assert ran.code == 0, ran.output
    assert ran.seen
    assert not elsewhere.exists()


def test_settings_have_pips_own_order(tmp_path: Path) -> None:
    earlier, later = tmp_path / "earlier", tmp_path / "later"
    earlier.write_text("[install]\nindex-url = install/earlier\nproxy = p\n[global]\nindex-url = g\ncert = \n")
    later.write_text("[global]\nINDEX_URL = global/later\ncert = later\n[wheel]\nproxy = wheel\n")
    environ = environ_for_install({"PIP_DEFAULT_TIMEOUT": "7", "PIP_CERT": "", "PIP_PRE": "1"}, [earlier, later])
    assert environ == {
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_INDEX_URL": "install/earlier",
        "PIP_PROXY": "p",
        "PIP_CERT": "later",
        "PIP_TIMEOUT": "7",
    }


def test_no_input_is_in_pips_environment_whatever_its_spelling() -> None:
    environ = environ_for_install({"INPUT_TOKEN": "a", "input_token": "b", "Input_X": "c", "HTTPS_PROXY": "kept"}, [])
    assert environ == {"HTTPS_PROXY": "kept", "PIP_CONFIG_FILE": os.devnull}


def test_configuration_files_are_read_in_pips_order_not_in_that_of_their_names() -> None:
    shown = """env_var:
  PIP_QUIET='1'
env:
  /a.conf, exists: True
    global.index-url: a, exists: True
global:
  /z, exists: False
  /etc/pip.conf, exists: True
    global.cert: x
site:
  /site dir/pip.conf, exists: True
user:
  /home/.pip/pip.conf, exists: True
  /home/.config/pip/pip.conf, exists: True
"""
    names = ["/etc/pip.conf", "/home/.pip/pip.conf", "/home/.config/pip/pip.conf", "/site dir/pip.conf", "/a.conf"]
    assert configuration_files(shown) == [Path(name) for name in names]


@contextmanager
def held(laptop: Laptop, registry: Registry, **variables: str) -> Iterator[list[psutil.Process]]:
    """A launch whose download the registry doesn't answer: the launcher's process, and those that it started."""
    registry.holding.set()
    with laptop.start("probe", **variables) as process:
        launcher = psutil.Process(process.pid)
        wait_until(lambda: any(request.plain_path.endswith(".whl") for request in registry.log.all()))
        try:
            yield [launcher, *launcher.children(recursive=True)]
        finally:
            for started in [launcher, *launcher.children(recursive=True)]:
                started.kill()
    registry.holding.clear()


def wait_until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_pip_is_told_no_input_and_no_command_line_holds_a_password(laptop: Laptop, registry: Registry) -> None:
    secret = registry.index_url.replace("//", "//me:hunter2@")
    with held(laptop, registry, INPUT_TOKEN="t0ken", PIP_INDEX_URL=secret) as (launcher, *children):
        assert launcher.environ()["INPUT_TOKEN"] == "t0ken"
        assert any("pip" in child.cmdline() for child in children)
        for child in children:
            assert not [name for name, value in child.environ().items() if "INPUT" in name or "t0ken" in value]
            assert not [argument for argument in child.cmdline() if "hunter2" in argument]


def test_what_a_killed_install_left_is_never_believed(offline: Laptop, laptop: Laptop, registry: Registry) -> None:
    with held(laptop, registry):
        assert list(laptop.cache.iterdir())
    assert offline.run("probe").code == 1
    assert laptop.run("probe").seen
    assert offline.run("probe").seen


def test_two_runs_at_once_on_an_empty_cache_both_work(offline: Laptop, laptop: Laptop) -> None:
    both = [laptop.start("probe") for _ in range(2)]
    outputs = [process.communicate()[0] for process in both]
    assert [process.returncode for process in both] == [0, 0], outputs
    assert offline.run("probe").seen


def test_the_second_run_asks_nobody(laptop: Laptop, registry: Registry) -> None:
    assert laptop.run("probe").seen
    registry.log.clear()
    assert laptop.run("probe").seen
    assert registry.log.all() == []


def test_another_lock_is_another_entry_of_the_cache(laptop: Laptop) -> None:
    first = laptop.run("probe").seen["libraries"]
    with (laptop.scripts / "requirements.txt").open("a") as lock:
        lock.write("# changed\n")
    assert laptop.run("probe").seen["libraries"] != first


def test_other_bytes_than_the_locks_are_refused(laptop: Laptop) -> None:
    lock = laptop.scripts / "requirements.txt"
    lock.write_text(lock.read_text().partition("sha256:")[0] + f"sha256:{'0' * 64}\n")
    ran = laptop.run("probe")
    assert ran.code == 1
    assert "DO NOT MATCH THE HASHES" in ran.output


def test_without_a_registry_one_message_says_what_to_do(offline: Laptop) -> None:
    ran = offline.run("probe", PIP_INDEX_URL="http://me:hunter2@127.0.0.1:9/simple")
    assert ran.code == 1
    assert "Traceback" not in ran.output
    assert "hunter2" not in ran.output
    for part in ("Set-up failed", "demo-pkg==1.0", "registry can't be reached", "proxy or a mirror", "PIP_INDEX_URL"):
        assert part in ran.output
    assert not list(offline.cache.iterdir())


def test_on_a_runner_that_message_is_one_annotation(offline: Laptop) -> None:
    ran = offline.run("probe", GITHUB_ACTIONS="true", RUNNER_TEMP=str(offline.root))
    assert ran.code == 1
    assert ran.output.startswith("::error title=Set-up failed::")
    assert ran.output.count("\n") == 1


def test_a_configuration_file_that_pip_can_not_read_is_named(laptop: Laptop) -> None:
    laptop.pip_file.write_text("index-url = x\n")
    ran = laptop.run("probe")
    assert ran.code == 1
    assert laptop.pip_file.name in ran.output
    assert "Traceback" not in ran.output


def test_a_python_without_pip_is_named(laptop: Laptop) -> None:
    bare = laptop.root / "bare"
    subprocess.run([sys.executable, "-I", "-m", "venv", "--without-pip", str(bare)], check=True)
    python = bare / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    ran = replace(laptop, python=(str(python), "-I", "-X", "utf8")).run("probe")
    assert ran.code == 1
    assert "Traceback" not in ran.output
    for part in (repr(str(python)), "has no pip", "actions/setup-python"):
        assert part in ran.output


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("at http://me:secret@host/simple,", "at http://***@host/simple,"),
        ("https://token@host https://a:b@other", "https://***@host https://***@other"),
        ("https://me:p@ss@host/", "https://***@host/"),
        ("http://host/a@b", "http://host/a@b"),
    ],
)
def test_passwords_of_urls_are_not_shown(text: str, shown: str) -> None:
    assert without_passwords(text) == shown
