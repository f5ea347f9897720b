"""The VBA modules of the Excel add-in: those kept as sources, and those made from the declarations. ASCII throughout:
the code page of a VBA project cannot hold Chinese, so its texts stand there as hexadecimal digits."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.resources import files

from addin.excel.ribbon import EXTRA, TAB, Text, groups
from formulas.catalogue import FUNCTIONS
from formulas.declare import Function, Takes
from workbook_templates.commands import COMMANDS_LIST
from workbook_templates.schema import Lang
from workbook_templates.tables import BY_NAME

SOURCES = ("BmCalls", "BmCommands", "BmHub", "BmJson", "BmRibbon")
CHUNK = 200
"""Characters in one piece of an encoded text: a line of VBA holds 1023."""
_RESERVED_WORDS = (
    "and any as boolean byref byte byval call case const currency date declare dim do double each else elseif end enum eqv "
    "erase error event exit false for friend function get global gosub goto if imp implements in input integer is let like "
    "line lock long longlong longptr loop lset me mod name new next not nothing null object of on open option optional or "
    "paramarray preserve print private property ptrsafe public put raiseevent redim rem resume return rset seek select set "
    "shared single static step stop string sub tab then to true type typeof unlock until variant wend while width with "
    "withevents write xor"
)
_RESERVED = frozenset(_RESERVED_WORDS.split())

_SENTENCES = {
    "title": TAB,
    "underway": Text(zh="正在进行,请稍等", en="already under way"),
    "nohub": Text(zh="表猫没有运行:请在店铺文件夹里运行 biaomao serve,再点一次", en="Biaomao is not running: run biaomao serve in the shop's folder, then press again"),
    "oldtoken": Text(zh="表猫刚刚重新启动过,请再点一次", en="Biaomao was just started anew: press again"),
    "busy": Text(zh="表猫正忙,请稍后再点一次", en="Biaomao is busy: press again in a moment"),
    "refused": Text(zh="表猫没有接受这个请求,请运行 biaomao doctor", en="Biaomao did not take the request: run biaomao doctor"),
    "lost": Text(zh="和表猫的联系断了:命令可能仍在进行,请看“同步记录”", en="Lost touch with Biaomao: the command may still be under way, see the sync log"),
    "nopython": Text(zh="xlwings 没能运行命令:请在店铺文件夹里运行 biaomao serve,再点一次", en="xlwings could not run the command: run biaomao serve in the shop's folder, then press again"),
    "asof": Text(zh="数据截至", en="as of"),
    "toship": Text(zh="待发货", en="to ship"),
    "todos": Text(zh="待处理", en="to do"),
    "lasterror": Text(zh="上一个函数的问题", en="the last function said"),
}  # fmt: skip


def modules() -> dict[str, str]:
    """Every module's source by name, lines ended as VBA wants them."""
    room = files("macros").joinpath("vba")
    kept = {name: room.joinpath(f"{name}.bas").read_text("ascii") for name in SOURCES}
    made = {"BmFunctions": functions_module(), "BmTexts": texts_module()}
    return {name: _crlf(text) for name, text in sorted({**kept, **made}.items())}


def _crlf(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\n", "\r\n")


def parameter(name: str) -> str:
    """An argument's name as VBA lets a parameter be called."""
    return f"{name}_" if name.lower() in _RESERVED else name


def functions_module() -> str:
    """The functions of the catalogue as VBA functions of the hub."""
    head = ["' Made from the catalogue of functions; do not edit.", "Option Explicit", ""]
    return "\n".join([*head, *(_function(one) for one in FUNCTIONS), _describe()]) + "\n"


def _function(function: Function) -> str:
    names = [parameter(one.name) for one in function.arguments]
    signature = ", ".join(
        f"{'Optional ' if one.optional else ''}{name} As Variant"
        for one, name in zip(function.arguments, names, strict=True)
    )
    given = f"Array({', '.join(f'BmArgument({name})' for name in names)})"
    whole = any(one.takes is Takes.COLUMN for one in function.arguments)
    return (
        f"' {function.en}. {function.example if function.example.isascii() else function.dotted}\n"
        f"Public Function {function.plain}({signature}) As Variant\n"
        f'    {function.plain} = BmCall("{function.name}", {given}, {whole})\n'
        "End Function\n"
    )


def _describe() -> str:
    """Help for the function wizard."""
    lines = ["' Help for the function wizard.", "Public Sub BmDescribe()", "    On Error Resume Next"]
    for function in FUNCTIONS:
        helps = ", ".join(f'BmText("help_{function.name}_{one.name}")' for one in function.arguments)
        extra = f", ArgumentDescriptions:=Array({helps})" if helps else ""
        lines.append(
            f'    Application.MacroOptions Macro:="{function.plain}", Description:=BmText("help_{function.name}"), '
            f'Category:=BmText("title"){extra}'
        )
    return "\n".join([*lines, "End Sub"])


def texts() -> dict[str, Text]:
    """Every text the macros show, by key."""
    return dict(_texts())


def _texts() -> Iterator[tuple[str, Text]]:
    yield from _SENTENCES.items()
    yield "label_tab", TAB
    for group in groups():
        yield f"label_{group.name}", group.text
    for name, (label, about) in EXTRA.items():
        yield f"label_{name}", label
        yield f"about_{name}", about
    for command in COMMANDS_LIST:
        yield f"label_{command.name}", Text(zh=command.label_zh, en=command.label_en)
        yield f"about_{command.name}", Text(zh=command.title(Lang.ZH), en=command.title(Lang.EN))
        if command.asks_zh:
            yield f"asks_{command.name}", Text(zh=command.asks_zh, en=command.asks_en)
        if command.argument_zh:
            yield f"argument_{command.name}", Text(zh=command.argument_zh, en=command.argument_en)
    for table in ("orders", "commands"):
        yield f"sheet_{table}", Text(zh=BY_NAME[table].zh, en=BY_NAME[table].en)
    tid = BY_NAME["orders"].column("tid")
    yield "header_tid", Text(zh=tid.zh, en=tid.en)
    for function in FUNCTIONS:
        yield f"help_{function.name}", Text(zh=function.zh, en=function.en)
        for one in function.arguments:
            unit = f" ({one.unit})" if one.unit else ""
            yield f"help_{function.name}_{one.name}", Text(zh=one.zh + unit, en=one.en + unit)


def texts_module() -> str:
    """The texts as a VBA function of key and language."""
    lines = [
        "' Made from the declarations; do not edit. Chinese stands as UTF-16 in hexadecimal digits, English beside it.",
        "Option Explicit", "",
        "Public Function BmTextIn(ByVal key As String, ByVal chinese As Boolean) As String",
        '    If chinese Then BmTextIn = BmFromHex(BmChineseOf(key)) Else BmTextIn = BmFromHex(BmEnglishOf(key))',
        "End Function", "",
        *_cases("BmChineseOf", {key: text.zh for key, text in _texts()}), "",
        *_cases("BmEnglishOf", {key: text.en for key, text in _texts()}),
    ]  # fmt: skip
    return "\n".join(lines) + "\n"


def _cases(name: str, shown: dict[str, str]) -> list[str]:
    lines = [
        f"Private Function {name}(ByVal key As String) As String",
        "    Dim h As String",
        "    Select Case key",
    ]
    for key, text in shown.items():
        lines.append(f'        Case "{key}"')
        lines += [f"            h = h & {_quoted(piece)}" for piece in _pieces(text)]
    return [*lines, "    End Select", f"    {name} = h", "End Function"]


def _pieces(text: str) -> list[str]:
    digits = text.encode("utf-16-be").hex().upper()
    return re.findall(f".{{1,{CHUNK}}}", digits)


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'
