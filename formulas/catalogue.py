"""Every function of the shop's arithmetic, in one tuple: what cells, add-ins, help and docs are made from."""

from __future__ import annotations

from formulas import bookkeeping, queries
from formulas.customers import rfm
from formulas.declare import Argument, Function, Gives, Takes
from formulas.freight import charged_kg, volumetric_kg
from formulas.parcels import parcels
from formulas.planning import days_of_stock, reorder_point, safety_stock
from formulas.stock import on_hand, sellable
from formulas.tax import vat

_FREIGHT = "freight tables of Chinese couriers: the larger of actual and volumetric weight is charged"
_STOCK = "stock definitions of Chinese order systems: 在库, 占用, 安全库存, 可卖"
_SHEET = "the shop's workbook as last synced or saved"
_BOOKS = "科目汇总, 凭证 and 支付宝账单, also months that were archived"
_FORECAST = "预计日均 of 补货建议: the method that did best in a rolling back-test on the shop's own sales, and its campaigns"
_PLANNING = "σ_L = sqrt(L·σ_d² + d²·σ_L²), safety stock = z·σ_L, reorder point = d·L + safety stock"
_VAT = "VAT act in force since 2026-01-01; small-scale 1 % until 2027-12-31"
_RFM = "quintiles 1 to 5 of recency, frequency and money"

_CODE = Argument(name="code", zh="商家编码", en="merchant code", takes=Takes.TEXT)
_TID = Argument(name="tid", zh="订单编号", en="order number", takes=Takes.TEXT)
_START = Argument(name="start", zh="开始日期", en="from", takes=Takes.DATE)
_END = Argument(name="end", zh="结束日期(含)", en="to, inclusive", takes=Takes.DATE)
_SHOP = Argument(name="shop", zh="店铺", en="shop", takes=Takes.TEXT, optional=True)

_BY = Argument(
    name="by",
    zh="编码是什么(商家编码、商品、分组、类目、店铺)",
    en="what the code is: SKU, item, group, category, shop",
    takes=Takes.TEXT,
    optional=True,
)
_PLACE = Argument(
    name="warehouse", zh="仓库(不填为全部)", en="warehouse, else all", takes=Takes.TEXT, optional=True
)

FUNCTIONS: tuple[Function, ...] = (
    Function(
        name="STOCK", zh="在库件数", en="Pieces on hand", unit="件", source=_SHEET, run=queries.stock, query=True,
        arguments=(_CODE,), example='=ERP.STOCK("BM-001-BK")',
    ),
    Function(
        name="AVAILABLE", zh="可卖件数", en="Pieces that may be sold", unit="件", source=_SHEET, run=queries.available,
        query=True, arguments=(_CODE, _SHOP), example='=ERP.AVAILABLE("BM-001-BK")',
    ),
    Function(
        name="RESERVED", zh="待发占用件数", en="Pieces paid for and not shipped", unit="件", source=_SHEET,
        run=queries.reserved, query=True, arguments=(_CODE,), example='=ERP.RESERVED("BM-001-BK")',
    ),
    Function(
        name="FORECAST", zh="预计卖出件数", en="Pieces expected to sell", unit="件", source=_FORECAST, run=queries.forecast, query=True,
        arguments=(
            _CODE, Argument(name="days", zh="接下来几天(不填 28)", en="the coming days, else 28", unit="天", takes=Takes.COUNT, optional=True),
        ),
        example='=ERP.FORECAST("BM-001-BK",28)',
    ),
    Function(
        name="REORDER", zh="建议订货件数", en="Pieces suggested to order", unit="件", source=_SHEET, run=queries.reorder,
        query=True, arguments=(_CODE,), example='=ERP.REORDER("BM-001-BK")',
    ),
    Function(
        name="SALES", zh="一段时间的销售", en="Sales of a period", unit="元 / 件", source=_SHEET, run=queries.sales, query=True,
        arguments=(
            Argument(name="measure", zh="金额、件数或订单数", en="amount, units or orders", takes=Takes.TEXT),
            _START, _END, Argument(name="code", zh="商家编码", en="merchant code", takes=Takes.TEXT, optional=True), _SHOP, _BY,
        ),
        example='=ERP.SALES("金额","2026-11-01","2026-11-30")',
    ),
    Function(
        name="RETURNRATE", zh="退货率", en="Return rate", unit="%", source=_SHEET, run=queries.return_rate, query=True,
        arguments=(_START, _END, Argument(name="code", zh="编码", en="code", takes=Takes.TEXT), _SHOP, _BY),
        example='=ERP.RETURNRATE("2026-11-01","2026-11-30","BM-001-BK")',
    ),
    Function(
        name="COST", zh="现在的单位成本", en="What a piece costs now", unit="元", source=_SHEET, run=queries.unit_cost, query=True,
        arguments=(_CODE, _PLACE), example='=ERP.COST("BM-001-BK")',
    ),
    Function(
        name="INTRANSIT", zh="调拨在途件数", en="Pieces in transit", unit="件", source=_SHEET, run=queries.in_transit, query=True,
        arguments=(_CODE, _PLACE), example='=ERP.INTRANSIT("BM-001-BK")',
    ),
    Function(
        name="TURNOVER", zh="库存周转次数", en="Stock turnover", source="cost of sales ÷ mean of opening and closing stock value", run=queries.turnover, query=True,
        arguments=(_CODE, _START, _END), example='=ERP.TURNOVER("BM-001-BK","2026-11-01","2026-11-30")',
    ),
    Function(
        name="ORDERS", zh="一段时间下的订单数", en="Orders placed in a period", unit="单", source=_SHEET, run=queries.orders,
        query=True,
        arguments=(_START, _END, Argument(name="stage", zh="处理状态", en="stage", takes=Takes.TEXT, optional=True), _SHOP),
        example='=ERP.ORDERS("2026-11-11","2026-11-11","待发货")',
    ),
    Function(
        name="ORDERSTATUS", zh="订单的处理状态", en="Stage of an order", source=_SHEET, run=queries.order_status, query=True,
        arguments=(_TID,), example="=ERP.ORDERSTATUS(A2)",
    ),
    Function(
        name="WAYBILL", zh="订单的运单号", en="Waybill numbers of an order", source=_SHEET, run=queries.waybill, query=True,
        arguments=(_TID,), example="=ERP.WAYBILL(A2)",
    ),
    Function(
        name="WAYBILLSTATE", zh="运单到哪一步了", en="How far a waybill's parcel is", source=_SHEET, run=queries.waybill_state,
        query=True, arguments=(Argument(name="waybill_code", zh="运单号", en="waybill number", takes=Takes.TEXT),),
        example='=ERP.WAYBILLSTATE("JT0000000000001")',
    ),
    Function(
        name="COURIER", zh="订单用哪家快递、为什么", en="Courier of an order, and why", source=_SHEET, run=queries.courier,
        query=True, gives=Gives.TABLE, arguments=(_TID,), example="=ERP.COURIER(A2)",
    ),
    Function(
        name="FREIGHT", zh="按运费表算运费", en="Freight by the freight table", unit="元", source=_FREIGHT, run=queries.freight,
        query=True,
        arguments=(
            Argument(name="province", zh="省", en="province", takes=Takes.TEXT),
            Argument(name="weight_kg", zh="重量", en="weight", unit="kg"),
            Argument(name="courier", zh="快递(不填取最便宜)", en="courier, else the cheapest", takes=Takes.TEXT, optional=True),
            Argument(name="city", zh="市", en="city", takes=Takes.TEXT, optional=True),
            Argument(name="warehouse", zh="发货仓库(不填为第一个)", en="warehouse, else the first", takes=Takes.TEXT, optional=True),
        ),
        example='=ERP.FREIGHT("广东",2.3,"中通")',
    ),
    Function(
        name="PARCELS", zh="一段时间发出的包裹:快慢、问题、运费", en="Parcels sent in a period: speed, trouble, freight", source=_SHEET, run=parcels,
        query=True,
        arguments=(
            Argument(name="measure", zh="包裹数、揽收小时、签收天数、问题率、每件运费等", en="parcels, pick-up hours, days to signed, trouble rate, freight per parcel and so on", takes=Takes.TEXT),
            _START, _END,
            Argument(name="courier", zh="快递(不填为全部)", en="courier, else all", takes=Takes.TEXT, optional=True),
            Argument(name="province", zh="省(不填为全部)", en="province, else all", takes=Takes.TEXT, optional=True),
        ),
        example='=ERP.PARCELS("签收天数","2026-11-01","2026-11-30","中通")',
    ),
    Function(
        name="ACCOUNT", zh="科目的余额或发生额", en="Balance of an account, or what was posted to it in a month", unit="元", source=_BOOKS, run=bookkeeping.account,
        query=True,
        arguments=(
            Argument(name="account", zh="科目编码(上级科目为下级合计)", en="account code; one with others below it is their sum", takes=Takes.TEXT),
            Argument(name="month", zh="月份,如 2026-11", en="month, such as 2026-11", takes=Takes.MONTH),
            Argument(name="figure", zh="期末余额(不填)、期初余额、借方、贷方;余额为借减贷", en="closing balance (if left out), opening balance, debit, credit; balances are debit less credit", takes=Takes.TEXT, optional=True),
        ),
        example='=ERP.ACCOUNT("1012.01","2026-11")',
    ),
    Function(
        name="VOUCHER", zh="凭证的每一行:日期、科目编码、科目名称、摘要、借方、贷方;已归档的也能查", en="Rows of a voucher: date, account, its name, memo, debit, credit; archived ones too",
        source=_BOOKS, run=bookkeeping.voucher, query=True, gives=Gives.TABLE,
        arguments=(Argument(name="voucher", zh="凭证号", en="voucher", takes=Takes.TEXT),), example='=ERP.VOUCHER("202611-0001")',
    ),
    Function(
        name="BILLED", zh="订单的支付宝账单行:时间、归类、收入、支出、账务流水号;已归档的也能查", en="Bill rows of an order: time, item, income, outgo, booking number; archived ones too",
        source=_BOOKS, run=bookkeeping.billed, query=True, gives=Gives.TABLE, arguments=(_TID,), example="=ERP.BILLED(A2)",
    ),
    Function(
        name="ASOF", zh="数据截至", en="How fresh the answers are", unit="time", source=_SHEET, run=queries.as_of, query=True,
        arguments=(), example="=ERP.ASOF()",
    ),
    Function(
        name="VOLUMEKG", zh="体积重", en="Volumetric weight", unit="kg", source=_FREIGHT, run=volumetric_kg,
        arguments=(
            Argument(name="volume_cm3", zh="体积", en="volume", unit="cm³"),
            Argument(name="ratio", zh="抛比", en="volume ratio"),
        ),
        example="=ERP.VOLUMEKG(30*20*15,8000)",
    ),
    Function(
        name="CHARGEDKG", zh="计费重量", en="Charged weight", unit="kg", source=_FREIGHT, run=charged_kg,
        arguments=(
            Argument(name="weight_kg", zh="实重", en="actual weight", unit="kg"),
            Argument(name="volume_kg", zh="体积重", en="volumetric weight", unit="kg", optional=True),
        ),
        example="=ERP.CHARGEDKG(1.2,1.125)",
    ),
    Function(
        name="ONHAND", zh="按盘点推算的在库", en="On hand worked out from a count", unit="件", source=_STOCK, run=on_hand,
        arguments=(
            Argument(name="counted", zh="盘点数", en="counted", unit="件", takes=Takes.COUNT),
            Argument(name="shipped", zh="盘点后发出", en="shipped since", unit="件", takes=Takes.COUNT),
            Argument(name="returned", zh="盘点后退回", en="returned since", unit="件", takes=Takes.COUNT),
        ),
        example="=ERP.ONHAND(100,12,1)",
    ),
    Function(
        name="SELLABLE", zh="推算的可卖", en="Sellable worked out", unit="件", source=_STOCK, run=sellable,
        arguments=(
            Argument(name="there", zh="在库", en="on hand", unit="件", takes=Takes.COUNT),
            Argument(name="reserved", zh="待发占用", en="reserved", unit="件", takes=Takes.COUNT),
            Argument(name="safety", zh="安全库存", en="safety stock", unit="件", takes=Takes.COUNT),
        ),
        example="=ERP.SELLABLE(89,5,10)",
    ),
    Function(
        name="SAFETYSTOCK", zh="安全库存", en="Safety stock", unit="件", source=_PLANNING, run=safety_stock,
        arguments=(
            Argument(name="daily_deviation", zh="日销量标准差", en="deviation of a day's demand", unit="件"),
            Argument(name="lead_days", zh="交期", en="lead time", unit="天"),
            Argument(name="service", zh="服务水平", en="service level"),
            Argument(name="daily_mean", zh="日均销量", en="daily mean", unit="件", optional=True),
            Argument(name="lead_deviation", zh="交期标准差", en="deviation of the lead time", unit="天", optional=True),
        ),
        example="=ERP.SAFETYSTOCK(6,7,0.95)",
    ),
    Function(
        name="REORDERPOINT", zh="补货点", en="Reorder point", unit="件", source=_PLANNING, run=reorder_point,
        arguments=(
            Argument(name="daily_mean", zh="日均销量", en="daily mean", unit="件"),
            Argument(name="lead_days", zh="交期", en="lead time", unit="天"),
            Argument(name="safety", zh="安全库存", en="safety stock", unit="件"),
        ),
        example="=ERP.REORDERPOINT(12,7,27)",
    ),
    Function(
        name="DAYSOFSTOCK", zh="够卖几天", en="Days the stock lasts", unit="天", source="stock ÷ daily mean", run=days_of_stock,
        arguments=(
            Argument(name="pieces", zh="库存", en="stock", unit="件"),
            Argument(name="daily_mean", zh="日均销量", en="daily mean", unit="件"),
        ),
        example="=ERP.DAYSOFSTOCK(228,12)",
    ),
    Function(
        name="VAT", zh="含税金额里的增值税", en="VAT within an amount", unit="元", source=_VAT, run=vat,
        arguments=(
            Argument(name="gross", zh="含税金额", en="amount with tax", unit="元"),
            Argument(name="payer", zh="纳税人", en="payer", takes=Takes.TEXT),
            Argument(name="at", zh="日期", en="date", takes=Takes.DATE),
            Argument(name="percent", zh="税率(不填按日期)", en="rate, else by date", unit="%", optional=True),
        ),
        example='=ERP.VAT(113,"一般纳税人","2026-11-11")',
    ),
    Function(
        name="RFM", zh="客户 RFM 打分", en="RFM scores of customers", source=_RFM, run=rfm, gives=Gives.TABLE,
        arguments=(
            Argument(name="days", zh="距上次下单天数", en="days since the last order", unit="天", takes=Takes.COLUMN),
            Argument(name="counts", zh="订单数", en="orders", unit="单", takes=Takes.COLUMN),
            Argument(name="amounts", zh="金额", en="amount", unit="元", takes=Takes.COLUMN),
        ),
        example="=ERP.RFM(B2:B100,C2:C100,D2:D100)",
    ),
)  # fmt: skip
BY_NAME = {function.name: function for function in FUNCTIONS}
