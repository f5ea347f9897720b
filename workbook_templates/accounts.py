"""The charts of accounts a new workbook starts with.

小企业会计准则: 66 accounts, and 1406 发出商品, which the standard lets a business add for goods that left before they are
income (facts, section 3.2). 企业会计准则: the accounts of the same meaning under that standard's codes; a shop adds more.
Sub-accounts are ours, named with the codes of 小企业会计准则.
"""

from __future__ import annotations

Entry = tuple[str, str, str]
"""Code, Chinese name, English name."""


def _read(text: str) -> tuple[Entry, ...]:
    lines = (line.split("|") for line in text.strip().splitlines())
    return tuple((code, zh, en) for code, zh, en in lines)


_ASSETS = """
1001|库存现金|Cash on hand
1002|银行存款|Bank deposits
1012|其他货币资金|Other monetary funds
1101|短期投资|Short-term investments
1121|应收票据|Notes receivable
1122|应收账款|Accounts receivable
1123|预付账款|Prepayments
1131|应收股利|Dividends receivable
1132|应收利息|Interest receivable
1221|其他应收款|Other receivables
1401|材料采购|Materials purchasing
1402|在途物资|Goods in transit
1403|原材料|Raw materials
1404|材料成本差异|Materials cost variance
1405|库存商品|Goods in stock
1406|发出商品|Goods shipped, not yet income
1407|商品进销差价|Retail price margin
1408|委托加工物资|Goods out for processing
1411|周转材料|Packing and consumables
1421|消耗性生物资产|Consumable biological assets
1501|长期债券投资|Long-term bonds
1511|长期股权投资|Long-term equity investments
1601|固定资产|Fixed assets
1602|累计折旧|Accumulated depreciation
1604|在建工程|Construction in progress
1605|工程物资|Construction materials
1606|固定资产清理|Disposal of fixed assets
1621|生产性生物资产|Productive biological assets
1622|生产性生物资产累计折旧|Their accumulated depreciation
1701|无形资产|Intangible assets
1702|累计摊销|Accumulated amortisation
1801|长期待摊费用|Long-term deferred expenses
1901|待处理财产损溢|Property losses and gains to be settled
"""
_LIABILITIES = """
2001|短期借款|Short-term loans
2201|应付票据|Notes payable
2202|应付账款|Accounts payable
2203|预收账款|Advances from customers
2211|应付职工薪酬|Wages payable
2221|应交税费|Taxes payable
2231|应付利息|Interest payable
2232|应付利润|Profit payable
2241|其他应付款|Other payables
2401|递延收益|Deferred income
2501|长期借款|Long-term loans
2701|长期应付款|Long-term payables
"""
_SMALL_REST = """
3001|实收资本|Paid-in capital
3002|资本公积|Capital reserve
3101|盈余公积|Surplus reserve
3103|本年利润|Profit of the year
3104|利润分配|Profit distribution
4001|生产成本|Production cost
4101|制造费用|Manufacturing overhead
4301|研发支出|Development expenditure
4401|工程施工|Construction work
4403|机械作业|Machine work
5001|主营业务收入|Main business income
5051|其他业务收入|Other business income
5111|投资收益|Investment income
5301|营业外收入|Non-operating income
5401|主营业务成本|Cost of main business
5402|其他业务成本|Cost of other business
5403|税金及附加|Taxes and surcharges
5601|销售费用|Selling expenses
5602|管理费用|Administrative expenses
5603|财务费用|Financial expenses
5711|营业外支出|Non-operating expenses
5801|所得税费用|Income tax
"""
SMALL_ACCOUNTS: tuple[Entry, ...] = _read(_ASSETS + _LIABILITIES.lstrip() + _SMALL_REST.lstrip())

TO_BUSINESS = {
    "3001": "4001", "3002": "4002", "3101": "4101", "3103": "4103", "3104": "4104",
    "4001": "5001", "4101": "5101", "4301": "5301",
    "5001": "6001", "5051": "6051", "5111": "6111", "5301": "6301", "5401": "6401", "5402": "6402", "5403": "6403",
    "5601": "6601", "5602": "6602", "5603": "6603", "5711": "6711", "5801": "6801",
}  # fmt: skip
"""The same account under 企业会计准则, where its code differs; 1xxx and 2xxx keep theirs."""

_SMALL_ONLY = {"1101", "1501", "1605", "4401", "4403", "2232"}
"""Accounts of 小企业会计准则 that 企业会计准则 does not know by that code; a shop that needs its own kind adds it."""

BUSINESS_ACCOUNTS: tuple[Entry, ...] = tuple(
    (TO_BUSINESS.get(code, code), zh, en) for code, zh, en in SMALL_ACCOUNTS if code not in _SMALL_ONLY
)

SUB_ACCOUNTS: tuple[Entry, ...] = _read("""
1012.01|支付宝-店铺|Alipay of the shop
1012.02|余利宝/网商银行|Yu'e funds
1012.09|账户互转|Between own accounts
1122.01|天猫待结算|Tmall, to be settled
1123.01|阿里妈妈充值|Advertising credit
1123.02|供应商预付|Paid to suppliers in advance
1221.01|天猫保证金|Tmall deposit
1405.01|良品|Good pieces
1405.02|次品|Defective pieces
2202.01|供应商|Suppliers
2202.02|快递|Couriers
2202.03|暂估入库|Goods received, not invoiced
2221.01|应交增值税|VAT
2221.01.01|进项税额|Input tax
2221.01.02|销项税额|Output tax
2221.01.03|进项税额转出|Input tax taken back
2221.01.04|未交增值税|Unpaid VAT
2221.02|简易计税/小规模增值税|VAT of a small-scale payer
2221.03|附加税费|Surcharges payable
2241.01|买家运费险及代收|Held for buyers
5601.01|平台佣金|Platform commission
5601.02|基础软件服务费|Basic software fee
5601.03|淘宝客佣金|Affiliate commission
5601.04|积分|Points
5601.05|广告费和业务宣传费|Advertising
5601.06|快递费|Freight
5601.07|包装费|Packing
5601.08|运费险|Freight insurance
5601.09|花呗分期手续费|Instalment and card fees
5601.10|赔付|Compensation
5601.11|平台年费|Annual fee
5601.12|短信/软件|Messages and software
5601.99|其他销售费用|Other selling expenses
5603.01|利息|Interest
5603.02|手续费|Bank charges
5711.01|公益捐赠|Donations
5711.02|盘亏损失|Losses found by counts
5301.01|减免增值税|VAT exempted
5301.02|盘盈利得|Gains found by counts
""")
