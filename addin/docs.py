"""The page of hosts: which function and which command works where, and how that was seen."""

from __future__ import annotations

from dataclasses import dataclass

from formulas.catalogue import FUNCTIONS
from workbook_templates.commands import COMMANDS_LIST
from workbook_templates.schema import Lang
from workbook_templates.words import say

SEEN, STAND_IN, ABSENT = "●", "◐", "–"
"""Tested in the host itself; tested in a stand-in, the host itself is not testable here; not there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One way into the shop: how its functions and commands were seen to work, and by which tests."""

    zh: str
    en: str
    functions: str
    commands: str
    tests: str


COLUMNS = (
    Column(zh="LibreOffice", en="LibreOffice", functions=SEEN, commands=SEEN, tests="tests/calc"),
    Column(zh="Excel 宏", en="Excel macros", functions=STAND_IN, commands=STAND_IN, tests="tests/vba"),
    Column(zh="Excel xlwings", en="Excel xlwings", functions=STAND_IN, commands=STAND_IN, tests="tests/vba"),
    Column(zh="Excel Office.js", en="Excel Office.js", functions=STAND_IN, commands=STAND_IN, tests="tests/pane"),
    Column(zh="谷歌表格", en="Google Sheets", functions=STAND_IN, commands=STAND_IN, tests="tests/apps_script"),
    Column(zh="任务窗格", en="Task pane", functions=ABSENT, commands=SEEN, tests="tests/pane"),
    Column(zh="“命令”表", en="Sheet 命令", functions=ABSENT, commands=SEEN, tests="tests/engine, tests/sim"),
    Column(zh="本机 HTTP", en="Local HTTP", functions=SEEN, commands=SEEN, tests="tests/hub"),
)  # fmt: skip

_GETTING_IN = {
    Lang.ZH: """
- **LibreOffice**:`biaomao addin install libreoffice`,重新打开 Calc。函数写作 `=ERP.STOCK(A2)`,菜单和工具栏叫“表猫”。
- **Excel 宏(Windows、macOS)**:`biaomao addin install excel`,再在 Excel 的加载项里勾选。函数写作 `=ERP_STOCK(A2)`;先运行
  `biaomao serve`。也可以直接用 `addin build` 生成的 `biaomao.xlsm` 当店铺工作簿。
- **Excel xlwings**:装好 xlwings 加载项,把 UDF Modules 设为 `addin.excel.udfs`,按 Import Functions。
- **Excel Office.js**:`biaomao addin build --base 网址`,把 `office` 文件夹放到那个 https 网址下,用 `manifest.xml` 加载;
  `biaomao serve --origin 网址`,把它显示的网址粘贴到窗格里。网页版 Excel 和 Safari 不允许访问本机,窗格会说明,请用“命令”表。
- **谷歌表格**:`biaomao addin build`,把 `google` 文件夹的文件贴进 扩展程序 → Apps 脚本。函数直接读表,菜单在“命令”表打勾。
- **WPS**:工作簿、公式、看板、“命令”表都能用;函数和按钮没有(WPS 的宏和加载项与 Excel 不同,这里无法测试)。
""",
    Lang.EN: """
- **LibreOffice:** `biaomao addin install libreoffice`, then open Calc again. Functions are `=ERP.STOCK(A2)`; menu and toolbar
  are called 表猫.
- **Excel macros (Windows, macOS):** `biaomao addin install excel`, then tick it among Excel's add-ins. Functions are
  `=ERP_STOCK(A2)`; `biaomao serve` must run. The `biaomao.xlsm` of `addin build` may be the shop's workbook itself.
- **Excel xlwings:** with xlwings' own add-in, set UDF Modules to `addin.excel.udfs` and press Import Functions.
- **Excel Office.js:** `biaomao addin build --base ADDRESS`, serve the folder `office` at that https address, load
  `manifest.xml`; run `biaomao serve --origin ADDRESS` and paste the address it shows into the pane. Excel on the web and Safari
  do not let a page reach this machine; the pane says so, and the sheet 命令 does the work.
- **Google Sheets:** `biaomao addin build`, then paste the files of the folder `google` under Extensions → Apps Script. Functions
  read the sheets themselves; the menu ticks cells in the sheet 命令.
- **WPS:** the workbook, its formulas, the dashboard and the sheet 命令 work; functions and buttons do not (its macros and
  add-ins differ from Excel's and cannot be tested here).
""",
}
_DIFFERENCES = {
    Lang.ZH: """
- Excel 里的错误旁边能看到原因;Calc 只显示错误本身;谷歌表格显示 `#ERROR!` 和一句话,区域里显示“#N/A 原因”这样的文字。
- Calc 7.4 没有动态数组:返回多格的函数(`VOUCHER`、`BILLED`、`COURIER`、`RFM`)请按 Ctrl+Shift+Enter 当数组公式输入。
- Excel 宏每个单元格问一次,一列请写成 `=ERP_STOCK(A2:A900)`,只问一次;Office.js 一次重算只问一次。
- 谷歌表格会缓存结果:查询函数最后可多写一个会变的格子,它变了就重新查。
""",
    Lang.EN: """
- Excel shows why beside an error; Calc shows the error alone; Google Sheets shows `#ERROR!` with a sentence, inside a range a
  text like `#N/A why`.
- Calc 7.4 has no dynamic arrays: enter functions that give several cells (`VOUCHER`, `BILLED`, `COURIER`, `RFM`) as array formulas.
- Excel's macros ask once for each cell: write a column as `=ERP_STOCK(A2:A900)`, which asks once. Office.js asks once for a whole
  recalculation.
- Google Sheets keeps results: a query takes one more argument, any cell that changes, and is asked anew when it does.
""",
}
_BY_HAND = {
    Lang.ZH: """
1. Windows 版 Excel 打开 `biaomao.xlam` 和 `biaomao.xlsm` 不提示修复;VBA 编辑器“调试 → 编译”无误。
2. 功能区“表猫”在中文、英文 Excel 里都有图标和名称。
3. `=ERP_STOCK(A2:A9)` 能溢出;错误是真正的 `#N/A`、`#VALUE!`、`#NUM!`;函数向导有说明。
4. 正在编辑单元格时按“同步”:不报错、不丢字;“停止”有效。
5. xlwings:Import Functions 成功,错误显示为 Excel 的错误;不开 `serve` 时按钮经 RunPython 执行。
6. macOS:加载项文件夹、AppleScriptTask 权限、回答里的中文。
7. Office.js:旁加载 `manifest.xml`;`=ERP.STOCK(A2)`;10,000 格重算;按钮打开窗格并执行。
8. 谷歌表格:授权只要求当前表格;菜单、函数、灰色格子的提示。
""",
    Lang.EN: """
1. Excel on Windows opens `biaomao.xlam` and `biaomao.xlsm` without repairs; Debug → Compile in the VBA editor is clean.
2. The tab 表猫 has icons and captions in Chinese and English Excel.
3. `=ERP_STOCK(A2:A9)` spills; errors are real `#N/A`, `#VALUE!`, `#NUM!`; the function wizard shows help.
4. Press Sync while a cell is being edited: no error, no lost keystroke; Stop works.
5. xlwings: Import Functions works, errors arrive as Excel's; without `serve` a button goes through RunPython.
6. macOS: the add-ins folder, the permission of AppleScriptTask, Chinese in answers.
7. Office.js: side-load `manifest.xml`; `=ERP.STOCK(A2)`; a recalculation of 10,000 cells; buttons open the pane and run.
8. Google Sheets: it asks for the current spreadsheet alone; menu, functions, the hint on grey cells.
""",
}


def hosts_markdown(lang: Lang) -> str:
    """The whole page."""
    return "\n".join([
        f"## {say(lang, '怎么装', 'Getting in')}", _GETTING_IN[lang],
        f"## {say(lang, '函数', 'Functions')}", "", _legend(lang), "", *_table(lang, functions=True), "",
        f"## {say(lang, '命令', 'Commands')}", "", *_table(lang, functions=False), "",
        f"## {say(lang, '各处的不同', 'Where they differ')}", _DIFFERENCES[lang],
        f"## {say(lang, '请您亲手点一遍的', 'To be tried by hand')}", "",
        say(lang, "这里没有 Excel、WPS 和谷歌表格,下面这些只能由您来试:", "There is no Excel, WPS or Google Sheets here; these are yours to try:"),
        _BY_HAND[lang],
    ])  # fmt: skip


def _legend(lang: Lang) -> str:
    return say(
        lang,
        f"{SEEN} 在程序里测过 · {STAND_IN} 在替身里测过,程序本身这里测不了 · {ABSENT} 没有",
        f"{SEEN} tested in the program itself · {STAND_IN} tested in a stand-in, not testable in the program here · "
        f"{ABSENT} not there",
    )


def _table(lang: Lang, *, functions: bool) -> list[str]:
    heads = [say(lang, column.zh, column.en) for column in COLUMNS]
    names = (
        [f"`{one.name}`" for one in FUNCTIONS] if functions else [one.label(lang) for one in COMMANDS_LIST]
    )
    marks = [column.functions if functions else column.commands for column in COLUMNS]
    proofs = [f"`{column.tests}`" for column in COLUMNS]
    return [
        _row(["", *heads]),
        _row(["---"] * (len(heads) + 1)),
        *(_row([name, *marks]) for name in names),
        _row([say(lang, "测试", "tests"), *proofs]),
    ]


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"
