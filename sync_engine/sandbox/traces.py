"""taobao.logistics.trace.search: what couriers write of a parcel, more as time goes on.

Each parcel has a fate of its own, by seed and number. Switches make some go wrong, come late or look signed at once, as the
platform's documents warn; faults double, shuffle and hide events like the rows of any other answer.
"""

from __future__ import annotations

import random
from typing import Any

from sync_engine.sandbox import states
from sync_engine.sandbox.context import Context, Params
from sync_engine.sandbox.refusal import business
from sync_engine.sandbox.store import Doc

Step = tuple[int, str, str]
"""Seconds after shipping, action, text."""
_HOUR = 3600
_DRIVERS = ("张三", "李大海", "王小二", "赵六", "欧阳明", "陈建国")
_SIGNERS = ("本人", "家门口", "菜鸟驿站", "刘芳", "门卫", "孙伟")
_HOME = "浙江省"


def trace(ctx: Context, p: Params) -> dict[str, Any]:
    """The events there are by now, and the platform's word for them."""
    trade = ctx.trade(p["tid"])
    subs = {int(oid) for oid in p.get("sub_tid", []) if oid.isdigit()}
    lines = [line for line in trade["orders"] if "consign_time" in line and (not subs or line["oid"] in subs)]
    if not lines:
        raise business("isv.invalid-parameter:tid", "该订单没有物流信息")
    line = lines[0]
    late = ctx.switches.trace_late_minutes * 60
    steps = [
        {"status_time": states.later(line["consign_time"], after), "status_desc": text, "action": action}
        for after, action, text in _way(ctx, trade, line)
        if states.later(line["consign_time"], after + late) <= ctx.now
    ]
    return {
        "out_sid": line["invoice_no"], "company_name": line["logistics_company"], "tid": trade["tid"], "status": "对方已签收",
        "trace_list": steps,
    }  # fmt: skip


def _way(ctx: Context, trade: Doc, line: Doc) -> list[Step]:
    """All that will ever be written of a parcel, oldest first."""
    rng = random.Random(f"{ctx.seed}:trace:{line['invoice_no']}")
    company, home = f"【{line['logistics_company']}】", trade.get("receiver_state") == _HOME
    city = trade.get("receiver_city") or trade.get("receiver_state") or "目的地"
    driver, phone = rng.choice(_DRIVERS), f"13{rng.randint(0, 9)}{rng.randint(10**7, 10**8 - 1)}"
    signer = rng.choice(_SIGNERS)
    times = [rng.uniform(1, 3), rng.uniform(4, 6.9), rng.uniform(10, 16) if home else rng.uniform(16, 22)]
    times += [times[2] + rng.uniform(4, 20), times[2] + rng.uniform(21, 30)]
    got, gone, there, out, signed = (int(hours * _HOUR) for hours in times)
    way: list[Step] = [
        (got, "GOT", f"{company}已揽收,揽收员:{driver},电话 {phone}"),
        (gone, "DEPARTURE", f"{company}快件已发往中转站"),
        (there, "ARRIVAL", f"{company}快件到达【{city}】中转站"),
        (out, "SENT_SCAN", f"{company}{city}快递员{driver}({phone})正在派送中"),
        (signed, "SIGNED", f"{company}已签收,签收人:{signer},如有疑问请联系 {driver}/{phone}"),
    ]
    if ctx.switches.trace_signed_at_once:
        return [(60, "SIGNED", f"{company}已签收")]
    if rng.random() < ctx.switches.trace_trouble:
        return _goes_wrong(rng, way, company)
    return way


def _goes_wrong(rng: random.Random, way: list[Step], company: str) -> list[Step]:
    """One of the ways a parcel gets into trouble."""
    out, signed = way[3][0], way[4][0]
    fates: tuple[list[Step], ...] = (
        [],  # nobody picks it up
        way[:2],  # stands still
        [*way[:4], (out + _HOUR, "", f"{company}派送不成功:电话无人接听,改次日派送"), *way[4:]],
        [*way[:4], (out + _HOUR, "", f"{company}客户拒收,原因:不想要了")],
        [
            *way[:3],
            (out, "", f"{company}快件退回寄件人"),
            (signed, "SIGNED", f"{company}已签收,签收人:商家"),
        ],
        [*way[:3], (out, "", f"{company}快件遗失,已登记理赔")],
    )
    return rng.choice(fates)
