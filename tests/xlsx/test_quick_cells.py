"""What is read the quick way means what the careful way reads, whatever stands in the cell."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

from hypothesis import example, given
from hypothesis import strategies as st

from sync_engine.clock import SHANGHAI
from sync_engine.codec import cells_to_text
from sync_engine.stores.port import RowEdit
from sync_engine.stores.xlsx.cells import Raw, SharedText, read_value, serial
from sync_engine.stores.xlsx.reader import RowReader
from sync_engine.stores.xlsx.sheet import Chunk, Layout
from sync_engine.stores.xlsx.store import XlsxStore
from workbook_templates.build import build_workbook
from workbook_templates.schema import Lang
from workbook_templates.tables import BILLS

DAYS = st.integers(0, 3_000_000)
FRACTIONS = st.one_of(st.just(""), st.from_regex(r"\.[0-9]{1,14}", fullmatch=True))
SECONDS = st.integers(0, 99 * 365 * 86400)


def at_of(text: str, date_1904: bool) -> object:
    layout = Layout(table=BILLS, lang=Lang.ZH, header_row=1, columns={"at": 1})
    row = b'<row r="2"><c r="A2" s="7"><v>%s</v></c></row>' % text.encode()
    return RowReader(layout, SharedText(b""), date_1904).read(Chunk(2, row)).cells["at"]


@given(days=DAYS, fraction=FRACTIONS, date_1904=st.booleans())
@example(days=40000, fraction=".00046875", date_1904=False)  # 40.5 s, which floats make 40
@example(days=0, fraction=".5", date_1904=False)
@example(days=2958466, fraction="", date_1904=False)
def test_a_serial_number_is_the_same_time_both_ways(days: int, fraction: str, date_1904: bool) -> None:
    text = f"{days}{fraction}"
    careful = read_value(Raw(text=text, number=True), BILLS.column("at"), date_1904)
    assert at_of(text, date_1904) == careful.value


@given(seconds=SECONDS, date_1904=st.booleans())
def test_each_second_comes_back(seconds: int, date_1904: bool) -> None:
    moment = datetime(1999, 12, 31, tzinfo=SHANGHAI) + timedelta(seconds=seconds)
    assert at_of(serial(moment, date_1904), date_1904) == moment


def test_what_a_write_tells_of_its_rows_is_what_a_later_read_finds(tmp_path: Path) -> None:
    path = tmp_path / "店铺.xlsx"
    build_workbook(path, Lang.ZH)
    store = XlsxStore(path, tmp_path / "cache")
    token = store.read({}).token
    moment = datetime(2026, 10, 3, 12, 1, 2, tzinfo=SHANGHAI)
    edits = [
        RowEdit(table=BILLS.name, key=f"2088/{n}/in", new=True, cells={"account": "2088", "log_id": f"{n}", "leg": "in", "at": moment, "balance": Decimal(n), "remark": "=A1"})
        for n in range(3)
    ]  # fmt: skip
    written = [at.row for at in store.write(edits, token).written]
    anew = XlsxStore(path, tmp_path / "other").read({}).tables[BILLS.name].changed
    assert [(row.key, row.digest, dict(row.cells)) for row in written] == [
        (row.key, row.digest, row.cells) for row in anew
    ]
    assert [row.cells for row in written] == [row.cells for row in anew] and "at" in written[0].cells
    assert [cells_to_text(row.cells) for row in written] == [cells_to_text(row.cells) for row in anew]
