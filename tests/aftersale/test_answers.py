"""Answers to refunds: sent once, for the version the person saw, and never where anything is in doubt."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync_engine.intent import Intent, IntentKind, IntentState
from sync_engine.plan.aftersale import Case
from sync_engine.plan.answering import GOT_BY, answer_key, plan_answer
from sync_engine.plan.policy import Policy
from tests.aftersale.shop import refund, scan, sent_back, shipped, todos
from tests.aftersale.test_counting import CASES
from tests.engine.dying import Step, live_and_die
from tests.engine.rig import Rig
from tests.engine.test_crash import EVERY
from workbook_templates.schema import Lang

PICTURE = b"\x89PNG" + b"x" * 50
ANSWERS = ("agree_refund", "agree_return", "refuse_refund")


@pytest.fixture
def rig() -> Rig:
    """A shop that sends answers, with an order that was shipped."""
    return answering(shipped(2))


def answering(rig: Rig) -> Rig:
    rig.sheet.type("settings", "answer_refunds", value="是")
    rig.sheet.type("settings", "return_address", value="7001")
    rig.shop = replace(
        rig.shop, outside=replace(rig.shop.outside, proof=lambda name: PICTURE if name == "a.png" else None)
    )
    return rig


def asks(rig: Rig, **more: object) -> None:
    """The buyer wants money, and keeps the goods."""
    refund(rig, "1001", "WAIT_SELLER_AGREE", has_good_return=False, dispute_type="REFUND", **more)
    rig.settle()


def test_an_agreement_is_sent_once(rig: Rig) -> None:
    asks(rig)
    version = str(rig.row("refunds", "91001")["version"])
    rig.sheet.type("refunds", "91001", answer="agree")
    rig.settle()
    sent = [("agree_refund", "91001", "20.00", version, "onsale")]
    told = rig.row("refunds", "91001")
    assert [(n, r, f"{Decimal(fee):.2f}", v, p) for n, r, fee, v, p in rig.world.effects(*ANSWERS)] == sent
    assert (told["status"], told["answer_told"]) == ("SUCCESS", "天猫已收到同意")
    assert not todos(rig)
    rig.lose_journal()
    rig.settle()
    assert len(rig.world.effects(*ANSWERS)) == 1
    assert rig.row("refunds", "91001")["answer_for"] == version


def test_nothing_is_sent_where_the_setting_is_off() -> None:
    rig = shipped(2)
    asks(rig)
    rig.sheet.type("refunds", "91001", answer="agree")
    rig.settle()
    assert not rig.world.effects(*ANSWERS)
    assert "没开" in str(rig.row("refunds", "91001")["answer_told"])


@pytest.mark.parametrize("under", (False, True), ids=("before the read", "under the write"))
def test_a_refund_that_changed_after_the_answer_is_asked_again(rig: Rig, under: bool) -> None:
    """Also where the word is typed in the very moment in which the row is given the new amount."""
    asks(rig)
    if under:
        rig.sheet.under_next_write(lambda: rig.sheet.type("refunds", "91001", answer="agree"))
    else:
        rig.sheet.type("refunds", "91001", answer="agree")
    refund(rig, "1001", "WAIT_SELLER_AGREE", fee=Decimal("15.00"))
    rig.settle()
    assert not rig.world.effects(*ANSWERS)
    assert "变过" in str(rig.row("refunds", "91001")["answer_told"])
    assert "91001" in [key for key, _ in todos(rig)]
    rig.lose_journal()
    rig.settle()
    assert not rig.world.effects(*ANSWERS)
    rig.sheet.type("refunds", "91001", answer=None)
    rig.settle()
    rig.sheet.type("refunds", "91001", answer="agree")
    rig.settle()
    assert [fee for _, _, fee, _, _ in rig.world.effects(*ANSWERS)] == ["15.00"]


def test_an_answer_that_no_journal_saw_given_is_asked_for_again(rig: Rig) -> None:
    """The row got another amount under it, or not: nobody can tell."""
    asks(rig)
    rig.sheet.type("refunds", "91001", answer="agree")
    rig.lose_journal()
    rig.settle()
    assert not rig.world.effects(*ANSWERS)
    assert "哪一版" in str(rig.row("refunds", "91001")["answer_told"]) and "91001" in [
        key for key, _ in todos(rig)
    ]
    for word in (None, "agree"):
        rig.sheet.type("refunds", "91001", answer=word)
        rig.settle()
    assert [effect[1] for effect in rig.world.effects(*ANSWERS)] == ["91001"] and not todos(rig)


@pytest.mark.parametrize("told", (False, True), ids=("not read yet", "told that it is for another"))
def test_a_word_in_an_earlier_copy_of_the_workbook_is_not_for_what_came_since(rig: Rig, told: bool) -> None:
    """Found by the simulator: an amount nobody saw was refused."""
    asks(rig)
    rig.sheet.type("refunds", "91001", answer="agree")
    if told:
        refund(rig, "1001", "WAIT_SELLER_AGREE", fee=Decimal("15.00"))
        rig.settle()
    earlier = deepcopy(rig.sheet.tables)
    rig.sheet.type("refunds", "91001", answer=None)
    if not told:
        refund(rig, "1001", "WAIT_SELLER_AGREE", fee=Decimal("15.00"))
    rig.settle()
    rig.sheet.tables = earlier
    rig.settle()
    row = rig.row("refunds", "91001")
    assert (row["fee"], row["answer"]) == (Decimal("15.00"), "agree") and not rig.world.effects(*ANSWERS)
    assert "哪一版" in str(row["answer_told"]) and "91001" in [key for key, _ in todos(rig)]
    for word in (None, "agree"):
        rig.sheet.type("refunds", "91001", answer=word)
        rig.settle()
    assert [fee for _, _, fee, _, _ in rig.world.effects(*ANSWERS)] == ["15.00"]


def test_a_change_of_the_last_second_stops_the_answer(rig: Rig) -> None:
    """Tmall tells of the new version only when asked just before the call."""
    asks(rig)
    rig.sheet.type("refunds", "91001", answer="agree")
    held = rig.world.refunds["91001"]

    def sneak(name: str) -> None:
        if name == "refund":
            rig.world.refunds["91001"] = replace(held, version="1", fee=Decimal("19.00"))

    rig.world.before = sneak
    rig.settle()
    assert not rig.world.effects(*ANSWERS)
    assert "变过" in str(rig.row("refunds", "91001")["answer_told"])


@pytest.mark.parametrize("lost", ["lose_reply", "lose_request"])
def test_a_lost_answer_is_settled_by_asking(rig: Rig, lost: str) -> None:
    asks(rig)
    getattr(rig.world, lost).add("agree_refund")
    rig.sheet.type("refunds", "91001", answer="agree")
    rig.settle()
    assert len(rig.world.effects(*ANSWERS)) == 1
    assert rig.row("refunds", "91001")["status"] == "SUCCESS"


def test_what_tmall_refuses_is_told_and_not_repeated(rig: Rig) -> None:
    asks(rig)
    rig.world.refuse_answer = "需要短信验证码"
    rig.sheet.type("refunds", "91001", answer="agree")
    rig.settle()
    rig.world.clock.sleep(86400)
    rig.settle()
    assert "短信" in str(rig.row("refunds", "91001")["answer_told"])
    assert not rig.world.effects(*ANSWERS)
    rig.world.refuse_answer = ""
    rig.settle()
    assert not rig.world.effects(*ANSWERS), "a person chooses again"
    rig.sheet.type("refunds", "91001", answer=None)
    rig.settle()
    rig.sheet.type("refunds", "91001", answer="agree")
    rig.settle()
    assert len(rig.world.effects(*ANSWERS)) == 1


def test_a_refusal_needs_a_reason_and_a_picture(rig: Rig) -> None:
    asks(rig)
    for cells, why in (
        ({}, "理由"), ({"answer_why": "x" * 201}, "理由"), ({"answer_why": "已签收"}, "图片"),
        ({"answer_why": "已签收", "proof": "no.png"}, "没有“no.png”"),
    ):  # fmt: skip
        rig.sheet.type("refunds", "91001", **{"answer": "refuse", **cells})  # type: ignore[arg-type]
        rig.settle()
        assert why in str(rig.row("refunds", "91001")["answer_told"])
        assert not rig.world.effects(*ANSWERS)
        rig.sheet.type("refunds", "91001", answer=None)
        rig.settle()
    rig.sheet.type("refunds", "91001", answer="refuse", answer_why="已签收,请看底单", proof="a.png")
    rig.settle()
    assert [name for name, *_ in rig.world.effects(*ANSWERS)] == ["refuse_refund"]
    assert rig.row("refunds", "91001")["status"] == "SELLER_REFUSE_BUYER"


def test_a_return_is_agreed_to_and_paid_when_its_goods_are_counted_in(rig: Rig) -> None:
    refund(rig, "1001", "WAIT_SELLER_AGREE")
    rig.settle()
    rig.sheet.type("refunds", "91001", answer="agree")
    rig.settle()
    assert [name for name, *_ in rig.world.effects(*ANSWERS)] == ["agree_return"]
    sent_back(rig)
    rig.settle()
    rig.sheet.type("refunds", "91001", answer=None)
    rig.settle()
    rig.sheet.type("refunds", "91001", answer="agree")
    rig.settle()
    assert "没开" in str(rig.row("refunds", "91001")["answer_told"])
    rig.sheet.type("settings", "confirm_returns", value="是")
    rig.settle()
    assert "0/2" in str(rig.row("refunds", "91001")["answer_told"])
    scan(rig, "YT700", good=1, defective=1)
    rig.settle()
    assert [name for name, *_ in rig.world.effects(*ANSWERS)] == ["agree_return", "agree_refund"]
    assert rig.row("refunds", "91001")["status"] == "SUCCESS"


def test_no_refusal_before_shipping_and_no_answer_where_tmall_forbids_it(rig: Rig) -> None:
    rig.world.order("1002", 1)
    rig.settle()
    refund(rig, "1002", "WAIT_SELLER_AGREE", tid="1002", has_good_return=False, dispute_type="REFUND")
    asks(rig, constraint="cannot_refuse")
    for key in ("91002", "91001"):
        rig.sheet.type("refunds", key, answer="refuse", answer_why="不同意", proof="a.png")
    rig.settle()
    assert not rig.world.effects(*ANSWERS)
    assert "没发货" in str(rig.row("refunds", "91002")["answer_told"])
    assert "不允许" in str(rig.row("refunds", "91001")["answer_told"])


@given(CASES, st.sampled_from(["", "agree", "refuse"]), st.booleans(), st.sampled_from([None, *IntentState]))
def test_the_plan_asks_only_for_what_the_person_saw(
    case: Case, word: str, on: bool, state: IntentState | None
) -> None:
    policy = Policy(
        shop="店", lang=Lang.ZH,
        settings={"answer_refunds": "yes" if on else "no", "confirm_returns": "yes", "return_address": "1"},
    )  # fmt: skip
    key = answer_key(policy.shop, case)
    asked = {}
    if state is not None:
        doc = {"word": "agree"}
        asked = {
            case.refund.version: Intent(key=key, kind=IntentKind.REFUND, subject="9", doc=doc, state=state)
        }
    cells = {"answer": word, "answer_why": "理由在此", "proof": "a.png"}
    same = plan_answer(case, cells, {"version": case.refund.version}, policy, asked)
    other = plan_answer(case, cells, {"version": "1"}, policy, asked)
    assert other.ask is None
    if same.ask:
        assert on and word and state in (None, IntentState.DROPPED)
        assert same.ask.key == key
        assert case.refund.status not in GOT_BY[word] or case.refund.status == "WAIT_SELLER_CONFIRM_GOODS"
    if word and not same.ask and not state:
        assert same.told or case.refund.status in GOT_BY[word]


# -- killed anywhere ---------------------------------------------------------------------------------------------------


def run(folder: Path, at: int, *, keep: bool) -> tuple[Rig, int]:
    def agreed(rig: Rig) -> list[Step]:
        return [lambda: rig.sheet.type("refunds", "91001", answer="agree")]

    return live_and_die(
        folder,
        at,
        agreed,
        keep=keep,
        before=lambda rig: asks(answering(shipped(2, rig=rig))),
        restarted=answering,
    )


@pytest.mark.parametrize("keep", [True, False], ids=["journal kept", "journal deleted"])
def test_dying_anywhere_answers_once(tmp_path: Path, keep: bool) -> None:
    calm, points = run(tmp_path, 0, keep=True)
    assert len(calm.world.effects(*ANSWERS)) == 1
    for at in range(1 if EVERY else 40 if keep else 70, points + 1, 1 if EVERY else 90):
        rig, _ = run(tmp_path, at, keep=keep)
        assert len(rig.world.effects(*ANSWERS)) == 1, at
        assert rig.row("refunds", "91001")["status"] == "SUCCESS", at
