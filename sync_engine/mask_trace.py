"""Masks people in what couriers write: traces name drivers and receivers, with phones, pick-up codes and doors.

More is masked than need be: a word taken for a name is no loss, a name that is kept is one.
"""

from __future__ import annotations

import re

from sync_engine.values import clean_text

LONGEST = 160
_NUMBER = re.compile(r"\d(?:[ \-—*＊]?\d){6,}")
"""Seven digits and more, with what people put between them: phones of any kind; a waybill's number stands in its own column."""
_CODE = re.compile(r"(?<=[取提]货码|取件码|验证码|提件码|签收码)\s*[:：为是]?\s*[“\"【\[]?[\w-]{2,}")
_ROLES = (
    "快递员|派件员|派送员|配送员|业务员|投递员|揽投员|揽收员|揽件员|小件员|收派员|骑手|司机|站长|联系人|负责人|收件人|收货人|签收人|"
    "代签人|代收人|寄件人|发件人|经手人|客户"
)
_NOT_NAMES = (
    "本人|家人|门卫|前台|同事|物业|家门口|门口|快递柜|驿站|他人|单位|收发室|信箱|保安|已|正|将|在|为|会|未|无|电话|手机|地址|的|要求|拒|"
    "进行|派|揽|联系|签收|取|是|姓名"
)
_AFTER_ROLE = re.compile(
    rf"((?:{_ROLES})(?:姓名)?\s*[:：是为,，]?\s*[【\[(（「“\"]?\s*)(?!{_NOT_NAMES})([\u4e00-\u9fff·]{{2,4}}|[A-Za-z][A-Za-z .]{{1,20}})"
)
_BEFORE_PHONE = re.compile(
    r"(?<![\u4e00-\u9fff])(?!电话|手机|联系|热线|致电)([\u4e00-\u9fff·]{2,4})"
    r"(?=[\s,，/:：;；、|【\[(（]*(?:(?:联系)?(?:电话|手机)|tel)?[\s:：(（+]*[\d*＊](?:[\d*＊]|[ \-—](?=[\d*＊])){6,})",
    re.IGNORECASE,
)
_DOOR = re.compile(
    r"[A-Za-z]?[\d一二三四五六七八九十]+[A-Za-z]?(?=\s*(?:号楼|号院|栋|幢|座|单元|室|房|楼|层|号门))"
)


def mask_trace(text: str) -> str:
    """One event as it may be kept: phones, names beside a role or a phone, codes and doors hidden, cut to `LONGEST`."""
    text = _CODE.sub("***", clean_text(text).strip())
    text = _BEFORE_PHONE.sub(lambda found: f"{found[1][0]}**", text)
    text = _AFTER_ROLE.sub(lambda found: f"{found[1]}{found[2][0]}**", text)
    text = _NUMBER.sub(lambda found: f"{found[0][:2]}****", text)
    text = _DOOR.sub("*", text)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
