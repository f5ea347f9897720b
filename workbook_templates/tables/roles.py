"""角色: who may give which commands."""

from __future__ import annotations

from workbook_templates.schema import Kind, Table
from workbook_templates.tables.choices import YES_NO
from workbook_templates.tables.make import engine, staff

ROLES = Table(
    name="roles", zh="角色", en="Roles", key=("role_id",), staff_rows=True, freeze=3,
    about_zh="谁可以用哪些命令。一行都没有时谁都可以;有了行,没列出的人只能用“同步”和“查历史”。它挡住按错,挡不住有心人:能打开工作簿的人看得到、改得到里面的一切。",
    about_en="Who may give which commands. Without any row everybody may; with rows, who is not listed may only sync and ask for histories. It keeps mistakes out, not intent: who can open the workbook can see and change all of it.",
    columns=(
        engine("role_id", "编号", "Id", Kind.ID, "由表猫编号,新增时留空。", "Numbered by Biaomao; leave it empty in a new row.", width=9),
        staff("enabled", "启用", "Enabled", Kind.CHOICE, "选“否”则不算。", "Choose No to leave it out.", width=7, choices=YES_NO),
        staff("person", "谁", "Who", Kind.TEXT, "Excel 里的用户名,或电脑的登录名;多个用顿号隔开;* 表示没有列出的人。", "The user name in Excel, or the name somebody logs in by; several with commas; * is everybody who is not listed.", width=24, wrap=True, required=True),
        staff("commands", "可以用的命令", "Commands", Kind.TEXT, "“命令”表里的名字,多个用顿号隔开;写“全部”就是都可以;空白只能同步、查历史。", "As the commands sheet calls them, several with commas; All for all of them; empty: only sync and history.", width=44, wrap=True),
        staff("note", "备注", "Note", Kind.TEXT, "随便写。", "Anything.", width=24, wrap=True),
        engine("problem", "需要注意", "Attention", Kind.TEXT, "这一行哪里填错了。", "What is wrong with this row.", width=30, wrap=True),
    ),
)  # fmt: skip
