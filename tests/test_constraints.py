"""A plan as constraints, overrides and variables."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from nightly.downstream.planning.constraints import (
    constraints_text,
    installer_variables,
    needs_two_steps,
    overrides_text,
    tox_override,
)
from nightly.downstream.records.plan import Package, State
from pytest_runs import older_python, plain_environ

URL = "https://example.org/foo-1.2.dev0-py3-none-any.whl"
FOO = Package("foo", State.NIGHTLY, version="1.2.dev0", url=URL, sha256="ab" * 32)
FORCED = replace(FOO, state=State.FORCED)
ROOT = Path(Path.cwd().anchor)


def test_a_constraint_names_the_wheel_and_its_hash() -> None:
    assert constraints_text([FOO]) == f"foo @ {URL}#sha256={'ab' * 32}\n"


def test_a_wheel_whose_hash_isnt_known_is_constrained_all_the_same() -> None:
    assert constraints_text([replace(FOO, sha256=None)]) == f"foo @ {URL}\n"


@pytest.mark.parametrize("state", [state for state in State if state is not State.NIGHTLY])
def test_only_nightlies_are_constrained(state: State) -> None:
    assert constraints_text([replace(FOO, state=state)]) == ""


@pytest.mark.parametrize("state", [state for state in State if state is not State.FORCED])
def test_only_what_is_forced_is_overridden(state: State) -> None:
    assert overrides_text([replace(FOO, state=state)]) == ""


@pytest.mark.parametrize(
    ("requirements", "lines"),
    [
        ((), [f"foo @ {URL}#sha256={'ab' * 32}"]),
        (("foo<1.2",), [f"foo @ {URL}#sha256={'ab' * 32}"]),
        (("foo[y,x]<1.2",), [f"foo[x,y] @ {URL}#sha256={'ab' * 32}"]),
        (
            ("foo[x]; sys_platform == 'linux'",),
            [f'foo[x] @ {URL}#sha256={"ab" * 32} ; sys_platform == "linux"'],
        ),
        (("foo", "foo<2", "foo[x]"), [f"foo @ {URL}#sha256={'ab' * 32}", f"foo[x] @ {URL}#sha256={'ab' * 32}"]),
    ],
    ids=["none known", "a cap", "extras", "extras and marker", "of several"],
)
def test_an_override_repeats_what_uv_would_drop(requirements: tuple[str, ...], lines: list[str]) -> None:
    assert overrides_text([replace(FORCED, requirements=requirements)]).splitlines() == lines


def test_variables_name_the_files_for_pip_and_uv() -> None:
    variables = installer_variables(ROOT / "c.txt", None, {})
    assert (variables["PIP_CONSTRAINT"], variables["UV_CONSTRAINT"]) == (str(ROOT / "c.txt"), str(ROOT / "c.txt"))
    assert "UV_OVERRIDE" not in variables


def test_overrides_are_named_where_there_are_some() -> None:
    assert installer_variables(ROOT / "c.txt", ROOT / "o.txt", {})["UV_OVERRIDE"] == str(ROOT / "o.txt")


def test_what_the_user_has_set_stays_before_ours() -> None:
    theirs = {"PIP_CONSTRAINT": "a.txt b.txt", "UV_CONSTRAINT": "u.txt", "UV_OVERRIDE": "o.txt"}
    variables = installer_variables(ROOT / "c.txt", ROOT / "d.txt", theirs)
    assert variables["PIP_CONSTRAINT"].split() == ["a.txt", "b.txt", str(ROOT / "c.txt")]
    assert variables["UV_CONSTRAINT"].split() == ["u.txt", str(ROOT / "c.txt")]
    assert variables["UV_OVERRIDE"].split() == ["o.txt", str(ROOT / "d.txt")]


def test_a_path_with_a_space_is_given_as_a_url() -> None:
    path = ROOT / "with space" / "c.txt"
    assert installer_variables(path, None, {})["PIP_CONSTRAINT"] == path.as_uri()
    assert " " not in path.as_uri()


@pytest.mark.parametrize("pip", ["22.2", "23.2.1", "25.0", "25.3", "26.0.1"])
def test_pips_before_26_1_need_two_steps(pip: str) -> None:
    assert needs_two_steps(pip)


@pytest.mark.parametrize("pip", ["26.1", "26.3", "27.0"])
def test_pips_since_26_1_need_one_step(pip: str) -> None:
    assert not needs_two_steps(pip)


_INI = "[tox]\nskipsdist = true\n[testenv]\nskip_install = true\nallowlist_externals = *\npass_env = THEIRS\n"
_PRINT = "import os; print(sorted(set(os.environ) & {'THEIRS', 'UV_CONSTRAINT', 'PIP_CONSTRAINT', 'MORE'}))"
_TOML = """
[env_run_base]
package = "skip"
skip_install = true
allowlist_externals = ["*"]
pass_env = ["THEIRS"]
commands = [["{envpython}", "show.py"]]
"""


@pytest.mark.parametrize(
    ("name", "text"),
    [("tox.ini", f"{_INI}commands = {{envpython}} show.py\n"), ("tox.toml", _TOML)],
    ids=["ini", "toml"],
)
def test_real_tox_passes_the_variables_on_beside_what_the_user_overrides(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "show.py").write_text(_PRINT, encoding="utf-8")
    base = "testenv" if name == "tox.ini" else "env_run_base"
    theirs = {"THEIRS": "1", "MORE": "2", "TOX_OVERRIDE": f"{base}.pass_env+=MORE"}
    ours = installer_variables(tmp_path / "c.txt", None, theirs)
    (tmp_path / "c.txt").write_text("", encoding="utf-8")
    done = subprocess.run(
        [str(older_python()), "-m", "tox", "-q", "-e", "py"],
        cwd=tmp_path,
        env=plain_environ() | theirs | ours,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "['MORE', 'PIP_CONSTRAINT', 'THEIRS', 'UV_CONSTRAINT']" in done.stdout, done.stdout + done.stderr


def test_an_override_of_tox_is_added_to_what_is_there() -> None:
    both = tox_override({"TOX_OVERRIDE": tox_override({"TOX_OVERRIDE": "a.b=c"}, ["B", "A"])}, ["C"])
    assert both.split(";") == [
        *("a.b=c", "testenv.pass_env+=A,B", "env_run_base.pass_env+=A,B"),
        *("testenv.pass_env+=C", "env_run_base.pass_env+=C"),
    ]
