"""batchUpdate requests about what lies on cells: merges, names, protections, rules, filters, charts, bands, groups."""

from __future__ import annotations

import re
from typing import Any

from sync_engine.sandbox.google.book import Book, Sheet
from sync_engine.sandbox.google.cells import EMPTY, Row
from sync_engine.sandbox.google.colors import mirrored
from sync_engine.sandbox.google.grid import Grid, cells_of, from_json
from sync_engine.sandbox.google.mask import update
from sync_engine.sandbox.google.refusal import Json, bad
from sync_engine.sandbox.google.schema import find_ranges
from sync_engine.sandbox.google.sheet_requests import needed_mask
from sync_engine.sandbox.google.work import PROTECTED, Work


def with_sheets(value: Json, kind: str) -> Json:
    """A message in which every range tells its sheet: absent means sheet 0."""
    done: Json = find_ranges(value, kind, lambda grid: {"sheetId": 0} | grid)
    return done


def merge_cells(work: Work, asked: Json) -> Json:
    """mergeCells: only the first cell of each merge keeps its content."""
    sheet, grid = work.grid(asked.get("range"))
    work.guard(sheet, grid)
    top, bottom, left, right = grid.box
    if any(from_json(each).meets(grid) and not grid.holds(from_json(each)) for each in sheet.merges):
        raise bad("You must select all cells in a merged range to merge or unmerge them.")
    sheet.merges = [each for each in sheet.merges if not grid.holds(from_json(each))]
    kind = asked.get("mergeType") or "MERGE_ALL"
    if kind == "MERGE_ROWS":
        parts = [
            Grid(sheet=sheet.id, top=row, bottom=row + 1, left=left, right=right)
            for row in range(top, bottom)
        ]
    elif kind == "MERGE_COLUMNS":
        parts = [
            Grid(sheet=sheet.id, top=top, bottom=bottom, left=c, right=c + 1) for c in range(left, right)
        ]
    else:
        parts = [grid]
    for part in parts:
        a, b, c, d = part.box
        if (b - a) * (d - c) < 2:
            continue
        sheet.merges.append(part.as_json())
        for row in range(a, b):
            blank: Row = {at: EMPTY for at in (sheet.cells[row] or {}) if c <= at < d and (row, at) != (a, c)}
            if blank:
                work.write_row(sheet, row, blank)
    return {}


def unmerge_cells(work: Work, asked: Json) -> Json:
    """unmergeCells: refused where the range holds a part of a merge only."""
    sheet, grid = work.grid(asked.get("range"))
    work.guard(sheet, grid)
    if any(from_json(each).meets(grid) and not grid.holds(from_json(each)) for each in sheet.merges):
        raise bad("You must select all cells in a merged range to merge or unmerge them.")
    sheet.merges = [each for each in sheet.merges if not grid.holds(from_json(each))]
    return {}


def _check_range_name(book: Book, name: str, but: str = "") -> None:
    if (
        not re.fullmatch(r"[^\W\d][\w.]{0,249}", name)
        or cells_of(name, 0)
        or name.lower() in ("true", "false")
    ):
        raise bad(f"Invalid value: '{name}' is not a name for a range")
    if any(n != but and each["name"].lower() == name.lower() for n, each in book.named.items()):
        raise bad(f'A named range with the name "{name}" already exists')


def add_named(work: Work, asked: Json) -> Json:
    """addNamedRange."""
    told = asked.get("namedRange") or {}
    sheet, _ = work.grid(told.get("range"))
    number = told.get("namedRangeId") or f"{work.rng.getrandbits(40):x}"
    if number in work.book.named:
        raise bad(f"Invalid value: a named range with id {number} already exists")
    _check_range_name(work.book, told.get("name") or "")
    named = {"namedRangeId": number, "name": told["name"], "range": told["range"] | {"sheetId": sheet.id}}
    work.book.named[number] = named
    return {"addNamedRange": {"namedRange": named}}


def update_named(work: Work, asked: Json) -> Json:
    """updateNamedRange."""
    told = asked.get("namedRange") or {}
    old = _named(work, told.get("namedRangeId"))
    new = update(old, told, needed_mask(asked, "@NamedRange")) | {"namedRangeId": old["namedRangeId"]}
    _check_range_name(work.book, new.get("name") or "", old["namedRangeId"])
    work.grid(new.get("range"))
    work.book.named[old["namedRangeId"]] = with_sheets(new, "@NamedRange")
    return {}


def delete_named(work: Work, asked: Json) -> Json:
    """deleteNamedRange."""
    del work.book.named[_named(work, asked.get("namedRangeId"))["namedRangeId"]]
    return {}


def _named(work: Work, number: Any) -> Json:
    if number not in work.book.named:
        raise bad(f"No named range with id: {number}")
    return work.book.named[number]


def add_protected(work: Work, asked: Json) -> Json:
    """addProtectedRange: who adds it may edit, and stays an editor; none is told for `warningOnly`."""
    told = with_sheets(asked.get("protectedRange") or {}, "@ProtectedRange")
    sheet = _protected_sheet(work, told)
    number = int(told.get("protectedRangeId") or work.fresh_id())
    if number in work.ids():
        raise bad(f"Invalid value: a protected range with id {number} already exists")
    if told.get("warningOnly") and (told.get("editors") or {}).get("users"):
        raise bad("Invalid value: a range with warningOnly has no editors")
    told = {name: each for name, each in told.items() if name != "requestingUserCanEdit" and each is not None}
    sheet.protected[number] = _with_editors(work, told | {"protectedRangeId": number})
    return {"addProtectedRange": {"protectedRange": for_caller(work, sheet.protected[number])}}


def _protected_sheet(work: Work, told: Json) -> Sheet:
    if name := told.get("namedRangeId"):
        return work.sheet(from_json(_named(work, name)["range"]).sheet)
    if table := told.get("tableId"):
        from sync_engine.sandbox.google.tables import find

        return find(work, table)[0]
    return work.grid(told.get("range"))[0]


def _with_editors(work: Work, told: Json) -> Json:
    if told.get("warningOnly"):
        return {name: each for name, each in told.items() if name != "editors"}
    users = list((told.get("editors") or {}).get("users", []))
    if work.caller not in users:
        users.append(work.caller)
    return told | {"editors": (told.get("editors") or {}) | {"users": users}}


def for_caller(work: Work, protected: Json) -> Json:
    """A protected range as the caller sees it."""
    return protected if work.shut_out(protected) else protected | {"requestingUserCanEdit": True}


def update_protected(work: Work, asked: Json) -> Json:
    """updateProtectedRange: by its editors only."""
    told = with_sheets(asked.get("protectedRange") or {}, "@ProtectedRange")
    mask = needed_mask(asked, "@ProtectedRange")
    sheet, old = _protected(work, told.get("protectedRangeId"))
    if work.shut_out(old):
        raise bad(PROTECTED)
    new = update(old, told, mask) | {"protectedRangeId": old["protectedRangeId"]}
    if new.get("range") is not None:
        work.grid(new["range"])
    sheet.protected[old["protectedRangeId"]] = _with_editors(work, new)
    return {}


def delete_protected(work: Work, asked: Json) -> Json:
    """deleteProtectedRange: by its editors only."""
    sheet, old = _protected(work, asked.get("protectedRangeId"))
    if work.shut_out(old):
        raise bad(PROTECTED)
    del sheet.protected[old["protectedRangeId"]]
    return {}


def _protected(work: Work, number: Any) -> tuple[Sheet, Json]:
    sheet, found = _owned(work, "protected", number, "protected range")
    return sheet, found


def _owned(work: Work, kind: str, number: Any, told: str) -> tuple[Sheet, Json]:
    wanted = None if number is None else int(number)
    for sheet in work.book.sheets:
        if wanted in getattr(sheet, kind):
            own = work.sheet(sheet.id)
            return own, getattr(own, kind)[wanted]
    raise bad(f"No {told} with id: {number}")


def add_rule(work: Work, asked: Json) -> Json:
    """addConditionalFormatRule: at `index`, the first by default."""
    rule = _rule(work, asked.get("rule"))
    sheet = work.sheet(from_json(rule["ranges"][0]).sheet)
    at = int(asked.get("index") or 0)
    if not 0 <= at <= len(sheet.conditional):
        raise bad(f"Invalid value: index {at} is out of bounds")
    sheet.conditional.insert(at, rule)
    return {}


def _rule(work: Work, told: Json | None) -> Json:
    rule = with_sheets(told or {}, "@ConditionalFormatRule")
    if not rule.get("ranges") or bool(rule.get("booleanRule")) == bool(rule.get("gradientRule")):
        raise bad("Invalid value: a conditional format needs ranges and one rule, boolean or gradient")
    for each in rule["ranges"]:
        work.grid(each)
    if rule.get("booleanRule"):
        form = mirrored(rule["booleanRule"].get("format") or {})
        rule = rule | {"booleanRule": rule["booleanRule"] | {"format": form}}
    return rule


def update_rule(work: Work, asked: Json) -> Json:
    """updateConditionalFormatRule: another rule at an index, or the same rule at another."""
    at = int(asked.get("index") or 0)
    rule = _rule(work, asked["rule"]) if asked.get("rule") else None
    number = from_json(rule["ranges"][0]).sheet if rule else int(asked.get("sheetId") or 0)
    sheet = work.sheet(number)
    old = _rule_at(sheet, at)
    if rule:
        sheet.conditional[at] = rule
        told: Json = {"newRule": rule, "newIndex": at, "oldRule": old, "oldIndex": at}
    else:
        new = int(asked.get("newIndex") or 0)
        if not 0 <= new < len(sheet.conditional):
            raise bad(f"Invalid value: newIndex {new} is out of bounds")
        sheet.conditional.insert(new, sheet.conditional.pop(at))
        told = {"newRule": old, "newIndex": new, "oldRule": old, "oldIndex": at}
    return {"updateConditionalFormatRule": told}


def delete_rule(work: Work, asked: Json) -> Json:
    """deleteConditionalFormatRule."""
    sheet = work.sheet(int(asked.get("sheetId") or 0))
    old = _rule_at(sheet, int(asked.get("index") or 0))
    del sheet.conditional[int(asked.get("index") or 0)]
    return {"deleteConditionalFormatRule": {"rule": old}}


def _rule_at(sheet: Sheet, at: int) -> Json:
    if not 0 <= at < len(sheet.conditional):
        raise bad(f"No conditional format on sheet: {sheet.id} at index: {at}")
    return sheet.conditional[at]


def set_filter(work: Work, asked: Json) -> Json:
    """setBasicFilter; its sortSpecs sort the range, as in the user interface."""
    told = with_sheets(asked.get("filter") or {}, "@BasicFilter")
    sheet, grid = work.grid(told.get("range"))
    work.guard(sheet, grid)
    if told.get("sortSpecs"):
        from sync_engine.sandbox.google.sorting import sort_range

        top, bottom, _, _ = grid.box
        if bottom - top > 1:
            body = grid.as_json() | {"startRowIndex": top + 1}
            sort_range(work, {"range": body, "sortSpecs": told["sortSpecs"]})
    sheet.basic_filter = told | {"range": grid.as_json()}
    return {}


def clear_filter(work: Work, asked: Json) -> Json:
    """clearBasicFilter."""
    work.sheet(int(asked.get("sheetId") or 0)).basic_filter = None
    return {}


def add_view(work: Work, asked: Json) -> Json:
    """addFilterView."""
    told = with_sheets(asked.get("filter") or {}, "@FilterView")
    if told.get("namedRangeId"):
        told = told | {"range": _named(work, told["namedRangeId"])["range"]}
    sheet, grid = work.grid(told.get("range"))
    number = int(told.get("filterViewId") or work.fresh_id())
    if number in work.ids():
        raise bad(f"Invalid value: a filter view with id {number} already exists")
    title = told.get("title") or f"Filter {len(sheet.filter_views) + 1}"
    sheet.filter_views[number] = told | {"filterViewId": number, "title": title, "range": grid.as_json()}
    return {"addFilterView": {"filter": sheet.filter_views[number]}}


def update_view(work: Work, asked: Json) -> Json:
    """updateFilterView."""
    told = with_sheets(asked.get("filter") or {}, "@FilterView")
    sheet, old = _owned(work, "filter_views", told.get("filterViewId"), "filter view")
    new = update(old, told, needed_mask(asked, "@FilterView")) | {"filterViewId": old["filterViewId"]}
    work.grid(new.get("range"))
    sheet.filter_views[old["filterViewId"]] = new
    return {}


def copy_view(work: Work, asked: Json) -> Json:
    """duplicateFilterView."""
    sheet, old = _owned(work, "filter_views", asked.get("filterId"), "filter view")
    number = work.fresh_id()
    sheet.filter_views[number] = old | {"filterViewId": number, "title": f"Copy of {old['title']}"}
    return {"duplicateFilterView": {"filter": sheet.filter_views[number]}}


def delete_view(work: Work, asked: Json) -> Json:
    """deleteFilterView."""
    sheet, old = _owned(work, "filter_views", asked.get("filterId"), "filter view")
    del sheet.filter_views[old["filterViewId"]]
    return {}


def add_chart(work: Work, asked: Json) -> Json:
    """addChart: stored and returned, not drawn."""
    told = with_sheets(asked.get("chart") or {}, "@EmbeddedChart")
    if not told.get("spec"):
        raise bad("Invalid value: a chart needs a spec")
    number = int(told.get("chartId") or work.fresh_id())
    if number in work.ids():
        raise bad(f"Invalid value: an object with id {number} already exists")
    position = told.get("position") or {}
    anchor = (position.get("overlayPosition") or {}).get("anchorCell") or {}
    if position.get("newSheet") or position.get("sheetId"):
        raise bad("Invalid value: the stand-in places charts over cells only (overlayPosition)")
    sheet = work.sheet(int(anchor.get("sheetId") or 0))
    sheet.charts[number] = told | {
        "chartId": number,
        "position": position or {"overlayPosition": {"anchorCell": {"sheetId": sheet.id}}},
    }
    return {"addChart": {"chart": sheet.charts[number]}}


def update_chart(work: Work, asked: Json) -> Json:
    """updateChartSpec."""
    sheet, old = _owned(work, "charts", asked.get("chartId"), "chart")
    sheet.charts[old["chartId"]] = with_sheets(old | {"spec": asked.get("spec") or {}}, "@EmbeddedChart")
    return {}


def move_chart(work: Work, asked: Json) -> Json:
    """updateEmbeddedObjectPosition."""
    sheet, old = _owned(work, "charts", asked.get("objectId"), "chart")
    position = update(
        old["position"], asked.get("newPosition") or {}, needed_mask(asked, "@EmbeddedObjectPosition")
    )
    sheet.charts[old["chartId"]] = old | {"position": position}
    return {"updateEmbeddedObjectPosition": {"position": position}}


def delete_chart(work: Work, asked: Json) -> Json:
    """deleteEmbeddedObject."""
    sheet, old = _owned(work, "charts", asked.get("objectId"), "chart")
    del sheet.charts[old["chartId"]]
    return {}


def add_band(work: Work, asked: Json) -> Json:
    """addBanding."""
    told = with_sheets(asked.get("bandedRange") or {}, "@BandedRange")
    sheet, grid = work.grid(told.get("range"))
    if not (told.get("rowProperties") or told.get("columnProperties")):
        raise bad("Invalid value: a banded range needs rowProperties or columnProperties")
    if any(from_json(each["range"]).meets(grid) for each in sheet.banded.values()):
        raise bad(
            "You cannot add alternating background colors to a range that already has alternating background colors."
        )
    number = int(told.get("bandedRangeId") or work.fresh_id())
    if number in work.ids():
        raise bad(f"Invalid value: an object with id {number} already exists")
    band = {n: mirrored(each) if n.endswith("Properties") else each for n, each in told.items()}
    sheet.banded[number] = band | {"bandedRangeId": number, "range": grid.as_json()}
    return {"addBanding": {"bandedRange": sheet.banded[number]}}


def update_band(work: Work, asked: Json) -> Json:
    """updateBanding."""
    told = with_sheets(asked.get("bandedRange") or {}, "@BandedRange")
    sheet, old = _owned(work, "banded", told.get("bandedRangeId"), "banded range")
    sheet.banded[old["bandedRangeId"]] = update(old, told, needed_mask(asked, "@BandedRange")) | {
        "bandedRangeId": old["bandedRangeId"]
    }
    return {}


def delete_band(work: Work, asked: Json) -> Json:
    """deleteBanding."""
    sheet, old = _owned(work, "banded", asked.get("bandedRangeId"), "banded range")
    del sheet.banded[old["bandedRangeId"]]
    return {}


def _groups(work: Work, value: Json | None) -> tuple[Sheet, str, int, int]:
    told = value or {}
    if told.get("dimension") not in ("ROWS", "COLUMNS"):
        raise bad("Invalid value: a dimension must be ROWS or COLUMNS")
    sheet, rows = work.sheet(int(told.get("sheetId") or 0)), told["dimension"] == "ROWS"
    start, end = int(told.get("startIndex") or 0), int(told.get("endIndex") or sheet.size[0 if rows else 1])
    if not 0 <= start < end <= sheet.size[0 if rows else 1]:
        raise bad("Invalid value: the group lies outside of the grid")
    return sheet, "row_groups" if rows else "column_groups", start, end


def add_group(work: Work, asked: Json) -> Json:
    """addDimensionGroup: one level deeper than the groups it lies in."""
    sheet, kind, start, end = _groups(work, asked.get("range"))
    old: list[Json] = getattr(sheet, kind)
    span = {
        "sheetId": sheet.id,
        "dimension": asked["range"]["dimension"],
        "startIndex": start,
        "endIndex": end,
    }
    setattr(sheet, kind, _deep([*old, {"range": span}]))
    return {"addDimensionGroup": {"dimensionGroups": getattr(sheet, kind)}}


def _deep(groups: list[Json]) -> list[Json]:
    """The groups with their depths: how many of them hold it."""
    spans = [(each["range"]["startIndex"], each["range"]["endIndex"]) for each in groups]
    order = sorted(range(len(groups)), key=lambda n: (spans[n][0], -spans[n][1]))
    return [
        groups[n] | {"depth": sum(s <= spans[n][0] and spans[n][1] <= e for s, e in spans)}
        for n in order
    ]  # fmt: skip


def delete_group(work: Work, asked: Json) -> Json:
    """deleteDimensionGroup: the deepest group of just this range."""
    sheet, kind, start, end = _groups(work, asked.get("range"))
    old: list[Json] = getattr(sheet, kind)
    same = [each for each in old if (each["range"]["startIndex"], each["range"]["endIndex"]) == (start, end)]
    if not same:
        raise bad("Invalid value: there is no group of this range")
    setattr(sheet, kind, _deep([each for each in old if each is not same[-1]]))
    rest = getattr(sheet, kind)
    return {"deleteDimensionGroup": {"dimensionGroups": rest} if rest else {}}


def update_group(work: Work, asked: Json) -> Json:
    """updateDimensionGroup: collapsed or not."""
    told = asked.get("dimensionGroup") or {}
    sheet, kind, start, end = _groups(work, told.get("range"))
    mask = needed_mask(asked, "@DimensionGroup")
    groups: list[Json] = getattr(sheet, kind)
    for at, each in enumerate(groups):
        span = each["range"]["startIndex"], each["range"]["endIndex"]
        if span == (start, end) and each["depth"] == int(told.get("depth") or 1):
            changed = update(each, told, {name: below for name, below in mask.items() if name == "collapsed"})
            setattr(sheet, kind, [*groups[:at], changed, *groups[at + 1 :]])
            return {}
    raise bad("Invalid value: there is no group of this range and depth")
