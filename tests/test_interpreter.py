"""What another Python says of itself."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from packaging import tags
from packaging.markers import default_environment

from nightly.downstream.planning.interpreter import default_python, describe
from nightly.errors import UserError


@pytest.fixture(scope="module")
def without_pip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The python of an environment without pip, in a directory with spaces and letters of the world."""
    folder = tmp_path_factory.mktemp("with spaces and ü") / "env"
    subprocess.run([sys.executable, "-I", "-m", "venv", "--without-pip", str(folder)], check=True)
    return folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")


def test_an_interpreter_tells_its_own_version_tags_and_markers() -> None:
    said = describe(sys.executable)
    assert said.version == ".".join(map(str, sys.version_info[:3]))
    assert said.tags == tuple(map(str, tags.sys_tags()))
    assert dict(said.markers) == default_environment()


def test_an_interpreter_tells_its_pip_and_where_it_imports_from() -> None:
    said = describe(sys.executable)
    assert said.pip is not None
    assert any((Path(directory) / "pip").is_dir() for directory in said.site_packages)


def test_an_environment_without_pip_and_packaging_can_be_described(without_pip: Path) -> None:
    said = describe(str(without_pip))
    assert said.pip is None
    assert Path(said.prefix).samefile(without_pip.parent.parent)
    assert [Path(directory).name for directory in said.site_packages] == ["site-packages"]
    assert said.tags[0] == str(next(tags.sys_tags()))


@pytest.mark.parametrize("option", ["", "--system-site-packages"])
def test_where_it_imports_from_is_told_in_the_order_of_its_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, option: str
) -> None:
    monkeypatch.setenv("PYTHONUSERBASE", str(tmp_path / "users"))
    command = [sys.executable, "-I", "-m", "venv", "--without-pip", *filter(None, [option]), str(tmp_path / "env")]
    subprocess.run(command, check=True)
    python = tmp_path / "env" / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    base = json.loads(_said(python, "import json, sys; print(json.dumps(sys._base_executable))"))
    for each in (str(python), base):
        Path(_said(Path(each), "import site; print(site.getusersitepackages())")).mkdir(parents=True, exist_ok=True)
        told = describe(each).site_packages
        path = json.loads(_said(Path(each), "import json, sys; print(json.dumps(sys.path))"))
        assert [*told] == [entry for entry in path if entry in told]
        assert [entry for entry in path if entry.endswith("-packages") and entry not in told] == []


def _said(python: Path, program: str) -> str:
    return subprocess.run([str(python), "-c", program], check=True, capture_output=True, text=True).stdout.strip()


def test_what_an_environment_prints_by_itself_is_passed_over(without_pip: Path) -> None:
    site_packages = Path(describe(str(without_pip)).site_packages[0])
    hook = site_packages / "noise.pth"
    hook.write_text("import sys; print('noise'); print('noise', file=sys.stderr)\n", encoding="utf-8")
    try:
        assert describe(str(without_pip)).pip is None
    finally:
        hook.unlink()


@pytest.mark.parametrize(
    "lines",
    [
        ["import sys", "sys.exit('broken')"],
        ["print('{}')"],
        ["print('not JSON')"],
        ["print()"],
    ],
    ids=["it fails", "it says too little", "it says something else", "it says nothing"],
)
@pytest.mark.skipif(sys.platform == "win32", reason="a script isn't a program there")
def test_what_is_no_python_is_refused_by_name(tmp_path: Path, lines: list[str]) -> None:
    program = tmp_path / "python"
    program.write_text("\n".join([f"#!{sys.executable}", *lines]), encoding="utf-8")
    program.chmod(0o755)
    with pytest.raises(UserError, match="doesn't say what it is") as caught:
        describe(str(program))
    assert str(program) in str(caught.value)
    assert "`python`" in caught.value.do


def test_a_python_that_isnt_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="doesn't say what it is"):
        describe(str(tmp_path / "nowhere" / "python"))


def test_the_default_python_is_the_first_on_the_path(without_pip: Path) -> None:
    found = default_python({"PATH": os.pathsep.join([str(without_pip.parent), os.environ["PATH"]])})
    assert Path(found).parent == without_pip.parent


def test_python3_will_do(tmp_path: Path) -> None:
    name = "python3.exe" if sys.platform == "win32" else "python3"
    (tmp_path / name).write_bytes(b"")
    (tmp_path / name).chmod(0o755)
    assert Path(default_python({"PATH": str(tmp_path), "PATHEXT": ".EXE"})).name.lower() == name


def test_without_any_python_its_said_what_to_add(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="neither a python nor a python3") as caught:
        default_python({"PATH": str(tmp_path)})
    assert "actions/setup-python" in caught.value.do
