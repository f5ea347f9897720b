"""What the order desk's commands do; `cli.py` declares them."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from rich.table import Table

from formulas.addresses import parse_address
from sync_engine.cli_report import as_json, console
from sync_engine.clock import parse_time
from sync_engine.commanding import run_command
from sync_engine.desks import this_person
from sync_engine.errors import UserError
from sync_engine.gifting import simulate_gifts
from sync_engine.opening import open_shop
from sync_engine.plan.gift_text import gifts_text
from sync_engine.plan.pasted import Unreadable, read_pasted
from workbook_templates.schema import Lang

MOST = 200_000
"""Characters of a pasted order that are read."""


def simulate(folder: Path, source: str, shop: str, paid: str, *, json: bool) -> None:
    """Run the gift rules of the workbook on a pasted order. Nothing is written anywhere."""
    text = sys.stdin.read(MOST) if source == "-" else Path(source).read_text("utf-8-sig")[:MOST]
    with open_shop(folder, rehearsal=True) as opened:
        now, lang = opened.shop.clock.now(), opened.config.lang
        try:
            trade = read_pasted(text, lang, now)
            at = parse_time(paid) if paid else trade.pay_time
        except (Unreadable, ValueError) as error:
            raise UserError(str(error)) from error
        found, problems = simulate_gifts(opened.shop, replace(trade, shop=shop or trade.shop, pay_time=at))
        if json:
            as_json({
                "gifts": [{"rule": gift.rule_id, "code": gift.code, "pieces": gift.num} for gift in found.gifts],
                "why": found.why, "problems": problems,
            })  # fmt: skip
            return
        zh = lang.value == "zh"
        console.print(gifts_text(found.gifts) or ("不送" if zh else "No gift"))
        for line in found.why.replace("; ", ";").split(";"):
            if line:
                console.print(f"  {line}", soft_wrap=True)
        for rule_id, problem in problems.items():
            console.print(f"  {rule_id}: {problem}", soft_wrap=True)


def verify(folder: Path, scans: Sequence[str], *, json: bool) -> bool:
    """Put a parcel's scans into the packing check and tell what it came to. True unless that is an alarm."""
    with open_shop(folder) as opened:
        done = run_command(opened.shop, "verify", " ".join(scans), this_person())
    if json:
        as_json({"good": done.good, "answer": done.answer})
    else:
        console.print(done.answer, soft_wrap=True)
    return done.good


def addresses(source: str, lang: Lang, *, json: bool) -> int:
    """Split pasted addresses, one to a line; gives how many a person must look at. Nothing is kept of them."""
    text = sys.stdin.read(MOST) if source == "-" else Path(source).read_text("utf-8-sig")[:MOST]
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    found = [parse_address(line) for line in lines]
    unclear = sum(not one.sure for one in found)
    zh = lang is Lang.ZH
    if json:
        as_json({
            "unclear": unclear,
            "addresses": [
                {
                    "province": one.province, "city": one.city, "district": one.district, "street": one.street,
                    "confidence": one.confidence, "sure": one.sure, "doubts": [doubt.zh if zh else doubt.en for doubt in one.doubts],
                }
                for one in found
            ],
        })  # fmt: skip
        return unclear
    heads = (
        ("省", "市", "区县", "街道门牌", "把握", "")
        if zh
        else ("Province", "City", "District", "Street", "Sure", "")
    )
    table = Table(*heads)
    for one in found:
        told = (
            ";".join(doubt.zh for doubt in one.doubts) if zh else "; ".join(doubt.en for doubt in one.doubts)
        )
        mark = "" if one.sure else ("请人看:" if zh else "look at it: ")
        table.add_row(one.province, one.city, one.district, one.street, f"{one.confidence}%", mark + told)
    console.print(table)
    return unclear
