"""Every function of the shop's arithmetic, in one tuple."""

from __future__ import annotations

from formulas.declare import Argument, Function
from formulas.freight import charged_kg, volumetric_kg
from formulas.stock import on_hand, sellable

_FREIGHT_RULES = "freight tables of Chinese couriers: the larger of actual and volumetric weight is charged"
_STOCK_RULES = "stock definitions of Chinese order systems: 在库, 占用, 安全库存, 可卖"

FUNCTIONS: tuple[Function, ...] = (
    Function(
        name="VOLUMEKG", zh="体积重", en="Volumetric weight", unit="kg", source=_FREIGHT_RULES, run=volumetric_kg,
        arguments=(
            Argument(name="volume_cm3", zh="体积", en="volume", unit="cm³"),
            Argument(name="ratio", zh="抛比", en="volume ratio"),
        ),
    ),
    Function(
        name="CHARGEDKG", zh="计费重量", en="Charged weight", unit="kg", source=_FREIGHT_RULES, run=charged_kg,
        arguments=(
            Argument(name="weight_kg", zh="实重", en="actual weight", unit="kg"),
            Argument(name="volume_kg", zh="体积重", en="volumetric weight", unit="kg"),
        ),
    ),
    Function(
        name="ONHAND", zh="在库", en="On hand", unit="件", source=_STOCK_RULES, run=on_hand,
        arguments=(
            Argument(name="counted", zh="盘点数", en="counted", unit="件"),
            Argument(name="shipped", zh="盘点后发出", en="shipped since", unit="件"),
            Argument(name="returned", zh="盘点后退回", en="returned since", unit="件"),
        ),
    ),
    Function(
        name="SELLABLE", zh="可卖", en="Sellable", unit="件", source=_STOCK_RULES, run=sellable,
        arguments=(
            Argument(name="there", zh="在库", en="on hand", unit="件"),
            Argument(name="reserved", zh="待发占用", en="reserved", unit="件"),
            Argument(name="safety", zh="安全库存", en="safety stock", unit="件"),
        ),
    ),
)  # fmt: skip
