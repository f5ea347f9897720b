"""The books: 科目, 凭证, 手工凭证, 过账规则, 往来, 会计期间."""

from __future__ import annotations

from workbook_templates.posting_rules import FACT_KINDS
from workbook_templates.schema import Choice, Kind, Table
from workbook_templates.tables.make import engine, staff

ACCOUNT_GROUPS: tuple[Choice, ...] = (
    Choice("asset", "资产", "Asset"),
    Choice("liability", "负债", "Liability"),
    Choice("equity", "所有者权益", "Equity"),
    Choice("cost", "成本", "Cost"),
    Choice("income", "损益-收入", "Income"),
    Choice("expense", "损益-费用", "Expense"),
)
VOUCHER_KINDS: tuple[Choice, ...] = (
    *(Choice(name, zh, en) for name, (zh, en) in FACT_KINDS.items()),
    Choice("manual", "手工凭证", "Manual"),
    Choice("vat", "结转未交增值税", "VAT carried over"),
    Choice("close", "结转损益", "Profit carried over"),
)
"""The kinds of vouchers: kinds of facts, and those of people and of month end."""
PERIOD_STATE: tuple[Choice, ...] = (
    Choice("open", "未结账", "Open", "busy"),
    Choice("closed", "已结账", "Closed", "good"),
    Choice("locked", "已锁定", "Locked", "done"),
)
RULE_AMOUNTS: tuple[Choice, ...] = (
    Choice("gross", "全额", "In full"),
    Choice("net", "不含税金额", "Without VAT"),
    Choice("tax", "税额", "VAT"),
)
RULE_MODES: tuple[Choice, ...] = (
    Choice("settle", "结算时确认收入", "Income at settlement"),
    Choice("ship", "发货时确认收入", "Income at shipment"),
)
RULE_PAYERS: tuple[Choice, ...] = (
    Choice("general", "一般纳税人", "General payer"),
    Choice("small", "小规模", "Small-scale payer"),
)

_PROBLEM = ("problem", "需要注意", "Attention", Kind.TEXT, "哪里不对、怎么改。", "What is wrong, and what to do.")  # fmt: skip
_NOTE = ("note", "备注", "Note", Kind.TEXT, "随便写。", "Anything.")

ACCOUNTS = Table(
    name="accounts", zh="科目", en="Accounts", key=("account_id",), staff_rows=True, freeze=3,
    about_zh="会计科目。可以加下级科目(编码用点隔开,如 5601.13);准则在“设置”里选,两套准则的科目不能混用。",
    about_en="The chart of accounts. Add sub-accounts (parts after a dot, such as 5601.13); the standard is a setting, and the two are never mixed.",
    columns=(
        engine("account_id", "行号", "Row", Kind.ID, "由表猫编号,新增科目时留空。", "Numbered by Biaomao; leave it empty in a new row.", width=8),
        staff("code", "科目编码", "Code", Kind.ID, "四位数字,下级用点隔开。", "Four digits, then parts after dots.", width=14, required=True),
        staff("name", "科目名称", "Name", Kind.TEXT, "科目的名字。", "What the account is called.", width=26, required=True),
        engine("group", "类别", "Group", Kind.CHOICE, "由编码得出。", "Follows from the code.", width=12, choices=ACCOUNT_GROUPS),
        engine("sheet_line", "资产负债表行次", "Balance sheet line", Kind.COUNT, "余额列在哪一行;往来科目按单位分列,应交税费按余额方向分列,显示 0。", "The line its balance counts in; 0 where partners or the side of the balance decide.", width=11),
        engine("profit_line", "利润表行次", "Income statement line", Kind.COUNT, "发生额列在哪一行。", "The line its amounts count in.", width=11),
        staff("detail", "其中行次", "Also in line", Kind.COUNT, "同时列在利润表的哪个“其中”行,如广告费填 13;空白不列。", "An \"of which\" line of the income statement, such as 13 for advertising; empty for none.", width=10),
        staff("closed", "停用", "Closed", Kind.TICK, "打勾后不能再记账。", "Ticked: nothing is posted to it any more.", width=7),
        engine(*_PROBLEM, width=32, wrap=True),
        staff(*_NOTE, width=20, wrap=True),
    ),
)  # fmt: skip

POSTINGS = Table(
    name="postings", zh="凭证", en="Vouchers", key=("voucher", "line"), freeze=4,
    about_zh="已入账的凭证,一行一笔,只增不改;错了红字冲销。改动会被放回,并记在“待处理”。",
    about_en="Posted vouchers, one row a line. Only added to: mistakes are reversed in red, changes are put back and noted under To do.",
    columns=(
        engine("voucher", "凭证号", "Voucher", Kind.ID, "期间-编号,每个期间从 1 连续编号。", "Month and number, without gaps from 1.", width=14),
        engine("line", "行", "Line", Kind.ID, "凭证里的第几行。", "Line of the voucher.", width=6),
        engine("period", "期间", "Period", Kind.COUNT, "会计期间,如 202610。", "The month, such as 202610.", width=9),
        engine("on", "日期", "Date", Kind.TIME, "凭证日期。", "The date of the voucher.", width=16),
        engine("memo", "摘要", "Memo", Kind.TEXT, "为什么。", "Why.", width=30),
        engine("account", "科目编码", "Account", Kind.ID, "记到哪个科目。", "The account.", width=13),
        engine("account_name", "科目名称", "Account name", Kind.TEXT, "入账时的名字。", "Its name when this was posted.", width=20),
        engine("debit", "借方", "Debit", Kind.MONEY, "借方金额(元);红字为负。", "Yuan in debit; red letters are negative.", width=13),
        engine("credit", "贷方", "Credit", Kind.MONEY, "贷方金额(元);红字为负。", "Yuan in credit; red letters are negative.", width=13),
        engine("partner", "往来单位", "Partner", Kind.TEXT, "供应商、快递或店铺。", "Supplier, courier or shop.", width=16),
        engine("tid", "订单编号", "Order", Kind.ID, "属于哪个订单。", "The order it belongs to.", width=20),
        engine("sku", "商家编码", "Merchant code", Kind.ID, "属于哪种货。", "The goods it belongs to.", width=16),
        engine("flow", "现金流量行次", "Cash flow line", Kind.COUNT, "现金流量表的行次;不是货币资金或内部转账则空白。", "Line of the cash flow statement; empty for what is no cash, or only changes place.", width=10),
        engine("kind", "业务", "Kind", Kind.CHOICE, "哪种业务。", "The kind of fact.", width=14, choices=VOUCHER_KINDS),
        engine("ref", "业务号", "Fact", Kind.ID, "由哪件事得来;同一件事不会记两次。", "The fact it was made from: none is posted twice.", width=26),
        engine("reverses", "冲销", "Reverses", Kind.ID, "红字冲销哪张凭证。", "The voucher it takes back.", width=14),
        engine("seal", "校验码", "Seal", Kind.ID, "由整张凭证和前一张的校验码算出;任何改动都对不上。", "Made from the whole voucher and the seal before it: any change shows.", width=34),
        engine("posted_at", "入账时间", "Posted at", Kind.TIME, "表猫入账的时间。", "When Biaomao posted it.", width=17),
        engine(*_PROBLEM, width=30, wrap=True),
    ),
)  # fmt: skip

SUMS = Table(
    name="account_sums", zh="科目汇总", en="Account sums", key=("sum_id",), freeze=3,
    about_zh="凭证按期间、科目、业务、单位和现金流量行次加总,一种一行。报表都由这张表算;每一行就是“凭证”表里同样几项的合计,筛选凭证就能核对。",
    about_en="Vouchers added up by month, account, kind, partner and cash flow line. All statements are worked out from this sheet; each row is the sum of the vouchers with the same five, filter them to check.",
    columns=(
        engine("sum_id", "汇总号", "Sum", Kind.ID, "本行的身份:期间/科目/业务/现金流量行次/单位。", "The identity of this row: month/account/kind/cash flow line/partner.", width=30),
        engine("period", "期间", "Period", Kind.COUNT, "会计期间,如 202610。", "The month, such as 202610.", width=9),
        engine("account", "科目编码", "Account", Kind.ID, "哪个科目。", "The account.", width=13),
        engine("account_name", "科目名称", "Account name", Kind.TEXT, "科目现在的名字。", "Its name today.", width=20),
        engine("kind", "业务", "Kind", Kind.CHOICE, "哪种业务。", "The kind of fact.", width=14, choices=VOUCHER_KINDS),
        engine("partner", "往来单位", "Partner", Kind.TEXT, "供应商、快递或店铺。", "Supplier, courier or shop.", width=16),
        engine("flow", "现金流量行次", "Cash flow line", Kind.COUNT, "现金流量表的行次;不是货币资金则空白。", "Line of the cash flow statement; empty for what is no cash.", width=10),
        engine("debit", "借方", "Debit", Kind.MONEY, "借方合计(元);红字为负。", "Yuan in debit; red letters are negative.", width=14),
        engine("credit", "贷方", "Credit", Kind.MONEY, "贷方合计(元);红字为负。", "Yuan in credit; red letters are negative.", width=14),
        engine("lines", "凭证行数", "Rows", Kind.COUNT, "由“凭证”里的多少行加成。", "How many rows of the vouchers it adds up.", width=9),
        engine(*_PROBLEM, width=30, wrap=True),
    ),
)  # fmt: skip
"""What the statement sheets read: as many rows as there are kinds of postings in a month, whatever the number of vouchers."""

MANUAL = Table(
    name="manual", zh="手工凭证", en="Manual vouchers", key=("line_id",), staff_rows=True, freeze=2,
    about_zh="会计自己写的凭证:一行一笔,同一张凭证写同一个编号,写好后在任意一行的“入账”打勾。借贷不平、科目不对会在旁边说明,不入账。",
    about_en="Vouchers by accountants: one row a line, rows of one voucher share a number; tick Post in any of them. What does not balance is told beside it and not posted.",
    columns=(
        engine("line_id", "行号", "Row", Kind.ID, "由表猫编号,新增时留空。", "Numbered by Biaomao; leave it empty in a new row.", width=9),
        staff("own_no", "编号", "Number", Kind.ID, "自己编,如 10月-1;同一张凭证的几行写同一个。", "Your own number; rows of one voucher share it.", width=14, required=True),
        staff("on", "日期", "Date", Kind.TIME, "凭证日期,填在任意一行;空白为入账那天。", "The date, in any of its rows; empty means the day it is posted.", width=16),
        staff("memo", "摘要", "Memo", Kind.TEXT, "为什么。", "Why.", width=30),
        staff("account", "科目", "Account", Kind.ID, "科目编码,或科目名称。", "An account's code or name.", width=18, required=True),
        staff("debit", "借方", "Debit", Kind.MONEY, "借方金额(元);红字填负数。", "Yuan in debit; negative for a red letter.", width=13),
        staff("credit", "贷方", "Credit", Kind.MONEY, "贷方金额(元);红字填负数。", "Yuan in credit; negative for a red letter.", width=13),
        staff("partner", "往来单位", "Partner", Kind.TEXT, "供应商、快递、客户;应收应付要填。", "Supplier, courier or customer; wanted for receivables and payables.", width=16),
        staff("tid", "订单编号", "Order", Kind.ID, "可不填。", "Optional.", width=20),
        staff("flow", "现金流量行次", "Cash flow line", Kind.COUNT, "货币资金行可填现金流量表行次;空白按对方科目推定。", "For money: the line of the cash flow statement; empty: by the account on the other side.", width=10),
        staff("post", "入账", "Post", Kind.TICK, "打勾后入账一次;入账后改动不再生效。", "Tick to post once; changes no longer count then.", width=7),
        staff("reverse", "冲销", "Reverse", Kind.TICK, "打勾后做一张红字凭证冲回。", "Tick to take it back in red.", width=7),
        engine("voucher", "凭证号", "Voucher", Kind.ID, "入账后的凭证号。", "Its number once posted.", width=14),
        engine("reversed_by", "冲销凭证", "Reversed by", Kind.ID, "红字凭证号。", "The red voucher's number.", width=14),
        engine(*_PROBLEM, width=38, wrap=True),
        staff(*_NOTE, width=20, wrap=True),
    ),
)  # fmt: skip

RULES = Table(
    name="posting_rules", zh="过账规则", en="Posting rules", key=("rule_id",), freeze=2,
    about_zh="每种业务记到哪两个科目、记多少、为什么。要换科目,填“改用借方”“改用贷方”;已入账的不变。",
    about_en="Which two accounts each kind of fact is posted to, how much and why. To use other accounts, fill in the white cells; what was posted stays.",
    columns=(
        engine("rule_id", "规则号", "Rule", Kind.ID, "本行的身份。", "The identity of this row.", width=22),
        engine("kind", "业务", "When", Kind.CHOICE, "发生什么时。", "What happens.", width=16, choices=VOUCHER_KINDS),
        engine("amount", "金额", "Amount", Kind.CHOICE, "记多少。", "How much.", width=13, choices=RULE_AMOUNTS),
        engine("default_debit", "默认借方", "Default debit", Kind.ID, "借方科目。", "The debit account.", width=13),
        engine("default_credit", "默认贷方", "Default credit", Kind.ID, "贷方科目。", "The credit account.", width=13),
        staff("debit", "改用借方", "Other debit", Kind.ID, "填科目编码则改用它;空白用默认。", "An account to use instead; empty means the default.", width=13),
        staff("credit", "改用贷方", "Other credit", Kind.ID, "填科目编码则改用它;空白用默认。", "An account to use instead; empty means the default.", width=13),
        engine("why", "说明", "Why", Kind.TEXT, "为什么这样记。", "Why it is posted so.", width=44, wrap=True),
        engine("mode", "适用", "Applies", Kind.CHOICE, "哪种收入确认时点;空白都适用。", "The point of recognition; empty: both.", width=16, choices=RULE_MODES),
        engine("payer", "纳税人", "Payer", Kind.CHOICE, "哪种纳税人;空白都适用。", "The kind of payer; empty: both.", width=12, choices=RULE_PAYERS),
        engine(*_PROBLEM, width=34, wrap=True),
        staff(*_NOTE, width=20, wrap=True),
    ),
)  # fmt: skip

PARTNERS = Table(
    name="partners", zh="往来", en="Partners", key=("account", "partner"), freeze=2,
    about_zh="有过发生额的往来科目和单位;余额在“往来余额”表里用公式算。",
    about_en="Receivable and payable accounts with the partners anything was posted for; the balances sheet works them out by formulas.",
    columns=(
        engine("account", "科目编码", "Account", Kind.ID, "往来科目。", "The account.", width=14),
        engine("partner", "往来单位", "Partner", Kind.TEXT, "单位;“-”表示没写单位。", "The partner; “-” where none is named.", width=24),
    ),
)  # fmt: skip

PERIODS = Table(
    name="periods", zh="会计期间", en="Periods", key=("period",), freeze=2,
    about_zh="一个月一行。想结账、锁定、重新打开,在“想要”里选;不能结的原因写在清单里。",
    about_en="One row for each month. Choose under Wanted to close, lock or reopen it; what keeps it from closing stands in the checklist.",
    columns=(
        engine("period", "期间", "Period", Kind.ID, "如 202610。", "Such as 202610.", width=10),
        engine("state", "状态", "State", Kind.CHOICE, "现在的状态。", "As it is now.", width=10, choices=PERIOD_STATE),
        staff("wanted", "想要", "Wanted", Kind.CHOICE, "选“已结账”结账,“已锁定”锁定,“未结账”重新打开。", "Closed to close it, Locked to lock it, Open to reopen it.", width=10, choices=PERIOD_STATE),
        staff("reason", "原因", "Reason", Kind.TEXT, "重新打开时必须写原因。", "Needed to reopen.", width=24),
        engine("vouchers", "凭证数", "Vouchers", Kind.COUNT, "这个期间有多少张凭证。", "How many vouchers it has.", width=9),
        engine("debit", "借方合计", "Debits", Kind.MONEY, "应与贷方相等。", "Equal to the credits.", width=15),
        engine("credit", "贷方合计", "Credits", Kind.MONEY, "应与借方相等。", "Equal to the debits.", width=15),
        engine("checklist", "结账清单", "Checklist", Kind.TEXT, "还差什么;空白表示可以结账。", "What is still missing; empty: it can be closed.", width=60, wrap=True),
        engine("closed_at", "结账时间", "Closed at", Kind.TIME, "最近一次结账的时间。", "When it was last closed.", width=17),
        engine("seal", "期间校验码", "Month seal", Kind.ID, "结账时由全部凭证和上个月的校验码算出。", "Made at closing from all vouchers and the month before.", width=34),
        engine("archive", "归档文件", "Archive", Kind.TEXT, "凭证行移到了哪个文件;空白表示还在“凭证”里。", "The file its rows were moved to; empty while they stand in Vouchers.", width=26),
        engine("bill_archive", "账单归档文件", "Bill archive", Kind.TEXT, "这个月的支付宝账单行移到了哪些文件,一行一个;空白表示还在“支付宝账单”里。", "The files to which this month's rows of Alipay bills were moved, one in a line; empty while they stand in Alipay bills.", width=34, wrap=True),
        engine("trail", "经过", "Trail", Kind.TEXT, "每次结账、锁定、重新打开,连同原因。", "Every closing, locking and reopening with its reason.", width=50, wrap=True),
        staff(*_NOTE, width=20, wrap=True),
    ),
)  # fmt: skip
