"""What the lines of orders are made of: as it was kept, else as the bundles say now."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping

from sync_engine.journal.journal import Journal
from sync_engine.parcel import Package
from sync_engine.plan.bundling import Bundles, Parts, line_parts
from sync_engine.trade import Line, Trade
from sync_engine.view import View
from workbook_templates.tables import LINES


class PartsFinder:
    """Looks parts up for the orders of one plan."""

    def __init__(self, journal: Journal, view: View, bundles: Bundles, tids: Iterable[str]) -> None:
        self._journal, self._view, self._bundles = journal, view, bundles
        self._kept = journal.mirror.parts_of(tids)
        self._picked: Counter[str] = Counter()

    def of(self, trade: Trade, packages: Collection[Package]) -> dict[str, Parts]:
        """The parts of each line that is a bundle, by oid."""
        gone = {oid for package in packages if package.state == "shipped" for oid in package.oids}
        found = {}
        for line in trade.lines:
            parts = self._line(line, line.was_shipped or line.oid in gone)
            if parts:
                found[line.oid] = parts
        return found

    def _line(self, line: Line, left: bool) -> Mapping[str, int]:
        row = self._view.cells(LINES.name, line.oid)
        kept = self._kept.get(line.oid) or str((row or {}).get("parts") or "")
        if not kept and not self._bundles.by_code:
            return {}
        known = self._journal.mirror.sku(line.sku_key)
        code = known.stock_code if known else (line.outer_id or line.sku_key)
        chosen = str((row or {}).get("pick") or "").strip()
        parts = line_parts(code, kept, row is not None, left, self._bundles, chosen, self._roomiest)
        if not kept:
            self._picked.update({part: times * line.num for part, times in parts.items()})
        return parts

    def _roomiest(self, codes: Collection[str]) -> str:
        """Of these the one with the most pieces that are neither sold nor on show by themselves."""
        mirror, moves = self._journal.mirror, self._journal.moves

        def room(code: str) -> tuple[int, str]:
            there = sum(balance.on_hand for balance in moves.balances(code).values())
            shown = sum(known.sku.quantity for known in mirror.skus_of_code(code))
            return there - mirror.reserved(code) - self._picked[code] - shown, code

        return max(codes, key=room)
