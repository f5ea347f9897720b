"""Two hours of a small warehouse, lived through: real engine, real workbook, the sandbox as Tmall and couriers, three people.

What docs/warehouse-story.zh-CN.md tells happens here; every step asserts what the story says of it.
"""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import zip_longest
from pathlib import Path
from typing import Any

import openpyxl

from bench.rush_shop import opened
from docs.warehouse_world import CHANCE, DAY, GOODS, SUNDAY, WISHES, at_night, create_morning, rules
from sync_engine.clock import VirtualClock, format_time
from sync_engine.gather import Request
from sync_engine.sandbox.faults import Faults, Switches
from sync_engine.sandbox.staff import Desk
from sync_engine.shop import tick
from sync_engine.trail import Event, history_of
from workbook_templates.schema import Lang

WAVES, SHIPS = "W20261112", "taobao.logistics.offline.send"
CHEN, ZHOU, MIN = "小陈", "老周", "阿敏"


@dataclass
class Morning:
    """The shop, its people, and the workbook at some moments."""

    folder: Path
    tids: dict[str, str] = field(default_factory=dict)  # by the wish's name
    moments: dict[str, Path] = field(default_factory=dict)
    history: list[Event] = field(default_factory=list)
    typist: str = CHEN

    def __post_init__(self) -> None:
        self.clock = VirtualClock(SUNDAY)
        self.config, self.sandbox, shop = opened(
            self.folder / "shop", rules(), self.clock, CHANCE, lambda room: create_morning(room, self.tids)
        )
        self.sandbox.set_faults(Faults(switches=Switches(trace_trouble=0.35)))
        self.shop = replace(shop, saver=lambda: self.typist)

    def at(self, moment: datetime, *, waves: bool = False) -> None:
        """It is so late; the workbook is synced until nothing is left to do."""
        self.clock.advance_to(moment)
        asked = Request(waves=True, print_now=True) if waves else Request()
        for _ in range(6):
            report = tick(self.shop, asked)
            assert not report.troubles, report.troubles
            asked = Request()
            if report.idle:
                return
            self.clock.sleep(20)
        raise AssertionError("never became quiet")

    def keep(self, moment: str) -> None:
        """Remember the workbook as it is."""
        self.moments[moment] = self.folder / f"{moment}.xlsx"
        shutil.copy(self.config.workbook, self.moments[moment])

    def rows(self, sheet: str, **where: str) -> list[dict[str, Any]]:
        """Rows of a sheet as dictionaries by heading, those whose cells are as given."""
        book = openpyxl.load_workbook(self.config.workbook, read_only=True)
        book[sheet].reset_dimensions()  # hands that add rows do not tell how many there are
        heads, *rows = book[sheet].iter_rows(values_only=True)
        book.close()
        found = [dict(zip_longest(heads, row)) for row in rows if any(row)]
        return [one for one in found if all(str(one[name]) == value for name, value in where.items())]

    def order(self, name: str) -> dict[str, Any]:
        """The row of an order in 订单."""
        return self.rows("订单", 订单编号=self.tids[name])[0]

    def parcels(self, name: str) -> list[dict[str, Any]]:
        """The rows of an order in 运单."""
        return self.rows("运单", 订单编号=self.tids[name])

    def code(self, name: str) -> str:
        """The number on an order's first label."""
        return str(self.parcels(name)[0]["运单号"])

    def told(self) -> set[str]:
        """Orders Tmall was told on Thursday that they left, by the sandbox's own log."""
        text = (self.config.room("sandbox") / "log.jsonl").read_text("utf-8")
        calls = [json.loads(line) for line in text.splitlines() if SHIPS in line]
        done = [str(one["params"]["tid"]) for one in calls if one["ok"] and one["at"] >= format_time(DAY)]
        assert not [
            tid for tid, times in Counter(done).items() if times > (2 if tid == self.tids["split"] else 1)
        ]
        return set(done)

    def type(self, who: str, sheet: str, head: str, key: str, **cells: str | int) -> None:
        """Somebody types into a row: the one whose `head` shows `key`."""
        self.typist, desk = who, Desk(self.config.workbook, sheet)
        row = desk.find(head, key)
        for name, value in cells.items():
            desk.type(row, name, value)
        desk.save()

    def add(self, who: str, sheet: str, *rows: Mapping[str, str | int]) -> None:
        """Somebody fills rows below the last one."""
        self.typist = who
        for cells in rows:
            desk = Desk(self.config.workbook, sheet)
            at = max(desk.rows(), default=1) + 1
            desk.insert_blank_row(at)
            for name, value in cells.items():
                desk.type(at, name, value)
            desk.save()

    def close(self) -> None:
        """Let go of all files."""
        self.shop.journal.close()
        self.sandbox.stop()


def scanned(code: str, *goods: str, weight: str) -> dict[str, str | int]:
    """A row of 验货 as the scanner and the scale fill it."""
    cells = {f"扫描{n}": GOODS[one][2] for n, one in enumerate(goods, 1)}
    return {"运单号": code, **cells, "称重(kg)": weight, "验货人": MIN}


def sunday(shop: Morning) -> None:
    """Weights, bins and barcodes; three parcels leave on Sunday, and what becomes of them until Wednesday evening."""
    shop.at(SUNDAY)
    desk = Desk(shop.config.workbook, "商品")
    for row in desk.rows():
        grams, place, barcode = GOODS[desk.see(row, "商家编码")]
        desk.type(row, "重量(g)", grams)
        desk.type(row, "货位", place)
        desk.type(row, "条码", barcode)
    desk.save()
    for minutes in (45, 60):
        shop.at(SUNDAY + timedelta(minutes=minutes), waves=minutes == 60)
    shop.add(
        MIN, "验货", scanned(shop.code("stuck"), "BM-TX001-OA-S", weight="0.37"),
        scanned(shop.code("back"), "BM-BW006-GY-350", weight="0.53"), scanned(shop.code("arrived"), "BM-SK009-OA", weight="0.25"),
    )  # fmt: skip
    shop.at(SUNDAY + timedelta(minutes=110))
    for moment in (
        DAY - timedelta(hours=62),
        DAY - timedelta(hours=38),
        DAY - timedelta(hours=28),
        DAY - timedelta(hours=6),
    ):
        shop.at(moment)


def holds(row: Mapping[str, Any], **wanted: object) -> None:
    """A row of a sheet shows what the story says of it; what is wanted may be a part of a text."""
    for name, want in wanted.items():
        found = row[name]
        assert found == want or (isinstance(want, str) and want and want in str(found)), (name, want, row)


def eight(shop: Morning) -> None:
    """What the night brought, at the first sync; then Chen looks at what is left to people."""
    shop.at(at_night(8, 0))
    shop.keep("eight")
    states = Counter(
        one["处理状态"] for one in shop.rows("订单") if one["付款时间"] > at_night(-4, 0).replace(tzinfo=None)
    )
    assert states == {"待打印": 10, "暂停": 1, "待人工": 1, "已关闭": 1, "待取单号": 1}, states
    one, two = shop.tids["pair one"], shop.tids["pair two"]
    holds(shop.order("pair one"), 审单="合", 合单=f"与 {two} 合一个包裹 {one}-1:同一收货人(OAID 相同)")
    assert shop.code("pair one") == shop.code("pair two")
    holds(shop.order("split"), 审单="拆", 审单说明="拆单规则“猫砂单独装”(S001,单独装):分成 2 个包裹")
    assert [row["装什么"] for row in shop.parcels("split")] == ["BM-MS010×1", "BM-BB008-MT×1"]
    holds(shop.order("gift"), 赠品="BM-WZ007-RD×1", 赠品说明="商品金额 328.50 → 送 BM-WZ007-RD×1")
    holds(
        shop.order("west"),
        审单="规",
        需要注意="规则“西北等天气”(A101):省“新疆维吾尔自治区” → 扣留",
        运单号=None,
    )
    holds(
        shop.order("large"),
        处理状态="待人工",
        审单说明="规则“400 元以上先看”(A102):400.00≤金额 472.90 → 转人工",
    )
    holds(shop.order("gone"), 处理状态="已关闭", 退款状态="退款成功", 运单号=None)
    holds(shop.order("fresh"), 处理状态="待取单号", 需要注意="11-12 08:07 起取单号")
    holds(shop.order("express"), 快递="顺丰", 选快递的理由="规则“备注写了顺丰”(R002)→顺丰", 审单="备")
    holds(
        shop.order("plain"),
        快递="中通",
        选快递的理由="规则“江浙沪走中通”(R101)→中通;计费 0.36kg,运费 3.10 元",
    )
    holds(shop.order("medium"), 快递="极兔", 选快递的理由="运费表里最便宜:极兔;计费 0.37kg,运费 2.85 元")
    shop.at(at_night(8, 10))
    shop.type(CHEN, "订单", "订单编号", shop.tids["large"], 审核通过="✓", 店内备注="问过买家,要的是 1.5 米床")
    shop.at(at_night(8, 12))
    for name in ("large", "fresh"):
        holds(shop.order(name), 处理状态="待打印")


def waves(shop: Morning) -> None:
    """Zhou makes waves, and takes them."""
    shop.at(at_night(8, 20), waves=True)
    made = [row for row in shop.rows("波次") if str(row["波次"]).startswith(WAVES)]
    for row in made:
        shop.type(ZHOU, "波次", "波次", str(row["波次"]), 拣货人=ZHOU)
    shop.at(at_night(8, 22))
    shop.keep("waves")
    told = [(row["类型"], row["快递"], row["包裹数"], row["件数"]) for row in made]
    assert told == [
        ("单品单件", "极兔", 7, 7), ("多品", "极兔", 2, 5), ("单品单件", "顺丰", 1, 1), ("单品单件", "中通", 1, 1), ("单品多件", "中通", 1, 2),
    ], told  # fmt: skip
    parcels = {row["运单号"] for row in shop.rows("运单", 状态="已打印")}
    assert len(parcels) == sum(row["包裹数"] for row in made) == 12, parcels
    assert all((shop.config.room("waves") / f"{row['波次']}.pdf").is_file() for row in made)


def packing(shop: Morning) -> None:
    """Min scans and weighs; three parcels are stopped, two of them she puts right."""
    shop.add(
        MIN, "验货",
        scanned(shop.code("plain"), "BM-TX001-OA-S", weight="0.37"),
        scanned(shop.code("mixed up"), "BM-TX001-OA-M", weight="0.38"),
        scanned(shop.code("medium"), "BM-TX001-OA-M", weight="0.38"),
        scanned(shop.code("two pieces"), "BM-SK009-OA", "BM-SK009-OA", weight="0.26"),
        scanned(shop.code("fresh"), "BM-SK009-OA", weight="0.25"),
        scanned(shop.code("pair one"), "BM-BB008-BK", "BM-TX001-OA-M", weight="0.77"),
        scanned(shop.code("gift"), "BM-BW006-GY-350", "BM-JG011", "BM-WZ007-RD", weight="2.27"),
        scanned(str(shop.parcels("split")[0]["运单号"]), "BM-MS010", weight="10.34"),
        scanned(str(shop.parcels("split")[1]["运单号"]), "BM-BB008-MT", weight="0.49"),
        scanned(shop.code("large"), "BM-SJ005-RD-1.5", weight="2.74"),
        scanned(shop.code("express"), "BM-JG011", weight="1.63"),
        scanned(shop.code("last moment"), "BM-BW006-GY-350", weight="0.53"),
    )  # fmt: skip
    shop.at(at_night(9, 5))
    shop.keep("alarms")
    results = {name: checked(shop, name) for name in ("mixed up", "two pieces", "last moment")}
    assert [row["结果"] for row in results.values()] == ["不对", "重量不对", "停!别发"], results
    assert Counter(row["结果"] for row in shop.rows("验货"))["已验"] == 3 + 9
    told = shop.told()
    assert len(told) == 9, told  # of nine parcels: one is of two orders, two are of one
    assert not told & {shop.tids[name] for name in results}
    shop.type(MIN, "验货", "运单号", shop.code("mixed up"), 扫描1=GOODS["BM-TX001-OA-S"][2])
    shop.type(MIN, "验货", "运单号", shop.code("two pieces"), **{"称重(kg)": "0.41"})
    shop.at(at_night(9, 12))
    shop.keep("mended")
    assert {shop.tids["mixed up"], shop.tids["two pieces"]} == shop.told() - told


def checked(shop: Morning, name: str) -> dict[str, Any]:
    """An order's row of 验货."""
    return shop.rows("验货", 运单号=shop.code(name))[0]


def stopped(shop: Morning) -> None:
    """The refund of the last moment is granted, and the waybill given back."""
    code = shop.code("last moment")
    shop.at(at_night(9, 20))
    shop.keep("stopped")
    (refund,) = shop.rows("售后", 订单编号=shop.tids["last moment"])
    holds(
        refund,
        退款状态="退款成功",
        包裹怎样=f"{code} 已作废",
        库存怎样="没出库,占用已放开",
        钱怎样="已退 145.00 元",
    )
    holds(shop.order("last moment"), 处理状态="已关闭")
    assert shop.tids["last moment"] not in shop.told()
    assert [row["波次"] for row in shop.rows("波次") if code in str(row["需要注意"])] == [f"{WAVES}-082000-1"]


def own_order(shop: Morning) -> None:
    """Chen types two orders that did not come from Tmall."""
    shop.add(
        CHEN, "手工订单",
        {"收货人": "周晓芸", "电话": "13800138000", "地址": "浙江省杭州市西湖区文三路168号2幢501室", "商品": "BM-JG011×2", "金额": 380,
         "可以发": "✓", "付款方式": "微信", "备注": "老客户"},
        {"收货人": "何建平", "电话": "13800138001", "地址": "朝阳区建设路12号", "商品": "BM-BB008-BK×1", "金额": 136, "可以发": "✓",
         "付款方式": "微信"},
    )  # fmt: skip
    shop.at(at_night(9, 30))
    shop.keep("own")
    taken, unsure = shop.rows("手工订单")
    holds(taken, 状态="已接单", 省="浙江省", 市="杭州市", 区="西湖区")
    holds(unsure, 状态="要人看", 需要注意="地址看不出省市区或详细地址")
    assert not shop.rows("订单", 订单编号=str(unsure["订单编号"]))


def returned(shop: Morning) -> None:
    """Zhou scans two parcels that came back; of one nobody knows."""
    (refund,) = shop.rows("售后", 订单编号=shop.tids["back"])
    holds(refund, 怎么办="退货在途")
    shop.add(
        ZHOU, "退货登记",
        {"扫码": str(refund["退货运单号"]), "良品数": 1, "备注": "外盒完好"}, {"扫码": "SF1234567890123", "良品数": 1},
    )  # fmt: skip
    shop.at(at_night(9, 45))
    shop.keep("returned")
    known, unknown = shop.rows("退货登记")
    holds(known, 状态="已登记", 订单编号=shop.tids["back"], 退款编号=refund["退款编号"])
    holds(unknown, 状态="没有登记", 订单编号=None)
    (refund,) = shop.rows("售后", 订单编号=shop.tids["back"])
    holds(refund, 怎么办="货已收到:到千牛确认收货并退款", 收到良品=1)


def ten(shop: Morning) -> None:
    """What is left at ten."""
    shop.at(at_night(10, 0))
    shop.keep("ten")
    holds(shop.parcels("stuck")[0], 物流="运输中", 物流提醒="起没有新轨迹。让快递查件")
    assert not shop.parcels("back")[0]["物流提醒"] and not shop.parcels("arrived")[0]["物流提醒"]
    open_ones = shop.rows("待处理", 状态="待处理")
    assert [row["哪一行"] for row in open_ones if row["表"] == "运单"] == [f"{shop.tids['stuck']}-1"], (
        open_ones
    )
    assert len(open_ones) == 4, open_ones
    night = [shop.tids[wish.name] for wish in WISHES[3:]]
    left = Counter(row["处理状态"] for row in shop.rows("订单") if row["订单编号"] in night)
    assert left == {"已发货": 11, "已关闭": 2, "暂停": 1}, left
    assert len(shop.told()) == 11
    assert len({row["运单号"] for row in shop.rows("运单", 状态="已发货") if row["订单编号"] in night}) == 11
    shop.history = history_of(shop.shop.journal, shop.tids["large"], Lang.ZH)
    assert any(one.who == CHEN and "审核通过: 空 → ✓" in one.what for one in shop.history)


def live(folder: Path) -> Morning:
    """From Sunday's parcels to ten o'clock on Thursday; the files are closed."""
    shop = Morning(folder)
    try:
        for part in (sunday, eight, waves, packing, stopped, own_order, returned, ten):
            part(shop)
    finally:
        shop.close()
    return shop
