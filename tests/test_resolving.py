"""Real pips and real uvs say what they would install, with and without nightlies."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from nightly.downstream.planning.installers import find_resolver
from nightly.downstream.planning.pip_resolver import PipResolver
from nightly.downstream.planning.resolving import (
    Conflict,
    Moved,
    Resolution,
    Resolved,
    Unbuildable,
    Unreachable,
    Wanted,
)
from nightly.downstream.planning.uv_resolver import UvResolver
from nightly.downstream.records.plan import Package, State
from nightly.errors import UserError
from sample_projects import make_project
from shop import EVERY_INSTALLER, INSTALLERS, PIPS, UVS, Shop, a_shop, interpreter_with, program, without_hash

NOWHERE = "http://user:pa55word@127.0.0.1:1/simple"


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with a_shop(tmp_path_factory.mktemp("shop")) as opened:
        yield opened


@pytest.fixture(params=INSTALLERS)
def tool(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_project(
        tmp_path_factory.mktemp("a project") / "with space",
        "demo-app",
        ["with-x", "elsewhere", "trans; sys_platform == 'nowhere'"],
        extras={"test": ["same; python_version > '3'"], "all": ["demo-app[test]"]},
        groups={"dev": ["behind"]},
    )


def versions(found: Resolution | Conflict) -> dict[str, str]:
    assert isinstance(found, Resolution), found
    return {package.name: package.version for package in found.packages}


def package_of(found: Resolution | Conflict, name: str) -> Resolved:
    assert isinstance(found, Resolution), found
    return next(package for package in found.packages if package.name == name)


def asked(shop: Shop, tool: str, requirements: str, *nightlies: Package) -> Resolution | Conflict:
    return shop.resolver(tool).resolve(Wanted(requirements=tuple(requirements.split())), nightlies)


def test_a_project_is_resolved_with_what_it_needs_indirectly_but_without_itself(
    shop: Shop, tool: str, project: Path
) -> None:
    found = shop.resolver(tool, cwd=project).resolve(Wanted(project), ())
    assert versions(found) == {"with-x": "1.0", "foo": "1.0", "bar": "2.0", "elsewhere": "1.0"}


def test_extras_of_a_project_are_resolved_also_where_one_names_another(shop: Shop, tool: str, project: Path) -> None:
    found = shop.resolver(tool, cwd=project).resolve(Wanted(project, extras=("all",)), ())
    assert versions(found)["same"] == "3.16.0"


@pytest.mark.parametrize("tool", [*UVS, "pip"])
def test_dependency_groups_are_resolved(shop: Shop, tool: str, project: Path) -> None:
    found = shop.resolver(tool).resolve(Wanted(project, groups=("dev",)), ())
    assert versions(found)["behind"] == "2.0.0"


@pytest.mark.parametrize("tool", PIPS[:-1])
def test_a_pip_without_groups_says_what_to_do(shop: Shop, tool: str, project: Path) -> None:
    with pytest.raises(UserError, match=r"groups need 25\.1 or newer") as caught:
        shop.resolver(tool).resolve(Wanted(project, groups=("dev",)), ())
    assert "pip install --upgrade pip" in caught.value.do


STATED = '[project]\nname = "demo-app"\nversion = "5.0"\ndependencies = ["foo"]\n'


@pytest.mark.parametrize("stated", [STATED, ""], ids=["a name that is stated", "metadata that have to be built"])
def test_what_needs_the_project_in_turn_gets_no_release_of_it(
    shop: Shop, tool: str, tmp_path: Path, stated: str
) -> None:
    shop.release("demo-app", "1.0", ["foo<1.2"])
    shop.release("demo-plugin", "1.0", ["demo-app>=2"])
    make_project(tmp_path, "demo-app", ["foo"], version="5.0")
    pyproject = tmp_path / "pyproject.toml"
    text = pyproject.read_text(encoding="utf-8").partition("[project]")[0]
    pyproject.write_text(f"{text}[tool.other]\nname = 'other'\n\n{stated}", encoding="utf-8")
    found = shop.resolver(tool).resolve(Wanted(tmp_path, ("demo-plugin",)), [shop.planned("foo")])
    assert versions(found) == {"foo": "1.2.0.dev0", "demo-plugin": "1.0"}


def test_a_project_and_named_requirements_are_resolved_together(shop: Shop, tool: str, project: Path) -> None:
    found = shop.resolver(tool).resolve(Wanted(project, ("same",)), ())
    assert {"same", "with-x"} <= versions(found).keys()


def test_it_is_told_with_which_extras_a_package_is_required(shop: Shop, tool: str) -> None:
    assert package_of(asked(shop, tool, "with-x"), "foo").extras == ("x",)
    assert package_of(asked(shop, tool, "foo"), "foo").extras == ()


@pytest.mark.parametrize("tool", EVERY_INSTALLER)
def test_a_nightly_takes_the_place_of_any_release(shop: Shop, tool: str) -> None:
    names = ["foo", "trans", "same", "behind", "shap"]
    planned = [shop.planned(name) for name in names]
    found = asked(shop, tool, " ".join(names), *planned)
    urls = {name: (package_of(found, name).url or "").partition("#")[0] for name in names}
    assert urls == {each.name: each.url for each in planned}
    assert versions(found) == {each.name: each.version for each in planned}


def test_nothing_else_becomes_a_pre_release(shop: Shop, tool: str) -> None:
    assert versions(asked(shop, tool, "foo bar", shop.planned("foo")))["bar"] == "2.0"


@pytest.mark.parametrize("tool", EVERY_INSTALLER)
@pytest.mark.parametrize("requirements", ["with-x", "foo[x]", "foo[x] foo"])
def test_a_nightly_brings_what_its_extra_needs(shop: Shop, tool: str, requirements: str) -> None:
    found = versions(asked(shop, tool, requirements, shop.planned("foo")))
    assert (found["foo"], found["bar"]) == ("1.2.0.dev0", "2.0")


def test_a_nightly_that_a_marker_rules_out_isnt_installed(shop: Shop, tool: str) -> None:
    wanted = Wanted(requirements=("elsewhere", "foo; sys_platform == 'nowhere'"))
    assert versions(shop.resolver(tool).resolve(wanted, [shop.planned("foo")])) == {"elsewhere": "1.0"}


def test_a_nightly_of_a_channel_without_hashes_is_installed(shop: Shop, tool: str) -> None:
    found = versions(asked(shop, tool, "foo", without_hash(shop.planned("foo"))))
    assert found["foo"] == "1.2.0.dev0"


def test_a_cap_is_a_conflict_that_names_who_caps(shop: Shop, tool: str) -> None:
    found = asked(shop, tool, "cap", shop.planned("foo"))
    assert isinstance(found, Conflict)
    assert [(each.who, each.requirement) for each in found.demands if each.who] == [("cap", "foo<1.2")]
    assert "foo<1.2" in " ".join(found.lines)


def test_a_cap_of_the_users_own_is_a_conflict(shop: Shop, tool: str) -> None:
    found = asked(shop, tool, "foo<1.2 bar", shop.planned("foo"))
    assert isinstance(found, Conflict)
    assert ("", "foo<1.2") in [(each.who, each.requirement) for each in found.demands]


@pytest.mark.parametrize("tool", EVERY_INSTALLER)
def test_constraints_of_the_users_own_are_kept_to(shop: Shop, tool: str, tmp_path: Path) -> None:
    file = tmp_path / "own.txt"
    file.write_text("foo<1.2\n", encoding="utf-8")
    resolver = shop.resolver(tool, PIP_CONSTRAINT=str(file), UV_CONSTRAINT=str(file))
    found = resolver.resolve(Wanted(requirements=("foo",)), [shop.planned("foo")])
    assert isinstance(found, Conflict)
    assert ("", "foo<1.2") in [(each.who, each.requirement) for each in found.demands]


@pytest.mark.parametrize("tool", PIPS[:-1])
def test_older_pips_keep_to_constraints_where_they_install_what_a_build_needs(
    shop: Shop, tool: str, tmp_path: Path
) -> None:
    make_project(tmp_path, "demo-app", ["foo"])
    pyproject = tmp_path / "pyproject.toml"
    text = pyproject.read_text(encoding="utf-8")
    pyproject.write_text(text.replace("requires = []", 'requires = ["foo==1.0"]', 1), encoding="utf-8")
    with pytest.raises(Unbuildable, match=r"The user requested foo==1\.0"):
        shop.resolver(tool).resolve(Wanted(tmp_path), [shop.planned("foo")])


@pytest.mark.parametrize("tool", UVS)
def test_uv_forces_a_nightly_past_a_cap_with_the_extras_that_are_required(shop: Shop, tool: str) -> None:
    forced = replace(shop.planned("foo", State.FORCED), requirements=("foo[x]",))
    found = versions(asked(shop, tool, "cap with-x", forced))
    assert found == {"cap": "2.0", "with-x": "1.0", "foo": "1.2.0.dev0", "bar": "2.0"}


@pytest.mark.parametrize("tool", PIPS)
def test_pip_leaves_out_what_is_forced(shop: Shop, tool: str) -> None:
    assert versions(asked(shop, tool, "cap", shop.planned("foo", State.FORCED)))["foo"] == "1.0"


def test_a_project_that_isnt_there_is_a_conflict(shop: Shop, tool: str) -> None:
    found = asked(shop, tool, "unheard-of")
    assert isinstance(found, Conflict)
    assert "unheard-of" in " ".join(found.lines)


def test_a_registry_that_doesnt_answer_is_no_conflict_and_its_password_stays_secret(shop: Shop, tool: str) -> None:
    resolver = shop.resolver(tool, PIP_INDEX_URL=NOWHERE, UV_DEFAULT_INDEX=NOWHERE)
    with pytest.raises(Unreachable) as caught:
        resolver.resolve(Wanted(requirements=("foo",)), ())
    assert "127.0.0.1:1" in str(caught.value)
    assert "pa55word" not in str(caught.value)


def test_a_backend_that_fails_is_told_by_its_last_words(shop: Shop, tool: str, tmp_path: Path) -> None:
    make_project(tmp_path, "demo-app", ["foo"])
    backend = tmp_path / "sample_backend.py"
    backend.write_text("raise RuntimeError('no compiler')\n", encoding="utf-8")
    pyproject = tmp_path / "pyproject.toml"
    text = pyproject.read_text(encoding="utf-8").partition("dependencies =")[0]
    pyproject.write_text(f'{text}dynamic = ["dependencies"]\n', encoding="utf-8")
    with pytest.raises(Unbuildable, match="RuntimeError: no compiler"):
        shop.resolver(tool).resolve(Wanted(tmp_path), ())


def test_a_nightly_that_is_gone_is_told_apart(shop: Shop, tool: str) -> None:
    planned = shop.planned("foo")
    filename = "foo-1.2.0.dev9-py3-none-any.whl"
    gone = replace(planned, url=f"{shop.channel.simple_index()}/foo/1.2.0.dev9/{filename}", filename=filename)
    with pytest.raises(Moved, match="dev9"):
        asked(shop, tool, "foo", gone)


@pytest.mark.parametrize("tool", PIPS)
def test_pip_tells_a_nightly_with_other_bytes(shop: Shop, tool: str) -> None:
    with pytest.raises(Moved, match="HASHES"):
        asked(shop, tool, "foo", replace(shop.planned("foo"), sha256="0" * 64))


def test_a_quiet_pip_is_heard_all_the_same(shop: Shop) -> None:
    found = shop.resolver("pip", PIP_QUIET="2").resolve(Wanted(requirements=("cap",)), [shop.planned("foo")])
    assert isinstance(found, Conflict)
    assert [each.who for each in found.demands if each.who] == ["cap"]


@pytest.mark.parametrize("tool", EVERY_INSTALLER)
def test_an_extra_that_isnt_known_is_the_users_to_mend(shop: Shop, tool: str, project: Path) -> None:
    with pytest.raises(UserError, match="nope") as caught:
        shop.resolver(tool).resolve(Wanted(project, extras=("nope",)), ())
    assert type(caught.value) is UserError


def test_uv_is_asked_where_there_is_one(tmp_path: Path) -> None:
    path = str(Path(program("uv")).parent)
    assert isinstance(find_resolver(interpreter_with("pip"), {"PATH": path}, tmp_path), UvResolver)


@pytest.mark.skipif(sys.platform == "win32", reason="which runs only what has an extension for programs")
def test_a_uv_that_cant_be_run_is_told(shop: Shop, tmp_path: Path) -> None:
    broken = tmp_path / "uv"
    broken.touch(mode=0o755)
    resolver = find_resolver(interpreter_with("pip"), shop.environ(PATH=str(tmp_path)), tmp_path)
    with pytest.raises(UserError, match="uv' can't be run"):
        resolver.resolve(Wanted(requirements=("foo",)), ())


def test_pip_is_asked_where_there_is_no_uv(tmp_path: Path) -> None:
    assert isinstance(find_resolver(interpreter_with("pip"), {"PATH": str(tmp_path)}, tmp_path), PipResolver)


@pytest.mark.parametrize(
    ("pip", "gist"), [(None, "no uv on PATH"), ("22.1.2", "22.2 or newer is needed")], ids=["no pip", "an old one"]
)
def test_without_a_usable_installer_its_said_what_is_needed(tmp_path: Path, pip: str | None, gist: str) -> None:
    interpreter = replace(interpreter_with("pip"), pip=pip)
    with pytest.raises(UserError, match=gist):
        find_resolver(interpreter, {"PATH": str(tmp_path)}, tmp_path)
