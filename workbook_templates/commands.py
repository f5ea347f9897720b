"""The commands people can give from any host: declared once, shown in the 命令 sheet, obeyed by the engine."""

from __future__ import annotations

from dataclasses import dataclass

from workbook_templates.schema import Lang


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One button: its name, its caption, what it does, what its argument means ("" if it takes none), and the question
    a button asks before it (""; a ticked cell in the sheet is the answer already).
    """

    name: str
    label_zh: str
    label_en: str
    zh: str
    en: str
    argument_zh: str = ""
    argument_en: str = ""
    asks_zh: str = ""
    asks_en: str = ""

    def asks(self, lang: Lang) -> str:
        """The question before it; "" if it asks none."""
        return self.asks_zh if lang is Lang.ZH else self.asks_en

    def argument(self, lang: Lang) -> str:
        """What its argument means; "" if it takes none."""
        return self.argument_zh if lang is Lang.ZH else self.argument_en

    def label(self, lang: Lang) -> str:
        """Its caption."""
        return self.label_zh if lang is Lang.ZH else self.label_en

    def title(self, lang: Lang) -> str:
        """What the sheet shows beside it."""
        text, argument = (self.zh if lang is Lang.ZH else self.en), self.argument(lang)
        note = {Lang.ZH: f"(参数:{argument})", Lang.EN: f" (argument: {argument})"}[lang]
        return text + (note if argument else "")


COMMANDS_LIST: tuple[Command, ...] = (
    Command(name="sync", label_zh="同步", label_en="Sync", zh="立即同步一次", en="Sync now"),
    Command(name="print", label_zh="打印面单", label_en="Print labels", zh="给所有待打印的包裹生成面单、拣货单、发货单", en="Make labels, pick list and packing slips for all parcels to print"),
    Command(name="waves", label_zh="做波次", label_en="Make waves", zh="把待打印的包裹分成波次,每个波次一份拣货单、面单、发货单,合成一个 PDF", en="Sort the parcels to print into waves, each with its pick list, labels and packing slips in one PDF"),
    Command(name="verify", label_zh="验货", label_en="Check a parcel", zh="把一个包裹扫到的记进“验货”表,并回答对不对、还差什么", en="Put what was scanned of a parcel into the packing check, and say whether it is right", argument_zh="运单号 条码 条码…,可带重量如 0.85kg", argument_en="a waybill, then codes, and a weight as 0.85kg if there is one"),
    Command(name="ship", label_zh="发货", label_en="Ship", zh="把已打印的包裹全部通知天猫发货,或只发一单", en="Tell Tmall that all printed parcels left, or one order's", argument_zh="订单编号,空白表示全部已打印", argument_en="an order number; empty means all printed", asks_zh="通知天猫后买家就会看到已发货,包裹都交给快递了吗?", asks_en="Buyers will see the parcels as sent. Has the courier got them?"),
    Command(name="reprint", label_zh="补打面单", label_en="Reprint", zh="重新生成一单的面单,写进打印记录", en="Make an order's labels again; the print log says why", argument_zh="订单编号 补打原因,缺一不打", argument_en="an order number and a reason, both needed"),
    Command(name="refresh", label_zh="重新核对", label_en="Refresh", zh="重新向天猫核对一单,或最近三天", en="Ask Tmall again for an order, or for the last three days", argument_zh="订单编号,空白表示最近三天", argument_en="an order number; empty means the last three days"),
    Command(name="restore_rows", label_zh="恢复删除的行", label_en="Restore rows", zh="把被大量删除的行恢复回来", en="Bring back rows after a mass deletion"),
    Command(name="accept_deletion", label_zh="确认删除", label_en="Accept deletion", zh="确认大量删除是有意的,不再恢复", en="Confirm that a mass deletion was meant", asks_zh="这些行是有意删除的吗?确认后不再恢复。", asks_en="Were these rows meant to be deleted? They will not come back."),
    Command(name="propose", label_zh="补货建议", label_en="Propose purchases", zh="现在重新算一遍补货建议", en="Work the purchase proposals out now"),
    Command(name="purchase_orders", label_zh="采购单文件", label_en="Purchase order files", zh="把采购单做成 Excel 和 PDF,发给供应商", en="Make purchase orders as Excel and PDF for suppliers", argument_zh="采购单号,空白表示今天开的", argument_en="an order's number; empty means those opened today"),
    Command(name="analyse", label_zh="销售分析", label_en="Analyse", zh="现在重算“销售分析”表", en="Work the sales analysis out now"),
    Command(name="history", label_zh="查历史", label_en="History", zh="一张单据从头到尾:谁、什么时候、改了什么,写在旁边的答复里", en="A document's way: who changed what when, told in the answer", argument_zh="订单编号、运单号、退款编号、设置名或一行的编号", argument_en="an order, waybill or refund number, a setting's name or the key of a row"),
    Command(name="upgrade", label_zh="升级工作簿", label_en="Upgrade", zh="补上新版本有、这本工作簿没有的工作表和列;先备份,原有内容不动", en="Add sheets and columns that this version has and the workbook lacks; backed up first, what is there stays", asks_zh="要给工作簿补上缺的工作表和列吗?先运行 biaomao upgrade --dry-run 可看会加什么。", asks_en="Add the missing sheets and columns? biaomao upgrade --dry-run shows them first."),
    Command(name="backup", label_zh="备份", label_en="Back up", zh="现在备份一份工作簿", en="Back up the workbook now"),
)  # fmt: skip
COMMANDS_BY_NAME = {command.name: command for command in COMMANDS_LIST}
