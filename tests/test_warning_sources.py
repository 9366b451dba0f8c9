"""Who raised a warning, and how warnings are counted."""

from __future__ import annotations

import pytest

from nightly.downstream.records.result import WarningCount
from nightly.downstream.running.warning_sources import MOST_GROUPS, Census, normal, project_of, raised_by

INSTALLED = "/env/lib/python3.12/site-packages"


def line(message: str = "old", filename: str = f"{INSTALLED}/numpy/a.py", **more: object) -> dict[str, object]:
    return {"message": message, "category": "FutureWarning", "filename": filename, "lineno": 7, **more}


def counted(*lines: dict[str, object], projects: dict[str, str] | None = None) -> tuple[WarningCount, ...]:
    census = Census()
    for each in lines:
        census.add(each)
    return census.result(projects or {})


@pytest.mark.parametrize(
    ("filename", "category_module", "module"),
    [
        (f"{INSTALLED}/numpy/core/a.py", "builtins", "numpy"),
        (f"{INSTALLED}/six.py", "builtins", "six"),
        (f"{INSTALLED}/fast.cpython-312-x86_64-linux-gnu.so", "builtins", "fast"),
        (r"C:\env\Lib\site-packages\numpy\core\a.py", "builtins", "numpy"),
        ("/usr/lib/python3/dist-packages/numpy/a.py", "builtins", "numpy"),
        (f"{INSTALLED}/venv/lib/site-packages/inner/a.py", "builtins", "inner"),
        (f"{INSTALLED}/scipy/a.py", "numpy.exceptions", "scipy"),
        ("/checkout/tests/test_a.py", "numpy.exceptions", "numpy"),
        ("/checkout/tests/test_a.py", "builtins", ""),
        ("/usr/lib/python3.12/ast.py", "warnings", ""),
        ("<string>", "__main__", ""),
        ("", "", ""),
    ],
    ids=[
        *("package", "module", "compiled", "Windows", "Debian", "nested", "file before category", "category"),
        *("builtin category", "standard library", "main", "nothing"),
    ],
)
def test_a_warning_is_of_the_file_that_raised_it_else_of_its_category(
    filename: str, category_module: str, module: str
) -> None:
    assert raised_by(filename, category_module) == module


@pytest.mark.parametrize(
    ("module", "project"),
    [("sklearn", "scikit-learn"), ("Some_Thing", "some-thing"), ("_pytest", "pytest"), ("", "")],
    ids=["known", "by its name", "private", "nobody's"],
)
def test_a_module_is_of_the_project_that_installs_it(module: str, project: str) -> None:
    assert project_of(module, {"sklearn": "scikit_learn"}) == project


def test_addresses_and_spaces_tell_no_two_warnings_apart() -> None:
    assert normal("use  <f at 0x7f01ab34>\n\tnow") == normal("use <f at 0x7e99cc00> now") == "use <f at 0x...> now"


def test_equal_warnings_are_counted_and_the_first_place_is_kept() -> None:
    other = line(filename=f"{INSTALLED}/numpy/b.py")
    assert counted(line(), other, line("new")) == (
        WarningCount("numpy", "FutureWarning", "old", 2, "numpy/a.py:7"),
        WarningCount("numpy", "FutureWarning", "new", 1, "numpy/a.py:7"),
    )


def test_a_file_that_is_not_installed_is_told_as_it_is() -> None:
    (warning,) = counted(line(filename="/checkout/tests/test_a.py", lineno=None))
    assert (warning.project, warning.where) == ("", "/checkout/tests/test_a.py")


def test_of_very_many_warnings_the_most_frequent_are_told() -> None:
    often = [line("often")] * 3
    warnings = counted(*(line(f"number {number}") for number in range(MOST_GROUPS * 2)), *often)
    assert len(warnings) == MOST_GROUPS
    assert (warnings[0].message, warnings[0].count) == ("often", 3)


@pytest.mark.parametrize(
    "value", [None, 3, ["x"], "x" * 100_000, "\x1b[31mred"], ids=["none", "int", "list", "long", "red"]
)
def test_whatever_a_warning_holds_it_is_counted_and_short(value: object) -> None:
    names = ("message", "category", "filename", "lineno", "category_module")
    (warning,) = counted(dict.fromkeys(names, value))
    assert warning.count == 1
    assert max(map(len, (warning.project, warning.category, warning.message, warning.where))) <= 300
    assert "\x1b" not in f"{warning}"
