"""The statements as declared rows: line numbers and checks of 会小企01表, 02表 and 03表 (facts, section 3.3).

Which account counts in which line stands here once, by the four digits of the standard; the statement sheets and the
functions that check them both read it. Rows of 企业会计准则 are not declared: its forms are not among our sources, so under it
the trial balance and the ledgers are kept, and these forms are not.
"""

from __future__ import annotations

from dataclasses import dataclass

from workbook_templates.schema import Lang

SHEETS = {
    "trial": {Lang.ZH: "科目余额", Lang.EN: "Trial balance"},
    "partner_balances": {Lang.ZH: "往来余额", Lang.EN: "Partner balances"},
    "income": {Lang.ZH: "利润表", Lang.EN: "Income statement"},
    "balance": {Lang.ZH: "资产负债表", Lang.EN: "Balance sheet"},
    "cash": {Lang.ZH: "现金流量表", Lang.EN: "Cash flow"},
    "vat": {Lang.ZH: "增值税计算表", Lang.EN: "VAT worksheet"},
}
"""The statement sheets in tab order."""
ACCOUNT_ROWS = 250
"""How many rows of 科目 the trial balance reads; it says so if there are more."""
FIRST = 6
"""The first row of figures of every sheet, as people count."""
PERIOD_CELL = "$B$3"
"""Where 科目余额 has the month."""
STATEMENT_TABS = tuple(name for sheet in SHEETS.values() for name in sheet.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line: a sum of accounts (`line` numbers in 科目), or of other lines with their signs; neither: filled by hand."""

    line: int
    zh: str
    en: str
    of: tuple[int, ...] = ()  # lines it is the sum of; negative ones are taken off
    depth: int = 0  # 1: "其中"
    total: bool = False


def _rows(text: str) -> tuple[Row, ...]:
    rows = []
    for entry in text.strip().splitlines():
        number, zh, en, *rest = entry.split("|")
        of = tuple(int(part) for part in rest[0].split()) if rest and rest[0].strip() else ()
        inner = zh.startswith(" ")
        rows.append(Row(line=int(number), zh=zh.strip(), en=en, of=of, depth=int(inner), total=bool(of)))
    return tuple(rows)


INCOME_STATEMENT = _rows("""
1|一、营业收入|Operating income
2|减：营业成本|Less: operating cost
3|税金及附加|Taxes and surcharges
4| 其中：消费税|of which consumption tax
5| 营业税|business tax
6| 城市维护建设税|city maintenance tax
7| 资源税|resource tax
8| 土地增值税|land appreciation tax
9| 城镇土地使用税、房产税、车船税、印花税|land use, property, vehicle tax, stamp duty
10| 教育费附加、矿产资源补偿费、排污费|education surcharge and other levies
11|销售费用|Selling expenses
12| 其中：商品维修费|of which repairs
13| 广告费和业务宣传费|advertising
14|管理费用|Administrative expenses
15| 其中：开办费|of which formation expenses
16| 业务招待费|entertainment
17| 研究费用|research
18|财务费用|Financial expenses
19| 其中：利息费用（收入以“-”号填列）|of which interest (income negative)
20|加：投资收益（损失以“-”号填列）|Plus: investment income
21|二、营业利润（亏损以“-”号填列）|Operating profit|1 -2 -3 -11 -14 -18 20
22|加：营业外收入|Plus: non-operating income
23| 其中：政府补助|of which government grants
24|减：营业外支出|Less: non-operating expenses
25| 其中：坏账损失|of which bad debts
26| 无法收回的长期债券投资损失|losses on long-term bonds
27| 无法收回的长期股权投资损失|losses on long-term equity
28| 自然灾害等不可抗力因素造成的损失|losses by natural disaster
29| 税收滞纳金|tax late fees
30|三、利润总额（亏损总额以“-”号填列）|Profit before tax|21 22 -24
31|减：所得税费用|Less: income tax
32|四、净利润（净亏损以“-”号填列）|Net profit|30 -31
""")

BALANCE_SHEET = _rows(
    """
1|货币资金|Monetary funds
2|短期投资|Short-term investments
3|应收票据|Notes receivable
4|应收账款|Accounts receivable
5|预付账款|Prepayments
6|应收股利|Dividends receivable
7|应收利息|Interest receivable
8|其他应收款|Other receivables
9|存货|Inventories|10 11 12 13 -54
10| 其中：原材料|of which raw materials
11| 在产品|work in progress
12| 库存商品|goods in stock
13| 周转材料|consumables
14|其他流动资产|Other current assets
15|流动资产合计|Total current assets|1 2 3 4 5 6 7 8 9 14
16|长期债券投资|Long-term bonds
17|长期股权投资|Long-term equity investments
18|固定资产原价|Fixed assets at cost
19|减：累计折旧|Less: accumulated depreciation
20|固定资产账面价值|Fixed assets, net|18 -19
21|在建工程|Construction in progress
22|工程物资|Construction materials
23|固定资产清理|Disposal of fixed assets
24|生产性生物资产|Productive biological assets
25|无形资产|Intangible assets
26|开发支出|Development expenditure
27|长期待摊费用|Long-term deferred expenses
28|其他非流动资产|Other non-current assets
29|非流动资产合计|Total non-current assets|16 17 20 21 22 23 24 25 26 27 28
30|资产总计|Total assets|15 29
31|短期借款|Short-term loans
32|应付票据|Notes payable
33|应付账款|Accounts payable
34|预收账款|Advances from customers
35|应付职工薪酬|Wages payable
36|应交税费|Taxes payable
37|应付利息|Interest payable
38|应付利润|Profit payable
39|其他应付款|Other payables
40|其他流动负债|Other current liabilities
41|流动负债合计|Total current liabilities|31 32 33 34 35 36 37 38 39 40
42|长期借款|Long-term loans
43|长期应付款|Long-term payables
44|递延收益|Deferred income
45|其他非流动负债|Other non-current liabilities
46|非流动负债合计|Total non-current liabilities|42 43 44 45
47|负债合计|Total liabilities|41 46
48|实收资本（或股本）|Paid-in capital
49|资本公积|Capital reserve
50|盈余公积|Surplus reserve
51|未分配利润|Undistributed profit
52|所有者权益（或股东权益）合计|Total equity|48 49 50 51
53|负债和所有者权益（或股东权益）总计|Total liabilities and equity|47 52
""".replace("|10 11 12 13 -54", "")
)
"""Line 9 is its own accounts and more than its parts: goods on their way, shipped or out for processing count there alone."""

CASH_FLOW = _rows("""
1|销售产成品、商品、提供劳务收到的现金|Received from sales
2|收到其他与经营活动有关的现金|Other operating receipts
3|购买原材料、商品、接受劳务支付的现金|Paid for goods and services
4|支付的职工薪酬|Paid to employees
5|支付的税费|Taxes paid
6|支付其他与经营活动有关的现金|Other operating payments
7|经营活动产生的现金流量净额|Net cash from operations|1 2 -3 -4 -5 -6
8|收回短期投资、长期债券投资和长期股权投资收到的现金|Received from investments sold
9|取得投资收益收到的现金|Investment income received
10|处置固定资产、无形资产和其他非流动资产收回的现金净额|Received for fixed assets sold
11|短期投资、长期债券投资和长期股权投资支付的现金|Paid for investments
12|购建固定资产、无形资产和其他非流动资产支付的现金|Paid for fixed assets
13|投资活动产生的现金流量净额|Net cash from investing|8 9 10 -11 -12
14|取得借款收到的现金|Loans received
15|吸收投资者投资收到的现金|Received from owners
16|偿还借款本金支付的现金|Loans repaid
17|偿还借款利息支付的现金|Interest paid
18|分配利润支付的现金|Profit distributed
19|筹资活动产生的现金流量净额|Net cash from financing|14 15 -16 -17 -18
20|四、现金净增加额|Net increase in cash|7 13 19
21|加：期初现金余额|Plus: opening cash
22|五、期末现金余额|Closing cash|20 21
""")
OUTFLOWS = frozenset({3, 4, 5, 6, 11, 12, 16, 17, 18})
"""Lines of the cash flow statement that are paid: shown as positive numbers."""
OPENING_CASH = 21

BALANCE_LINES: dict[str, int] = {
    "1001": 1, "1002": 1, "1012": 1, "1101": 2, "1121": 3, "1131": 6, "1132": 7, "1221": 8,
    "1401": 9, "1402": 9, "1403": 10, "1404": 9, "1405": 12, "1406": 9, "1407": 12, "1408": 9, "1411": 13, "1421": 9,
    "1501": 16, "1511": 17, "1601": 18, "1602": 19, "1604": 21, "1605": 22, "1606": 23, "1621": 24, "1622": 24,
    "1701": 25, "1702": 25, "1801": 27, "1901": 14,
    "2001": 31, "2201": 32, "2211": 35, "2221": 36, "2231": 37, "2232": 38, "2241": 39, "2401": 44, "2501": 42, "2701": 43,
    "3001": 48, "3002": 49, "3101": 50, "3103": 51, "3104": 51,
    "4001": 11, "4101": 11, "4301": 26, "4401": 9, "4403": 9,
}  # fmt: skip
"""The line an account counts in, by its first four digits; 1122, 1123, 2202 and 2203 are split by partner, see BY_PARTNER."""
OTHER_LINES = {"1": 14, "2": 40, "3": 50, "4": 9, "5": 51}
"""The line of an account the standard does not name, by its first digit; income and expenses stand in 51 until they are closed."""
STOCK_PARTS = (10, 11, 12, 13)
STOCK_LINE = 9
BY_PARTNER = {"1122": (4, 34), "2203": (4, 34), "1123": (5, 33), "2202": (5, 33)}
"""Accounts whose debit balances, partner by partner, count in the first line and whose credit balances in the second."""
DEBIT_TAX = ("2221", 14, 36)
"""VAT: a debit balance is an asset (财会〔2016〕22号), a credit balance a liability."""
PROFIT_LINES: dict[str, int] = {
    "5001": 1, "5051": 1, "5401": 2, "5402": 2, "5403": 3, "5601": 11, "5602": 14, "5603": 18, "5111": 20, "5301": 22,
    "5711": 24, "5801": 31,
}  # fmt: skip
OTHER_PROFIT = {"income": 22, "expense": 14}
DETAIL_LINES: dict[str, int] = {"5601.05": 13, "5603.01": 19}
"""Sub-accounts that are also named in an "其中" line; people name others in 科目."""
CREDIT_LINES = frozenset({1, 20, 22, 23})
"""Lines of the income statement that grow in credit."""
ASSET_LINES = frozenset(range(1, 31))
