"""One shop with everything outside in memory."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from sync_engine.execute import Outside
from sync_engine.gather import Request
from sync_engine.journal.journal import Journal
from sync_engine.plan.rows import Row
from sync_engine.shop import Report, tick
from sync_engine.state import Shop
from tests.engine.sheet import TestSheet
from tests.engine.world import FakeCarrier, FakeTmall, World
from workbook_templates.schema import Lang


@dataclass
class Rig:
    """A shop, its world and its sheet; the journal can be lost, the process can be restarted."""

    world: World = field(default_factory=World)
    sheet: TestSheet = field(default_factory=TestSheet)
    path: Path | None = None
    printed: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)
    connect: object = None
    journal: Journal | None = None
    desk: str = ""

    def __post_init__(self) -> None:
        self.carrier = FakeCarrier(self.world)
        if not self.sheet.tables["freight"]:
            self.add_rates()
        self.start()

    def add_rates(self) -> None:
        self.sheet.add(
            "freight",
            rate_id="F001",
            courier="ZTO",
            provinces="其他",
            first_price=__import__("decimal").Decimal("3.00"),
        )

    def start(self) -> None:
        """(Re)start the engine on the journal it has."""
        if self.journal is not None:
            self.journal.close()  # a dead process holds no lock
        more = {"connect": self.connect} if self.connect else {}
        self.journal = Journal(self.path, self.world.clock.now(), **more)  # type: ignore[arg-type]
        self.shop = Shop(
            name="测试店", lang=Lang.ZH, journal=self.journal, store=self.sheet,
            outside=Outside(tmall=FakeTmall(self.world), carrier=self.carrier, clock=self.world.clock),
            clock=self.world.clock, print_labels=self._print, backup=lambda why: None,
            desk=self.desk,
        )  # fmt: skip

    def lose_journal(self) -> None:
        """Delete the journal and restart."""
        if self.journal is not None:
            self.journal.close()
        if self.path:
            for name in (self.path, Path(f"{self.path}-wal"), Path(f"{self.path}-shm")):
                name.unlink(missing_ok=True)
        self.start()

    def _print(self, batch: str, parcels: object, policy: object) -> None:
        self.world.before("print")
        self.printed.append((batch, tuple(package.package_id for _, package in parcels)))  # type: ignore[attr-defined]
        self.world.after("print")

    def tick(self, minutes: float = 5, **request: object) -> Report:
        """Let time pass and tick once."""
        self.world.clock.sleep(minutes * 60)
        return tick(self.shop, Request(**request))  # type: ignore[arg-type]

    def settle(self, most: int = 12) -> None:
        """Tick until nothing happens any more."""
        for _ in range(most):
            if self.tick(10).idle:
                return
        raise AssertionError("never became quiet")

    def row(self, table: str, key: str) -> Row:
        return self.sheet.row(table, key)

    def stages(self) -> dict[str, object]:
        return {str(row["tid"]): row["stage"] for row in self.sheet.tables["orders"]}
