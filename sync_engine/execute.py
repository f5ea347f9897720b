"""Acting: draining intents, each claimed in the journal before the call and recorded after it.

pending -> calling -> done | refused | unknown. A call whose outcome is in doubt (the reply was lost, or we died while
calling) is settled by asking the other side, never by calling again; only when it says for long enough that nothing
was done does the intent become pending once more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar

from sync_engine.errors import NotAllowed, NotSent, OutcomeUnknown, OutsideError, Refused
from sync_engine.intent import LONGEST_WAIT, Intent, IntentKind, IntentState, is_due
from sync_engine.journal.journal import Journal
from sync_engine.last_look import LastLook
from sync_engine.outside import BACK_OFF, RETRY, Outcome, Outside
from sync_engine.parcel import (
    Package,
    Packed,
    Waybill,
    WaybillOrder,
    WaybillRefusal,
    address_key,
)  # fmt: skip
from sync_engine.plan.facts import is_dead, is_open
from sync_engine.plan.policy import Policy
from sync_engine.plan.rows import gift_lines, line_name
from sync_engine.tell_price import PriceTeller
from sync_engine.tell_refund import RefundTeller
from sync_engine.tell_resend import ResendTeller
from sync_engine.tell_stock import StockTeller
from sync_engine.trade import Line, Trade

T = TypeVar("T")


def drain(journal: Journal, outside: Outside, policy: Policy) -> Outcome:
    """Settle what is in doubt, then carry out what is pending and due: each shop by itself, so that one whose session
    ended holds up no other.
    """
    outcome = Outcome()
    for shop in outside.shops:
        outcome.join(_drain_shop(_Work(journal, outside, policy, shop)))
    return outcome


_OF_A_SHOP = (IntentKind.STOCK, IntentKind.PRICE, IntentKind.REFUND)
"""What names its shop itself: goods and refunds, not trades and parcels."""
_AT_THE_CARRIER = (IntentKind.CANCEL, IntentKind.READDRESS, IntentKind.BUY)


def _drain_shop(work: _Work) -> Outcome:
    """One shop's work. Where the account of another shop is closed to it, the rest still goes on."""
    steps: tuple[tuple[IntentKind | None, Callable[[], None]], ...] = (
        (IntentKind.BUY, work.settle_waybill_doubts),
        (None, work.settle_doubts),
        (IntentKind.CANCEL, lambda: work.cancel(work.due(IntentKind.CANCEL))),
        (IntentKind.READDRESS, lambda: work.readdress(work.due(IntentKind.READDRESS))),
        (IntentKind.BUY, lambda: work.buy(work.due(IntentKind.BUY))),
        (IntentKind.SHIP, lambda: work.ship(work.due(IntentKind.SHIP))),
        (IntentKind.RESEND, lambda: work.resends.tell(work.due(IntentKind.RESEND))),
        (IntentKind.STOCK, lambda: work.stock.tell(work.due(IntentKind.STOCK))),
        (IntentKind.PRICE, lambda: work.prices.tell(work.due(IntentKind.PRICE))),
        (IntentKind.MEMO, lambda: work.set_memo(work.due(IntentKind.MEMO))),
        (IntentKind.REFUND, lambda: work.refunds.tell(work.due(IntentKind.REFUND))),
    )
    borrowed = work.shop != "" and work.shop not in work.outside.more_carriers
    for kind, act in steps:
        try:
            act()
        except NotAllowed as error:
            work.outcome.blocked = str(error)
            if not (borrowed and kind in _AT_THE_CARRIER):
                break
    return work.outcome


class _Work:
    """One drain of one shop."""

    def __init__(self, journal: Journal, outside: Outside, policy: Policy, shop: str) -> None:
        self.journal, self.outside, self.policy, self.shop = journal, outside, policy, shop
        self.outcome = Outcome()
        self.stock = StockTeller(journal, outside, self.outcome)
        self.prices = PriceTeller(journal, outside, self.outcome)
        self.refunds = RefundTeller(journal, outside, self.outcome, policy.lang)
        self.resends = ResendTeller(journal, outside, self.outcome, shop)
        self.last_look = LastLook(journal, outside)

    def now(self) -> datetime:
        return self.outside.clock.now()

    def due(self, kind: IntentKind) -> list[Intent]:
        now = self.now()
        return [
            intent
            for intent in self.open()
            if intent.kind is kind and intent.state is IntentState.PENDING and is_due(intent.next_at, now)
        ]

    def open(self) -> list[Intent]:
        """What this shop has pending or in doubt; what belongs to a shop that is configured no more goes with the first."""
        found, shops = self.journal.intents.open(), self.outside.shops
        if len(shops) == 1:
            return found
        sellers = self._sellers({_tid_of(intent) for intent in found if intent.kind not in _OF_A_SHOP})
        mine = []
        for intent in found:
            told = intent.doc.get("shop", "") if intent.kind in _OF_A_SHOP else sellers[_tid_of(intent)]
            if (told if told in shops else "") == self.shop:
                mine.append(intent)
        return mine

    # -- settling what is in doubt -------------------------------------------------------------------------------

    def settle_waybill_doubts(self) -> None:
        """Ask the carrier about purchases and cancellations that may have been done."""
        bought = [i for i in self.open() if i.in_doubt and i.kind in (IntentKind.BUY, IntentKind.CANCEL)]
        self._guard(bought, partial(self._settle_waybills, bought))

    def settle_doubts(self) -> None:
        """Ask about every other intent that may have been done."""
        doubts = [intent for intent in self.open() if intent.in_doubt]
        self.stock.settle([intent for intent in doubts if intent.kind is IntentKind.STOCK])
        self.prices.settle([intent for intent in doubts if intent.kind is IntentKind.PRICE])
        self.refunds.settle([intent for intent in doubts if intent.kind is IntentKind.REFUND])
        self.resends.settle([intent for intent in doubts if intent.kind is IntentKind.RESEND])
        for intent in doubts:
            if intent.kind is IntentKind.SHIP:
                self._guard([intent], partial(self._settle_ship, intent))
            elif intent.kind is IntentKind.MEMO:
                self._guard([intent], partial(self._settle_memo, intent))
            elif intent.kind is IntentKind.READDRESS:
                self._move(
                    intent, IntentState.PENDING
                )  # sets one address: the same call again changes nothing

    def _guard(self, intents: Sequence[Intent], ask: Callable[[], None]) -> None:
        """A question that gets no answer leaves the doubt as it is."""
        if not intents:
            return
        try:
            ask()
        except NotAllowed:
            raise
        except OutsideError as error:
            self.outcome.troubles.append(str(error))
            for intent in intents:
                self._move(intent, IntentState.UNKNOWN, answer=str(error))

    def _settle_waybills(self, intents: Sequence[Intent]) -> None:
        packages = [p for intent in intents if (p := self.journal.mirror.package(intent.subject))]
        found = self._find({package.tid for package in packages})
        for intent in intents:
            package = self.journal.mirror.package(intent.subject)
            if package is None:
                self._move(intent, IntentState.DROPPED)
            elif intent.kind is IntentKind.BUY:
                waybill = _match(package, found, packages)
                self._adopt(intent, package, waybill) if waybill else self._absent(intent)
            else:
                own = [w for w in found if w.waybill_code == package.waybill_code]
                self._settle_cancel(intent, package, own)

    def _settle_cancel(self, intent: Intent, package: Package, shown: Sequence[Waybill]) -> None:
        """Shown alive: not done. Shown as cancelled, or not shown any more although it had time to appear: done."""
        young = package.bought_at is not None and self.now() - package.bought_at < self.outside.settle
        if any(not waybill.cancelled for waybill in shown):
            self._absent(intent)
        elif shown or not young:
            self._cancelled(intent, package)
        else:
            self._move(intent, IntentState.UNKNOWN)

    def _find(self, tids: Iterable[str]) -> list[Waybill]:
        return find_waybills(self.outside, self._sellers(tids))

    def _sellers(self, tids: Iterable[str]) -> dict[str, str]:
        """Which of our shops sold each of these."""
        return sellers_of(self.journal, tids)

    def _seller(self, tid: str) -> str:
        return self._sellers([tid])[tid]

    def _absent(self, intent: Intent) -> None:
        """The other side knows nothing of it: believed only once it had time to become visible.

        A purchase and a word to Tmall are then planned anew: the order may be on hold or closed by now.
        """
        called = self._called(intent)
        waited = self.now() - called >= self.outside.settle
        anew = intent.kind in (IntentKind.BUY, IntentKind.SHIP)
        again = IntentState.DROPPED if anew else IntentState.PENDING
        self._move(intent, again if waited else IntentState.UNKNOWN)

    def _called(self, intent: Intent) -> datetime:
        """When it was called; where the clock went back since, when that was first noticed."""
        now, name = self.now(), f"asked:{intent.key}"
        called = intent.called_at or now
        if called <= now:
            return called
        if (noticed := self.journal.moment(name)) is None or noticed > now:
            self.journal.set_moment(name, now)
            return now
        return noticed

    def _settle_ship(self, intent: Intent) -> None:
        package = self.journal.mirror.package(intent.subject)
        trade = self.outside.tmall_of(self._seller(package.tid)).trade(package.tid) if package else None
        if package is None or trade is None:
            self._move(
                intent,
                IntentState.REFUSED,
                answer=_words(self.policy, "天猫找不到这一单", "Tmall does not know this order"),
            )
            return
        own = [line for line in trade.lines if line.oid in package.oids]
        if own and all(line.invoice_no == package.waybill_code for line in own):
            self._shipped(intent, package, intent.called_at or own[0].consign_time)
        elif any(line.was_shipped for line in own):
            other = ", ".join(sorted({line.invoice_no for line in own if line.invoice_no}))
            text = _words(self.policy, f"天猫上已用 {other} 发货", f"Tmall has it as shipped with {other}")
            self._move(intent, IntentState.REFUSED, answer=text)
        else:
            self._absent(intent)

    def _settle_memo(self, intent: Intent) -> None:
        trade = self.outside.tmall_of(self._seller(intent.subject)).trade(intent.subject)
        if trade and trade.seller_memo.strip() == intent.doc["memo"]:
            self._done(intent)
        else:
            self._absent(intent)

    # -- acting ------------------------------------------------------------------------------------------------

    def _still_wanted(self, intents: Sequence[Intent]) -> list[Intent]:
        """Those that may go on as far as Tmall says now; what changed there is taken in by the next tick's look."""
        wanted = []
        for intent in intents:
            package = self.journal.mirror.package(intent.subject)
            try:
                if package is None or self.last_look.may_go(intent, package, self._seller(package.tid)):
                    wanted.append(intent)
                    continue
            except NotAllowed:
                raise
            except OutsideError as error:
                self._later([intent], error)
                continue
            text = _words(
                self.policy, "天猫上刚有变动,看清再办", "it just changed at Tmall: looked at again first"
            )
            self._move(intent, IntentState.PENDING, answer=text, next_at=self.now() + BACK_OFF)
        return wanted

    def buy(self, intents: Sequence[Intent]) -> None:
        """One waybill for each parcel, in batches of one courier; asked for first, so that nothing is bought twice."""
        sellers = self._sellers({_tid(intent) for intent in intents})
        accounts: dict[tuple[str, str, str], list[Intent]] = {}
        for intent in intents:
            seller = sellers.get(_tid(intent), "")
            own = seller if seller in self.outside.more_carriers else ""
            package = self.journal.mirror.package(intent.subject)  # one sender for all orders of a call
            if package and package.waybill_code:  # its number became known while the purchase waited
                self._move(intent, IntentState.DROPPED)
                continue
            sender = self.policy.places.senders.get(package.warehouse) if package else None
            accounts.setdefault((intent.doc["cp_code"], own, repr(sender)), []).append(intent)
        for (cp_code, seller, _), group in sorted(accounts.items()):
            size = self.outside.carrier_of(seller).batch_size
            for start in range(0, len(group), size):
                batch = self._still_wanted(group[start : start + size])
                if self.outside.ask_before_buy:
                    batch = self._not_bought_yet(batch)
                self._buy_batch(cp_code, seller, batch)

    def _not_bought_yet(self, intents: Sequence[Intent]) -> list[Intent]:
        packages = {i.key: p for i in intents if (p := self.journal.mirror.package(i.subject))}
        try:
            found = self._find({package.tid for package in packages.values()})
        except NotAllowed:
            raise
        except OutsideError as error:
            self._later(intents, error)
            return []
        left = []
        for intent in intents:
            package = packages.get(intent.key)
            waybill = _match(package, found, list(packages.values())) if package else None
            if package and waybill:
                self._adopt(intent, package, waybill)
            elif package:
                left.append(intent)
        return left

    def _buy_batch(self, cp_code: str, seller: str, intents: Sequence[Intent]) -> None:
        orders: dict[str, WaybillOrder] = {}
        for intent in intents:
            order = self._waybill_order(intent)
            if order is None:
                self._move(intent, IntentState.DROPPED)
            else:
                orders[intent.key] = order
        batch = [intent for intent in intents if intent.key in orders]
        if not batch:
            return
        answers = self._call(
            batch, partial(self.outside.carrier_of(seller).buy, cp_code, list(orders.values()))
        )
        if answers is None:
            return
        by_package = {answer.package_id: answer for answer in answers}
        for intent in batch:
            package, answer = self.journal.mirror.package(intent.subject), by_package.get(intent.subject)
            if isinstance(answer, Waybill) and package:
                self._adopt(intent, package, answer)
            elif isinstance(answer, WaybillRefusal):
                self._refuse(intent, answer.reason)
            else:
                self._move(intent, IntentState.UNKNOWN)

    def _waybill_order(self, intent: Intent) -> WaybillOrder | None:
        """What to ask for, from the order as it is now; None if it must not be sent any more."""
        package = self.journal.mirror.package(intent.subject)
        trade = self.journal.mirror.trades([package.tid]).get(package.tid) if package else None
        if package is None or trade is None or not is_open(trade):
            return None
        along = fellows(self.journal, package)
        trades = self.journal.mirror.trades([part.tid for part in along])
        if any(part.tid not in trades or not is_open(trades[part.tid]) for part in along):
            return None
        return waybill_order(package, trade, self.policy, [(part, trades[part.tid]) for part in along])

    def cancel(self, intents: Sequence[Intent]) -> None:
        """Give waybills back."""
        for intent in intents:
            cp_code, waybill_code = intent.doc["cp_code"], intent.doc["waybill_code"]
            carrier = self.outside.carrier_of(self._seller(_tid(intent)))
            given = self._call([intent], partial(carrier.cancel, cp_code, waybill_code))
            package = self.journal.mirror.package(intent.subject)
            if given and package:
                self._cancelled(intent, package)
            elif given is False:
                self._refuse(
                    intent,
                    _words(
                        self.policy,
                        "快递不接受作废,可能已揽收",
                        "the courier will not take it back; it may have been picked up",
                    ),
                )

    def readdress(self, intents: Sequence[Intent]) -> None:
        """Change the receiver of waybills that have not left."""
        for intent in intents:
            order = self._waybill_order(intent)
            package = self.journal.mirror.package(intent.subject)
            if order is None or package is None:
                self._move(intent, IntentState.DROPPED)
                continue
            doc = intent.doc
            carrier = self.outside.carrier_of(self._seller(package.tid))
            update = partial(carrier.update, doc["cp_code"], doc["waybill_code"], order)
            waybill = self._call([intent], update)
            if waybill:
                changed = replace(
                    package, address_key=doc["address_key"], state="bought", printed_at=None, batch="",
                    print_data=waybill.print_data or package.print_data, sorting=waybill.sorting or package.sorting,
                    hub=waybill.hub or package.hub, route=waybill.route or package.route,
                )  # fmt: skip
                along = (
                    replace(part, address_key=changed.address_key, state="bought", printed_at=None, batch="")
                    for part in fellows(self.journal, package)
                )
                self._done(intent, changed, *along)

    def ship(self, intents: Sequence[Intent]) -> None:
        """Tell Tmall that parcels left."""
        for intent in intents:
            if not self._still_wanted([intent]):
                continue
            package = self.journal.mirror.package(intent.subject)
            if package is None or package.state != "printed":
                self._move(intent, IntentState.DROPPED)
                continue
            company = self.outside.company_codes.get(package.cp_code, package.cp_code)
            sub_oids = intent.doc["sub_oids"].split(",") if intent.doc.get("sub_oids") else None
            tmall = self.outside.tmall_of(self._seller(package.tid))
            ship = partial(tmall.ship, package.tid, package.waybill_code, company, sub_oids)
            if self._tell([intent], ship):
                self._shipped(intent, package, None)

    def set_memo(self, intents: Sequence[Intent]) -> None:
        """Replace seller memos."""
        for intent in intents:
            tmall = self.outside.tmall_of(self._seller(intent.subject))
            if self._tell([intent], partial(tmall.set_memo, intent.subject, intent.doc["memo"])):
                self._done(intent)

    # -- recording ---------------------------------------------------------------------------------------------

    def _call(self, intents: Sequence[Intent], call: Callable[[], T]) -> T | None:
        """Claim, call, and record what kind of failure it was; None where it failed."""
        with self.journal.transaction():
            self.journal.intents.calling([intent.key for intent in intents], self.now())
        try:
            return call()
        except NotAllowed as error:
            self._later(intents, error)
            raise
        except NotSent as error:
            self._later(intents, error)
        except Refused as error:
            for intent in intents:
                self._refuse(intent, str(error))
        except OutcomeUnknown as error:
            self.outcome.troubles.append(str(error))
            for intent in intents:
                self._move(intent, IntentState.UNKNOWN, answer=str(error))
        return None

    def _tell(self, intents: Sequence[Intent], call: Callable[[], None]) -> bool:
        """A call that gives nothing back: True where it came through."""

        def told() -> bool:
            call()
            return True

        return bool(self._call(intents, told))

    def _later(self, intents: Sequence[Intent], error: OutsideError) -> None:
        self.outcome.troubles.append(str(error))
        wait = min(max(timedelta(seconds=error.answer.wait_seconds), BACK_OFF), LONGEST_WAIT)
        for intent in intents:
            self._move(intent, IntentState.PENDING, answer=str(error), next_at=self.now() + wait)

    def _refuse(self, intent: Intent, reason: str) -> None:
        with self.journal.transaction():
            again = self.now() + RETRY
            self.journal.intents.move(intent.key, IntentState.REFUSED, answer=reason, next_at=again)

    def _move(
        self, intent: Intent, state: IntentState, *, answer: str = "", next_at: datetime | None = None
    ) -> None:
        with self.journal.transaction():
            self.journal.intents.move(intent.key, state, answer=answer, next_at=next_at)

    def _done(self, intent: Intent, *packages: Package) -> None:
        with self.journal.transaction():
            for package in packages:
                self.journal.mirror.put_package(package)
            self.journal.intents.move(intent.key, IntentState.DONE)
        self.outcome.done[intent.kind] += 1

    def _adopt(self, intent: Intent, package: Package, waybill: Waybill) -> None:
        bought = replace(
            package, state="bought", waybill_code=waybill.waybill_code, cp_code=waybill.cp_code or package.cp_code,
            bought_at=self.now(), problem="", print_data=waybill.print_data, sorting=waybill.sorting,
            hub=waybill.hub, route=waybill.route,
        )  # fmt: skip
        along = (
            replace(part, state="bought", waybill_code=bought.waybill_code, cp_code=bought.cp_code, bought_at=bought.bought_at, problem="")
            for part in fellows(self.journal, package)
        )  # fmt: skip
        self._done(intent, bought, *along)

    def _cancelled(self, intent: Intent, package: Package) -> None:
        parts = (package, *fellows(self.journal, package))
        self._done(intent, *(replace(part, state="cancelled", cancelled_at=self.now()) for part in parts))

    def _shipped(self, intent: Intent, package: Package, when: datetime | None) -> None:
        self._done(intent, replace(package, state="shipped", shipped_at=when or self.now()))


def sellers_of(journal: Journal, tids: Iterable[str]) -> dict[str, str]:
    """Which of our shops sold each of these trades; "" is the first, and stands for one we do not know."""
    wanted = list(tids)
    return {
        **dict.fromkeys(wanted, ""),
        **{tid: t.seller for tid, t in journal.mirror.trades(wanted).items()},
    }


def find_waybills(outside: Outside, sellers: Mapping[str, str]) -> list[Waybill]:
    """Everything bought for these trades so far; `sellers` tells which of our shops sold each."""
    accounts: dict[str, list[str]] = {}
    for tid, seller in sorted(sellers.items()):
        accounts.setdefault(seller if seller in outside.more_carriers else "", []).append(tid)
    return [
        waybill
        for seller, tids in sorted(accounts.items())
        for carrier in [outside.carrier_of(seller)]
        for start in range(0, len(tids), carrier.batch_size)
        for waybill in carrier.find(tids[start : start + carrier.batch_size])
    ]


def _tid_of(intent: Intent) -> str:
    """The trade an intent belongs to that is about a parcel or about the trade itself."""
    return intent.subject if intent.kind is IntentKind.MEMO else _tid(intent)


def _tid(intent: Intent) -> str:
    """The trade an intent about a parcel belongs to."""
    return intent.subject.rpartition("-")[0]


def _match(package: Package, found: Sequence[Waybill], wanted: Sequence[Package]) -> Waybill | None:
    """The waybill bought for a parcel: by its id, or by its order where the courier's answer names no parcel."""
    alive = [waybill for waybill in found if waybill.tid == package.tid and not waybill.cancelled]
    named = [waybill for waybill in alive if waybill.package_id == package.package_id]
    if named:
        return named[0]
    nameless = [waybill for waybill in alive if not waybill.package_id]
    siblings = [other for other in wanted if other.tid == package.tid]
    return nameless[0] if len(nameless) == 1 and len(siblings) == 1 and package.no == 1 else None


def waybill_order(
    package: Package, trade: Trade, policy: Policy, along: Sequence[tuple[Package, Trade]] = ()
) -> WaybillOrder:
    """What the courier is asked for one parcel, with the parts of other orders that go along."""
    parts = [(package, trade), *along]
    lines = [line for part, its in parts for line in (*_bought_in(part, its), *gift_lines(part, policy))]
    return WaybillOrder(
        package_id=package.package_id,
        tid=trade.tid,
        receiver=trade.receiver,
        items=tuple(Packed(name=line_name(line, policy)[:60] or line.oid, count=line.num) for line in lines),
        weight_g=sum(part.weight_g for part, _ in parts),
        more_tids=tuple(part.tid for part, _ in along),
        value=sum((line.amount for line in lines), trade.post_fee * 0),
        sender=policy.places.senders.get(package.warehouse),
    )


def _bought_in(package: Package, trade: Trade) -> list[Line]:
    return [line for line in trade.lines if line.oid in package.oids and not is_dead(line)]


def fellows(journal: Journal, package: Package) -> list[Package]:
    """The parts of other orders that go along in a parcel, as they are now."""
    if package.is_guest:
        return []
    found = (journal.mirror.package(one) for one in package.fellows)
    return [part for part in found if part and part.live and part.state != "shipped"]


def _words(policy: Policy, zh: str, en: str) -> str:
    return zh if policy.lang.value == "zh" else en


__all__ = ["Outcome", "Outside", "address_key", "drain", "waybill_order"]
