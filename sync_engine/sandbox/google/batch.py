"""spreadsheets.batchUpdate: every request in order on one draft; one that fails undoes them all."""

from __future__ import annotations

from collections.abc import Callable

from sync_engine.sandbox.google import (
    cell_requests,
    metadata,
    object_requests,
    sheet_requests,
    sorting,
    tables,
)
from sync_engine.sandbox.google.refusal import Json, Refusal, bad, not_ours
from sync_engine.sandbox.google.render import without_sheet_0
from sync_engine.sandbox.google.work import Work

Request = Callable[[Work, Json], Json]
REQUESTS: dict[str, Request] = {
    "addBanding": object_requests.add_band,
    "addChart": object_requests.add_chart,
    "addConditionalFormatRule": object_requests.add_rule,
    "addDimensionGroup": object_requests.add_group,
    "addFilterView": object_requests.add_view,
    "addNamedRange": object_requests.add_named,
    "addProtectedRange": object_requests.add_protected,
    "addSheet": sheet_requests.add_sheet,
    "addTable": tables.add,
    "appendCells": cell_requests.append_cells,
    "appendDimension": sheet_requests.append_dimension,
    "autoResizeDimensions": sheet_requests.auto_resize,
    "clearBasicFilter": object_requests.clear_filter,
    "copyPaste": cell_requests.copy_paste,
    "createDeveloperMetadata": metadata.create,
    "cutPaste": cell_requests.cut_paste,
    "deleteBanding": object_requests.delete_band,
    "deleteConditionalFormatRule": object_requests.delete_rule,
    "deleteDeveloperMetadata": metadata.delete,
    "deleteDimension": sheet_requests.delete_dimension,
    "deleteDimensionGroup": object_requests.delete_group,
    "deleteDuplicates": sorting.delete_duplicates,
    "deleteEmbeddedObject": object_requests.delete_chart,
    "deleteFilterView": object_requests.delete_view,
    "deleteNamedRange": object_requests.delete_named,
    "deleteProtectedRange": object_requests.delete_protected,
    "deleteRange": sheet_requests.delete_range,
    "deleteSheet": sheet_requests.delete_sheet,
    "deleteTable": tables.delete,
    "duplicateFilterView": object_requests.copy_view,
    "duplicateSheet": sheet_requests.duplicate_sheet,
    "findReplace": cell_requests.find_replace,
    "insertDimension": sheet_requests.insert_dimension,
    "insertRange": sheet_requests.insert_range,
    "mergeCells": object_requests.merge_cells,
    "moveDimension": sheet_requests.move_dimension,
    "repeatCell": cell_requests.repeat_cell,
    "setBasicFilter": object_requests.set_filter,
    "setDataValidation": cell_requests.set_validation,
    "sortRange": sorting.sort_range,
    "trimWhitespace": cell_requests.trim_whitespace,
    "unmergeCells": object_requests.unmerge_cells,
    "updateBanding": object_requests.update_band,
    "updateBorders": cell_requests.update_borders,
    "updateCells": cell_requests.update_cells,
    "updateChartSpec": object_requests.update_chart,
    "updateConditionalFormatRule": object_requests.update_rule,
    "updateDeveloperMetadata": metadata.change,
    "updateDimensionGroup": object_requests.update_group,
    "updateDimensionProperties": sheet_requests.update_dimension,
    "updateEmbeddedObjectPosition": object_requests.move_chart,
    "updateFilterView": object_requests.update_view,
    "updateNamedRange": object_requests.update_named,
    "updateProtectedRange": object_requests.update_protected,
    "updateSheetProperties": sheet_requests.update_sheet,
    "updateSpreadsheetProperties": sheet_requests.update_spreadsheet,
    "updateTable": tables.change,
}


def run(work: Work, requests: list[Json]) -> list[Json]:
    """Carry out the requests; their replies."""
    if not requests:
        raise bad("Must specify at least one request.")
    return [_one(work, at, request) for at, request in enumerate(requests)]


def _one(work: Work, at: int, request: Json) -> Json:
    given = [name for name, body in request.items() if body is not None]
    if len(given) != 1:
        raise bad(f"Invalid requests[{at}]: exactly one kind of request must be set")
    kind = given[0]
    if kind not in REQUESTS:
        raise not_ours(f"batchUpdate {kind}")
    try:
        reply = REQUESTS[kind](work, request[kind])
    except Refusal as refusal:
        if refusal.code != 400:
            raise
        raise Refusal(400, f"Invalid requests[{at}].{kind}: {refusal.message}", refusal.details) from None
    shown: Json = without_sheet_0(reply, "@Response")
    return shown
