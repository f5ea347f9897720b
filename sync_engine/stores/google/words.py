"""What people are told where Google Sheets does not let us in."""

from __future__ import annotations

from sync_engine.errors import Answer, NotAllowed, NotSent, OutsideError, WorkbookError
from workbook_templates.schema import Lang


def gone(refused: OutsideError) -> OutsideError | WorkbookError:
    """Why a spreadsheet cannot be read."""
    if refused.answer.sub_code == "invalid_grant":
        zh = "Google 授权已失效:请重新运行 biaomao google-login,或换一份服务账号的密钥"
        en = "Google's permission has ended: run biaomao google-login again, or give another key of the account"
        return WorkbookError(f"{zh} / {en}")
    if isinstance(refused, NotAllowed):
        zh = "表格没有共享给这个账号:请在 Google 表格里共享给它(可编辑)"
        en = "the spreadsheet is not shared with this account: share it, as editor"
        return WorkbookError(f"{zh} / {en}")
    if refused.answer.code == "404":
        zh = "找不到这个 Google 表格:请检查 config.toml 里的 google.spreadsheet"
        return WorkbookError(f"{zh} / no such Google spreadsheet: check google.spreadsheet in config.toml")
    return refused


def silent(error: OutsideError, lang: Lang) -> NotSent:
    """A read did not get through, or what has to be put right before it: whatever that was, it is looked up at the next one."""
    name, said = "Google 表格", "没有回应,这次没有同步,下次再试"
    if lang is Lang.EN:
        name, said = "Google Sheets", "no answer; nothing was synced, the next sync tries again"
    return NotSent(Answer(api=name, text=said, code=error.answer.code))


def unreachable(lang: Lang) -> str:
    """A write did not get through."""
    if lang is Lang.EN:
        return "Google Sheets did not answer: changes wait and go in with the next sync"
    return "Google 表格没有回应,改动先留着,下次同步再写入"


def not_ours(lang: Lang) -> str:
    """A write was turned away."""
    if lang is Lang.EN:
        return "Google Sheets does not let us write: share the spreadsheet with this account as editor"
    return "Google 表格不让写入:请把表格以“编辑者”共享给这个账号"
