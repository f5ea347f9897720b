"""What is read the quick way means what the careful way reads, whatever stands in the cell."""

from __future__ import annotations

from datetime import datetime, timedelta

from hypothesis import example, given
from hypothesis import strategies as st

from sync_engine.clock import SHANGHAI
from sync_engine.stores.xlsx.cells import Raw, SharedText, read_value, serial
from sync_engine.stores.xlsx.reader import RowReader
from sync_engine.stores.xlsx.sheet import Chunk, Layout
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
@example(
    days=46296, fraction=".500005787", date_1904=False
)  # half a second: it is the careful way that decides
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
