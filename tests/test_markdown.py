"""Whatever a text says, GitHub's own renderer shows it as it is, in its place, and makes nothing else of it."""

from __future__ import annotations

from collections.abc import Callable
from html.parser import HTMLParser

import pytest
from cmarkgfm import github_flavored_markdown_to_html  # type: ignore[import-untyped]  # it has no types
from cmarkgfm.cmark import Options  # type: ignore[import-untyped]  # it has no types
from hypothesis import given
from hypothesis import strategies as st

from nightly import markdown
from nightly.actions import printable

WORD_JOINER = "\N{WORD JOINER}"
TABLE_TAGS = {"table", "thead", "tbody", "tr", "th", "td"}

WORDS = r"""
| \ ` `` ~~~ ~ <script> </td> <!-- &lt; &#60; * ** _ [a](b) ![ ]: [^1] $ --- === :-: :: %0A x
@user @org/team #12 a#1 a@b.com a@-b.c a@.b.c mailto:a@b.com https://a.b ftp://a.b www.a.b WWW.a.bc
"""
SPACES = ["\n", "\n\n", "\r\n", "```\n", "- ", "1. ", "2) ", "# ", "> ", "    ", "\t", " "]
CONTROLS = ["\x1b[31m", "\x1b]0;t\x07", "\x00", "\u2028", "\u202e", "\ud800"]
MARKUP = st.sampled_from([*WORDS.split(), *SPACES, *CONTROLS])
ANY_TEXT = st.text() | st.lists(MARKUP).map("".join) | st.lists(MARKUP | st.text(max_size=3)).map("".join)


class Page(HTMLParser):
    """What a rendered page consists of: its tags, those with attributes, and the text of its cells and of all."""

    def __init__(self, markdown_text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str | None]] = []
        self.cells: list[str] = []
        self.text = ""
        self.feed(github_flavored_markdown_to_html(markdown_text, options=Options.CMARK_OPT_UNSAFE))
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += attrs
        self.cells += [""] * (tag in {"td", "th"})

    def handle_data(self, data: str) -> None:
        self.text += data
        if self.cells and data != "\n":
            self.cells[-1] += data

    def handle_comment(self, data: str) -> None:
        self.tags.add(f"comment {data}")


def seen(value: str) -> str:
    """What a person sees of a page's text."""
    return value.replace(WORD_JOINER, "").strip()


def meant(value: str) -> str:
    """The printable text of a value, as one line."""
    return seen(" ".join(printable(value).split()))


@given(head=ANY_TEXT, cells=st.lists(st.tuples(ANY_TEXT, ANY_TEXT), max_size=3))
def test_a_table_has_the_cells_it_was_given_and_nothing_else(head: str, cells: list[tuple[str, str]]) -> None:
    rows = [(markdown.text(left), markdown.code(right)) for left, right in cells]
    page = Page(markdown.table([markdown.text(head), "file"], rows))
    assert [seen(cell) for cell in page.cells] == [
        meant(head),
        "file",
        *(meant(value) for row in cells for value in row),
    ]
    assert page.tags <= TABLE_TAGS | {"code"}
    assert page.attributes == []


@pytest.mark.parametrize("make", [markdown.text, markdown.code])
@pytest.mark.parametrize("before", ["", "- ", "## ", "1. ", "- Warning: "])
@given(value=ANY_TEXT)
def test_a_value_is_only_text_wherever_it_stands(make: Callable[[str], str], before: str, value: str) -> None:
    page = Page(before + make(value))
    assert seen(page.text) == seen(before.lstrip("-#1. ") + meant(value))
    assert page.tags <= {"p", "ul", "ol", "li", "h2", "code"}
    assert page.attributes == []


@given(value=ANY_TEXT)
def test_a_fence_holds_any_text_and_ends(value: str) -> None:
    page = Page(f"{markdown.fenced(value)}\n\n# end")
    assert page.tags == {"pre", "code", "h1"}
    assert page.text == printable(value).rstrip("\n") + "\n\nend\n"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("numpy-2.6.0.dev0-cp312-cp312-win_amd64.whl", "numpy-2.6.0.dev0-cp312-cp312-win&#95;amd64.whl"),
        ("a|b", "a&#124;b"),
        ("`a`", "&#96;a&#96;"),
        ("<b>&amp;", "&#60;b&#62;&#38;amp;"),
        ("cc @user, see #12", "cc &#64;&#8288;user, see &#35;&#8288;12"),
        ("as GH-12 and gh-3, by high-5", "as GH-&#8288;12 and gh-&#8288;3, by high-5"),
        ("a\r\nb\tc\n", "a b c"),
        ("\x1b[31mred\x1b[0m\x00", "red"),
        ("right\u202eleft", "rightleft"),
        ("12. first", "12&#46; first"),
        ("https://example.org", "https&#58;//example.org"),
        ("Größe: 3 MB (é, 日本)", "Größe: 3 MB (é, 日本)"),
    ],
)
def test_text_is_escaped_where_it_would_mean_something(value: str, expected: str) -> None:
    assert markdown.text(value) == expected


def test_nothing_misleading_or_unwritable_is_left() -> None:
    for make in (markdown.text, markdown.code, markdown.fenced):
        assert not set("\x1b\x00\ud800\u202e\u2066") & set(make("\x1b[1m\x00\ud800\u202e\u2066a"))


def test_a_fence_is_longer_than_any_in_the_text() -> None:
    assert markdown.fenced("a\n````\nb\n").splitlines() == ["`````", "a", "````", "b", "`````"]


def test_a_table_without_rows_has_its_head() -> None:
    assert Page(markdown.table(["a", "b"], [])).cells == ["a", "b"]
