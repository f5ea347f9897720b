"""Whether somebody may ask for something from outside the sheet: by the rows of 角色 as last synced."""

from __future__ import annotations

from sync_engine.desks import this_person
from sync_engine.errors import UserError
from sync_engine.gather import Request
from sync_engine.journal.journal import Journal
from sync_engine.plan.roles import read_roles, refusal
from sync_engine.state import Shop
from workbook_templates.schema import Lang
from workbook_templates.tables import ROLES


def may_not(journal: Journal, person: str, command: str, lang: Lang) -> str:
    """Why somebody may not give a command; "" where they may."""
    roles, _ = read_roles(journal.rows.all(ROLES.name), lang)
    return "" if roles.may(person, command) else refusal(person, command, lang)


def mind_roles(shop: Shop, request: Request) -> None:
    """UserError where the person at this computer may not ask for this."""
    asked = {
        "print": request.print_now or request.buy_now, "waves": request.waves, "ship": bool(request.ship_now), "reprint": bool(request.reprint),
        "verify": bool(request.scans), "propose": request.propose, "purchase_orders": bool(request.purchase_orders),
        "restore_rows": request.deletion == "restore", "accept_deletion": request.deletion == "accept",
        "refresh": bool(request.ask),
    }  # fmt: skip
    for command in (name for name, wanted in asked.items() if wanted):
        if why := may_not(shop.journal, this_person(), command, shop.lang):
            raise UserError(why)
