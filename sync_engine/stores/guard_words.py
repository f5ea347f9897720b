"""Why a workbook file is refused, as one sentence that names the file and says what to do."""

from __future__ import annotations

from enum import Enum, auto

from workbook_templates.schema import Lang


class Reason(Enum):
    """What is wrong with a file."""

    MISSING = auto()
    FOLDER = auto()
    UNREADABLE = auto()
    EMPTY = auto()
    TOO_LARGE = auto()
    OLD_OR_ENCRYPTED = auto()
    WEB_PAGE = auto()
    PLAIN_TEXT = auto()
    NO_ZIP = auto()
    DAMAGED = auto()
    LOCKED_MEMBERS = auto()
    ODD_NAMES = auto()
    BOMB = auto()
    TOO_MUCH = auto()
    ENTITIES = auto()
    NOT_A_WORKBOOK = auto()
    OTHER_OFFICE = auto()
    STRICT = auto()
    SIGNED = auto()


_BACK = ("请用 biaomao restore 恢复备份", "restore a backup with biaomao restore")
_SAVE_AS = (
    "请在表格软件里打开,另存为“Excel 工作簿 (.xlsx)”",
    "open it in a spreadsheet program and save it as Excel Workbook (.xlsx)",
)
_DONT = (
    "请不要打开它,用 biaomao restore 恢复备份",
    "do not open it, and restore a backup with biaomao restore",
)

_WORDS: dict[Reason, tuple[str, str, tuple[str, str]]] = {
    Reason.MISSING: ("不存在", "is not there", ("请放回原处,或用 biaomao restore 恢复备份", "put it back, or restore a backup with biaomao restore")),
    Reason.FOLDER: ("是一个文件夹,不是工作簿", "is a folder, not a workbook", ("请检查 config.toml 里的工作簿名称", "check the workbook's name in config.toml")),
    Reason.UNREADABLE: ("无法读取", "cannot be read", ("请检查文件权限和磁盘", "check its permissions and the disk")),
    Reason.EMPTY: ("是空文件", "is empty", _BACK),
    Reason.TOO_LARGE: ("太大,表猫不读取", "is too large to be read", ("请删掉大图片或把旧订单移到别的工作簿", "take out large pictures, or move old orders to another workbook")),
    Reason.OLD_OR_ENCRYPTED: ("是旧版 xls,或设了打开密码", "is an old xls, or protected by a password to open it", ("请在 Excel 里去掉密码,另存为 .xlsx", "take the password off in Excel and save it as .xlsx")),
    Reason.WEB_PAGE: ("其实是网页,只是名字叫 xlsx", "is a web page that is only called xlsx", _SAVE_AS),
    Reason.PLAIN_TEXT: ("其实是文本(如 csv),只是名字叫 xlsx", "is plain text, such as csv, that is only called xlsx", _SAVE_AS),
    Reason.NO_ZIP: ("不是 xlsx 工作簿", "is not an xlsx workbook", _SAVE_AS),
    Reason.DAMAGED: ("已损坏或不完整", "is damaged or incomplete", _BACK),
    Reason.LOCKED_MEMBERS: ("是加密或用特殊方式压缩的", "is encrypted or compressed in an unusual way", _SAVE_AS),
    Reason.ODD_NAMES: ("里有可疑的文件名", "holds parts with suspicious names", _DONT),
    Reason.BOMB: ("像是压缩炸弹,解开会大得离谱", "looks like a zip bomb: unpacked it would be absurdly large", _DONT),
    Reason.TOO_MUCH: ("的内容太多,表猫处理不了", "holds more than can be handled", ("请把旧订单移到别的工作簿", "move old orders to another workbook")),
    Reason.ENTITIES: ("含有不允许的 XML 声明(DTD)", "holds XML declarations that are not allowed (a DTD)", _DONT),
    Reason.NOT_A_WORKBOOK: ("是压缩包,但里面没有工作簿", "is a zip file without a workbook in it", _SAVE_AS),
    Reason.OTHER_OFFICE: ("是另一种 Office 文件(如 Word、xlsb)", "is another kind of Office file, such as Word or xlsb", _SAVE_AS),
    Reason.STRICT: ("是“严格 Open XML”格式", "is in the Strict Open XML format", ("请另存为普通的“Excel 工作簿 (.xlsx)”", "save it as the ordinary Excel Workbook (.xlsx)")),
    Reason.SIGNED: ("带有数字签名,改动会使签名失效", "carries a digital signature that any change would break", ("请先去掉签名再保存", "remove the signature and save it")),
}  # fmt: skip


def sentence(reason: Reason, name: str, lang: Lang) -> str:
    """One sentence: the file, what is wrong, what to do."""
    zh, en, (do_zh, do_en) = _WORDS[reason]
    return f"工作簿 {name} {zh}:{do_zh}。" if lang is Lang.ZH else f"The workbook {name} {en}: {do_en}."
