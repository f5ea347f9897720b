"""Google Sheets as a SheetStore: one read and one write a tick, and a write that met a sort put right in the same tick.

A write goes to rows by number, because Google offers nothing better. So it keeps what it finds (`keeping`), and the answer
says what stands in the whole row: if its key is another one, somebody sorted or inserted between our read and our write. Then
the sheet is read again, and what went astray is put right (`grid.mend`). Only columns of ours are ever written, so that no
keystroke in people's own can be hit; what they typed over ours meanwhile goes back (`under`). New rows go in by `appendCells`, which Google itself puts
below the last row that holds something.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from typing import Any

from gspread.urls import SPREADSHEET_BATCH_UPDATE_URL

from sync_engine.clock import Pace, SystemPace
from sync_engine.errors import Answer, NotAllowed, NotSent, OutcomeUnknown, OutsideError, Refused
from sync_engine.stores.google import wire
from sync_engine.stores.google.calls import Calls
from sync_engine.stores.google.keeping import TAB, TAB_ID, Batch, Hit, batches
from sync_engine.stores.google.last import Found, found_by_last
from sync_engine.stores.google.looks import number_format
from sync_engine.stores.google.under import Under
from sync_engine.stores.google.words import gone, not_ours, silent, unreachable
from sync_engine.stores.grid.edits import Plan, Planned, plan
from sync_engine.stores.grid.image import Image, Readings, find_tab, image_of, missing
from sync_engine.stores.grid.mend import cells_of, misdirected
from sync_engine.stores.grid.port import Contents, Page, Put
from sync_engine.stores.grid.store import ROUNDS, report_of, sheet_of
from sync_engine.stores.memory import view_of
from sync_engine.stores.memory_cells import Raw, shown
from sync_engine.stores.memory_sheet import Sheet
from sync_engine.stores.port import Refusal, RowEdit, Snapshot, WriteReport
from workbook_templates.schema import Lang, Table
from workbook_templates.tables import TABLES

PAYLOAD = 1_800_000
"""Google recommends 2 MB a request; what is more goes into the next one."""
FRESH = 2.0
"""Seconds for which a read is good enough to write on; after a long tick the sheet is read once more."""
LATE = 200.0
"""An answer that was lost may stand for a write still under way: Google gives up after 180 s."""

Images = dict[str, Image | Sheet]


@dataclass(frozen=True, slots=True)
class _Call:
    """One call of a write, for when its answer is lost: what had been read, and what is to stand in the sheets in the end."""

    batch: Batch
    before: Images
    planned: Plan
    after: Images


class GoogleStore:
    """See `SheetStore`. One for a spreadsheet, for as long as the engine runs."""

    def __init__(
        self, calls: Calls, spreadsheet_id: str, *, tables: tuple[Table, ...] = TABLES, lang: Lang = Lang.ZH,
        pace: Pace | None = None, fresh: float = FRESH,
    ) -> None:  # fmt: skip
        self._calls, self._id, self._tables, self._lang = calls, spreadsheet_id, tables, lang
        self._pace, self._fresh = pace or SystemPace(), fresh
        self._readings = {table.name: Readings() for table in tables}
        self._contents = Contents(tabs=())
        self._ids: dict[str, int] = {}
        self._results = False
        self._images: Images | None = None
        self._read_at = 0.0
        self._token = ""
        self._doubt: tuple[Plan, Images] | None = None  # a write whose answer was lost
        self._lost: _Call | None = None
        self._numbers = count(1)
        self._under = Under()
        self._mended: dict[str, list[tuple[str, Raw]]] = {}  # what putting the last write right wrote
        self._last: Found | None = (
            None  # what the last write of an earlier process found; None before the first read
        )
        self._sent: dict[
            str, float
        ] = {}  # new rows whose answer was lost, and until when they may still come

    # -- reading -----------------------------------------------------------------------------------------------------

    def read(self, known: Mapping[str, Mapping[str, str]]) -> Snapshot:
        """See `SheetStore.read`. One call."""
        try:
            images = self._without_doubt(self._look())
        except (NotSent, OutcomeUnknown) as error:
            raise silent(error, self._lang) from error
        last, self._last = self._last or {}, {}
        views = {name: view_of(sheet_of(image), known.get(name, {})) for name, image in images.items()}
        self._images = images
        return Snapshot(token=self._token, tables=views, last_found=last)

    def _look(self) -> Images:
        """The tables' pages as they are now."""
        answer = self._ask()
        self._contents = wire.contents_of(answer, self._contents.tabs)
        pages = {sheet["properties"]["title"]: wire.page_of(sheet) for sheet in answer.get("sheets", ())}
        if not self._results and wire.has_formula(pages.values()):
            self._results = True
            return self._look()
        if self._last is None:
            self._last = found_by_last(pages[TAB].cells if TAB in pages else (), self._tables)
        images: Images = {}
        for table in self._tables:
            tab = find_tab(self._contents, table)
            images[table.name] = (
                image_of(table, pages[tab], self._contents, self._lang, self._readings[table.name])
                if tab in pages
                else missing(table, self._lang)
            )
        self._read_at = self._pace.passed()
        self._token = _state(images)
        return images

    def _ask(self) -> Mapping[str, Any]:
        """One read of our tabs; where a tab is not there any more, first the list of tabs."""
        try:
            if not self._contents.tabs:
                self._list_tabs()
            return self._get(True, self._ours())
        except Refused as refused:
            if refused.answer.code != "400":
                raise gone(refused) from refused
        self._list_tabs()
        return self._get(True, self._ours())

    def _list_tabs(self) -> None:
        try:
            answer = self._get(False, [])
        except Refused as refused:
            raise gone(refused) from refused
        self._contents, self._ids = wire.contents_of(answer), wire.sheet_ids(answer)

    def _ours(self) -> list[str]:
        tabs = [find_tab(self._contents, table) for table in self._tables]
        if self._last is None and TAB in self._contents.tabs:
            tabs.append(TAB)
        return ["'{}'".format(tab.replace("'", "''")) for tab in tabs if tab]

    def _get(self, cells: bool, ranges: list[str]) -> Mapping[str, Any]:
        params: dict[str, Any] = {"fields": wire.fields(cells=cells, results=self._results), "ranges": ranges}
        answer: Mapping[str, Any] = self._calls.spreadsheets_get(self._id, params)
        return answer

    # -- writing -----------------------------------------------------------------------------------------------------

    def write(self, edits: Sequence[RowEdit], token: str) -> WriteReport:
        """See `SheetStore.write`. One call, and one more where there are new rows; nothing that may be done is repeated."""
        try:
            images = self._planned_on(token)
        except (NotSent, OutcomeUnknown):
            return WriteReport(pending=unreachable(self._lang), token=token)
        except NotAllowed:
            return WriteReport(pending=not_ours(self._lang), token=token)
        planned = self._without_late(plan(edits, images))
        self._mended = {}
        self._under.begin()
        try:
            after = images if self._send(planned, images) else self._put_right(planned, images)
        except NotSent:
            self._doubt = (planned, images)
            return WriteReport(pending=unreachable(self._lang), token=token)
        except OutcomeUnknown:
            return self._doubtful(planned, images, token)
        except NotAllowed:
            return WriteReport(pending=not_ours(self._lang), token=token)
        with suppress(OutsideError):  # the next read tries again
            self._give_back()
        self._token = _state({**images, **after})
        return report_of(planned, after, self._token)

    def _planned_on(self, token: str) -> Images:
        """The last read, where it is young enough; it is used up by planning."""
        images, self._images = self._images, None
        young = self._pace.passed() - self._read_at < self._fresh
        if (
            images is not None
            and token == self._token
            and young
            and not self._doubt
            and not self._under.found
        ):
            return images
        return self._without_doubt(self._look())

    def _send(self, planned: Plan, images: Images) -> bool:
        """Write; True where every row was the one that was meant."""
        meant = True
        puts = [one.put for one in planned.done if one.put and not one.put.new]
        for hits, same_heads in self._update(puts, images, (planned, images)):
            meant &= same_heads and all(hit.meant for hit in hits)
            if same_heads:
                self._under.note(hits, images, planned, images)
        for chunk in _chunks([one for one in planned.done if one.put and one.put.new], _new_weight):
            meant &= self._append(chunk)
        return meant

    def _update(
        self, puts: Sequence[Put], images: Images, meant: tuple[Plan, Images] | None = None
    ) -> Iterator[tuple[list[Hit], bool]]:
        """Write cells; what each call hit, and whether the headers stood as they were read.

        Args:
            images: what was read before.
            meant: what the sync writes, and what is to stand in the sheets in the end.
        """
        by_tab = {image.tab: image for image in images.values() if isinstance(image, Image)}
        usable = {tab: image for tab, image in by_tab.items() if image.sheet.usable}
        keys = {tab: [*map(image.column, image.sheet.table.key)] for tab, image in usable.items()}
        above = (0, 0)
        for batch in batches(puts, PAYLOAD, keys, self._numbers):
            batch.above = above
            mine = {put.tab: by_tab[put.tab] for put in batch.puts}
            self._lost = _Call(batch, images, *meant) if meant else None
            pages = self._changed(batch, mine)
            hits, above = batch.hits(pages), batch.filled
            if not hits:
                raise OutcomeUnknown(
                    Answer(api="spreadsheets:batchUpdate", text="the answer does not show the write")
                )
            self._lost = None
            yield hits, all(_same_header(image, pages) for image in mine.values())

    def _changed(self, batch: Batch, images: Mapping[str, Image]) -> Mapping[str, Page]:
        """One call. What Google refuses whole, because tabs are not what they were, is asked once more with today's tabs."""
        heads = {tab: image.header_row for tab, image in images.items()}
        widths = {
            tab: max(_width(image), *(max(put.cells) for put in batch.puts if put.tab == tab))
            for tab, image in images.items()
        }
        names = {tab: (image.sheet.table.name, _names(image)) for tab, image in images.items()}
        try:
            answer = self._batch_update(batch.body(self._ids, heads, widths, names))
        except Refused as refused:
            if refused.answer.code != "400":
                raise
            self._list_tabs()
            answer = self._batch_update(batch.body(self._ids, heads, widths, names))
        self._ids.setdefault(TAB, TAB_ID)
        return answer

    def _batch_update(self, body: Mapping[str, Any]) -> dict[str, Page]:
        """One `spreadsheets:batchUpdate` that also answers what stands in some ranges, by tab."""
        asked = {
            "fields": f"updatedSpreadsheet.sheets(properties(sheetId,title){wire.CELLS.format('userEnteredValue')})"
        }
        url = SPREADSHEET_BATCH_UPDATE_URL % self._id
        answer = self._calls.request("post", url, params=asked, json=body).json()
        sheets = answer.get("updatedSpreadsheet", {}).get("sheets", ())
        return {sheet["properties"]["title"]: wire.page_of(sheet) for sheet in sheets}

    def _append(self, fresh: Sequence[Planned]) -> bool:
        """New rows go below the last row that holds something, wherever that now is."""
        images = {one.image.tab: one.image for one in fresh}
        requests = [
            self._new_rows(image, [one for one in fresh if one.image is image]) for image in images.values()
        ]
        body = {
            "requests": requests, "includeSpreadsheetInResponse": True, "responseIncludeGridData": True,
            "responseRanges": [wire.row_range(tab, image.header_row, _width(image)) for tab, image in images.items()],
        }  # fmt: skip
        pages = self._batch_update(body)
        return all(_same_header(image, pages) for image in images.values())

    def _new_rows(self, image: Image, fresh: Sequence[Planned]) -> dict[str, Any]:
        looks = {
            image.column(name): {
                "userEnteredFormat": {"numberFormat": number_format(image.sheet.table.column(name))}
            }
            for name in image.sheet.columns
        }
        rows = [
            {
                "values": [
                    {**looks.get(at, {}), "userEnteredValue": wire.entered(one.cells.get(at))}
                    for at in range(1, _width(image) + 1)
                ]
            }
            for one in fresh
        ]
        wanted = "userEnteredValue,userEnteredFormat.numberFormat"
        return {"appendCells": {"sheetId": self._ids[image.tab], "rows": rows, "fields": wanted}}

    # -- putting right -----------------------------------------------------------------------------------------------

    def _put_right(self, planned: Plan, images: Images, *, finish: bool = True) -> Images:
        """Something moved: look again, and put right what went astray, until every write stands where it was meant to."""
        after = images
        for _ in range(ROUNDS):
            after = self._look()
            wrong = self._astray(planned, images, after, finish)
            if not wrong:
                break
            for hits, same_heads in self._update(wrong, after, (Plan(), images)):
                if same_heads:
                    self._under.note(hits, after, Plan(), images)
        return after

    def _without_doubt(self, images: Images) -> Images:
        """The sheets after what an earlier write left to be done."""
        if self._doubt:
            images = self._clear_up(images)
        if self._under.found:
            self._give_back()
            images = self._look()
        return images

    def _give_back(self) -> None:
        """What people had typed under a write goes back into its cells, until it stands there."""
        for _ in range(ROUNDS):
            if not self._under.found:
                return
            images = self._look()
            try:
                for hits, same_heads in self._update(self._under.puts(images), images):
                    if same_heads:
                        self._under.given(hits, images)
                    else:  # a column moved: what was hit gets back what it held
                        list(self._update([hit.undone for hit in hits], images))
            except OutsideError:
                self._under.again()
                raise

    def _recall(self) -> None:
        """What a write found whose answer was lost stands in the hidden tab, if it was done at all."""
        if not self._lost:
            return
        call = self._lost
        self._list_tabs()
        if TAB in self._ids:
            answer = self._get(True, [f"'{TAB}'"])
            pages = {sheet["properties"]["title"]: wire.page_of(sheet) for sheet in answer.get("sheets", ())}
            self._under.note(call.batch.hits(pages), call.before, call.planned, call.after)
        self._lost = None

    def _astray(self, planned: Plan, images: Images, after: Images, finish: bool) -> list[Put]:
        wrong: list[Put] = []
        for name in {one.edit.table for one in planned.done if one.put}:
            was, now = images[name], after[name]
            if isinstance(was, Image) and isinstance(now, Image) and now.sheet.usable:
                mended = self._mended.setdefault(name, [])
                ours = [one for one in planned.done if one.edit.table == name]
                puts = misdirected(ours, was, now, finish=finish, mended=mended)
                mended += cells_of(puts, now)
                wrong += puts
        return wrong

    def _clear_up(self, images: Images) -> Images:
        """A write whose answer was lost: whatever of it went astray is taken back before anything else. What is missing is
        left to the next plan.
        """
        assert self._doubt is not None, "asked for only then"
        self._recall()
        planned, before = self._doubt
        self._doubt = None
        if not self._astray(planned, before, images, False):
            return images
        try:
            return self._put_right(planned, before, finish=False)
        except OutsideError:
            self._doubt = (planned, before)
            raise

    def _doubtful(self, planned: Plan, images: Images, token: str) -> WriteReport:
        """The answer was lost: look whether it stands."""
        until = self._pace.passed() + LATE
        self._sent |= {one.edit.key: until for one in planned.done if one.put and one.put.new}
        self._doubt = (planned, images)
        try:
            after = self._without_doubt(self._look())
        except OutsideError:
            return WriteReport(pending=unreachable(self._lang), token=token)
        if not (there := [*_standing(planned, after)]):
            return WriteReport(pending=unreachable(self._lang), token=token)
        return report_of(Plan(there, planned.refused), after, self._token)

    def _without_late(self, planned: Plan) -> Plan:
        """A new row that may still be on its way is not sent a second time."""
        now = self._pace.passed()
        self._sent = {key: until for key, until in self._sent.items() if until > now}
        late = [one for one in planned.done if one.put and one.put.new and one.edit.key in self._sent]
        for one in late:
            one.image.sheet.delete(one.place)
        refused = [Refusal(table=one.edit.table, key=one.edit.key, why="changed") for one in late]
        return Plan([one for one in planned.done if one not in late], [*planned.refused, *refused])


def _state(images: Images) -> str:
    """Names what all tables hold, within this process."""
    marks = {
        name: tuple(place.read().digest for place in sheet_of(image).places() if not place.blank)
        for name, image in images.items()
        if sheet_of(image).usable
    }
    return f"s{hash(tuple(sorted(marks.items()))):x}"


def _standing(planned: Plan, after: Images) -> Iterator[Planned]:
    """The edits that are in the sheet."""
    for one in planned.done:
        places = sheet_of(after[one.edit.table]).places_of(one.edit.key)
        if len(places) == 1 and all(
            places[0].read().cells.get(name) == one.row.cells.get(name) for name in one.edit.cells
        ):
            yield one
        else:
            planned.refused.append(Refusal(table=one.edit.table, key=one.edit.key, why="changed"))


def _names(image: Image) -> dict[int, str]:
    """What its columns are called; those that are none of ours by nothing."""
    called = {at + 1: name for name, at in image.sheet.columns.items()}
    return {at: called.get(at, "") for at in range(1, _width(image) + 1)}


def _width(image: Image) -> int:
    return len(image.sheet.heads)


def _same_header(image: Image, pages: Mapping[str, Page]) -> bool:
    """Whether the header that an answer shows is the one that was read."""
    if image.tab not in pages:
        return False
    header = next(iter(pages[image.tab].cells[image.header_row - 1 : image.header_row]), ())
    texts = [shown(raw) for raw in header][: _width(image)]
    return [head.text for head in image.sheet.heads] == texts + [""] * (_width(image) - len(texts))


def _chunks(done: Sequence[Planned], weigh: Callable[[Put, int], int]) -> Iterator[Sequence[Planned]]:
    """By payload, as `weigh` counts a row of so many columns."""
    chunk: list[Planned] = []
    size = 0
    for one in done:
        weight = weigh(one.put, _width(one.image)) if one.put else 0
        if chunk and size + weight > PAYLOAD:
            yield chunk
            chunk, size = [], 0
        chunk.append(one)
        size += weight
    if chunk:
        yield chunk


def _new_weight(put: Put, width: int) -> int:
    """Bytes of a new row, at most: each of its cells also says its format."""
    return 20 + 150 * width + sum(len(json.dumps(wire.entered(raw))) for raw in put.cells.values())
