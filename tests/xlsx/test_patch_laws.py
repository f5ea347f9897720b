"""Laws of the patch, judged by an XML library and not by our expressions: what is not meant to change does not."""

from __future__ import annotations

from dataclasses import dataclass
from xml.sax.saxutils import escape

from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from sync_engine.stores.xlsx.cells import SharedText, Written, read_raw, write_value
from sync_engine.stores.xlsx.patch import set_cells
from sync_engine.stores.xlsx.sheet import cells_of, column_letters, column_number, split_rows
from sync_engine.stores.xlsx.styles import Styles
from workbook_templates.schema import Lang

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
texts = st.text(st.characters(min_codepoint=32, max_codepoint=0x9FFF, exclude_characters="\x7f"), max_size=12)


@dataclass(frozen=True)
class Made:
    """A cell as some program wrote it: how it looks in XML."""

    column: int
    xml: str


@st.composite
def made_rows(draw: st.DrawFn) -> tuple[int, list[Made], str]:
    """A row number, its cells in order, and the row as XML: with and without references, styles, spans, prefixes of any kind."""
    number = draw(st.integers(1, 1_048_576))
    columns = sorted(draw(st.sets(st.integers(1, 60), max_size=8)))
    told = draw(st.booleans())
    if not told:
        columns = list(range(1, len(columns) + 1))
    cells = [Made(column, draw(cell_xml(column, number, told))) for column in columns]
    extra = draw(
        st.sampled_from(
            ["", ' spans="1:60"', ' ht="30" customHeight="1"', ' hidden="1"', ' s="3" customFormat="1"']
        )
    )
    if not cells and draw(st.booleans()):
        return number, cells, f'<row r="{number}"{extra}/>'
    return number, cells, f'<row r="{number}"{extra}>{"".join(cell.xml for cell in cells)}</row>'


@st.composite
def cell_xml(draw: st.DrawFn, column: int, number: int, told: bool) -> str:
    ref = f' r="{column_letters(column)}{number}"' if told else ""
    style = draw(st.sampled_from(["", ' s="1"', ' s="7"']))
    text = escape(draw(texts))
    body = draw(
        st.sampled_from(
            [
                f"<c{ref}{style}/>",
                f"<c{ref}{style}></c>",
                f"<c{ref}{style}><v>{column}.5</v></c>",
                f'<c{ref}{style} t="s"><v>0</v></c>',
                f'<c{ref}{style} t="str"><f>1+1</f><v>{text}</v></c>',
                f'<c{ref}{style} t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>',
                f'<c{ref}{style} t="inlineStr"><is><r><rPr><b/></rPr><t>{text}</t></r><r><t>b</t></r></is></c>',
                f'<c{ref}{style} t="b"><v>1</v></c>',
                f'<c{ref}{style} t="e"><v>#N/A</v></c>',
                f'<c{ref}{style} cm="1" vm="2"><f t="shared" si="3"/><v>4</v></c>',
            ]
        )
    )
    return str(body)


def parsed(row: bytes) -> dict[str, bytes]:
    """Every cell of a row by its reference, canonical, as an XML library reads it."""
    tree = etree.fromstring(row)
    found, column = {}, 0
    for cell in tree:
        ref = cell.get("r")
        column = column_number(ref.rstrip("0123456789")) if ref else column + 1
        cell.set("r", f"{column_letters(column)}{tree.get('r')}")
        found[str(cell.get("r"))] = etree.tostring(cell, method="c14n")
    return found


contents = st.dictionaries(
    st.integers(1, 60), st.one_of(st.none(), texts, st.integers(-(10**9), 10**9)), min_size=1, max_size=5
)


@settings(max_examples=300, deadline=None)
@given(made_rows(), contents)
def test_only_the_cells_that_were_meant_change(
    made: tuple[int, list[Made], str], new: dict[int, str | int | None]
) -> None:
    number, _, xml = made
    written = {column: write_value(value, None, Lang.ZH, False) for column, value in new.items()}
    result = set_cells(xml.encode(), number, written, frozenset(), {}, Styles(None))
    before, after = parsed(xml.encode()), parsed(result)
    meant = {f"{column_letters(column)}{number}" for column in new}
    assert {ref: cell for ref, cell in after.items() if ref not in meant} == {
        ref: cell for ref, cell in before.items() if ref not in meant
    }
    order = [column_number(ref.rstrip("0123456789")) for ref in after]
    assert order == sorted(order)
    for column, value in new.items():
        cell = after.get(f"{column_letters(column)}{number}")
        assert shown(cell) == (str(value) if value not in (None, "") else "")
    assert set_cells(result, number, written, frozenset(), {}, Styles(None)) == result, (
        "writing the same twice changes nothing"
    )


def shown(cell: bytes | None) -> str:
    """A cell's text as an XML library reads it; what Excel escapes as _xHHHH_ undone by the house's reader elsewhere."""
    if cell is None:
        return ""
    tree = etree.fromstring(cell)
    assert tree.find("f") is None and tree.get("cm") is None and tree.get("vm") is None
    text = "".join(tree.itertext())
    return text.replace("_x005F_", "_")


@settings(max_examples=200, deadline=None)
@given(st.lists(made_rows(), max_size=6))
def test_rows_are_cut_apart_and_put_together_again(made: list[tuple[int, list[Made], str]]) -> None:
    rows = {number: xml for number, _, xml in made}
    body = "".join(rows[number] for number in sorted(rows)).encode()
    chunks = split_rows(body)
    assert b"".join(chunk.data for chunk in chunks) == body
    assert [chunk.number for chunk in chunks] == sorted(rows)
    for chunk in chunks:
        assert [cell.column for cell in cells_of(chunk.data)] == [
            column_number(ref.rstrip("0123456789")) for ref in parsed(chunk.data)
        ]


@given(st.text(max_size=40))
def test_any_text_comes_back_as_the_text_a_cell_can_hold(text: str) -> None:
    written = write_value(text, None, Lang.ZH, False)
    raw = read_raw(b"inlineStr" if written.inner else b"", written.inner, SharedText(b""))
    kept = "".join(
        c
        for c in text.replace("\r\n", "\n").replace("\r", "\n")
        if c in "\n\t" or (ord(c) >= 32 and not 0xD800 <= ord(c) < 0xE000 and c not in "\ufffe\uffff")
    )
    assert raw.text == kept and not raw.formula
    assert written == Written(b"", b"") if not kept else etree.fromstring(written.inner) is not None


@given(st.integers(1, 16_384))
def test_column_letters_and_numbers_are_inverse(number: int) -> None:
    assert column_number(column_letters(number)) == number
