"""Answering a refund at Tmall: what a person's word under 答复 asks for, and why it is not sent. Pure.

A word holds for the refund as its row showed it when the word was put there: phase and version. One answer is given to
one version, ever. What may be asked by which method: official tables of taobao.rp.refunds.agree (goods that stay, and at
most 10,000 yuan), taobao.rp.returngoods.agree, taobao.refund.refuse (never before shipping).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from sync_engine.intent import Intent, IntentKind, IntentState
from sync_engine.plan.aftersale import Case
from sync_engine.plan.merge import set_beside_other
from sync_engine.plan.policy import Policy
from workbook_templates.schema import Value

Cells = Mapping[str, Value]
MOST = Decimal(10000)
"""Yuan that one call of taobao.rp.refunds.agree may give back for a Tmall shop."""
UNKNOWN = "0"
"""Stands for the version of an answer of which nobody knows what its row showed when it was given."""
SHORTEST, LONGEST = 2, 200
"""Characters of `refuse_message`."""
GOT_BY = {
    "agree": frozenset({"SUCCESS", "WAIT_BUYER_RETURN_GOODS", "WAIT_SELLER_CONFIRM_GOODS"}),
    "refuse": frozenset({"SELLER_REFUSE_BUYER"}),
}
"""States a refund is in after an answer came through."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerPlan:
    """What the row says of the answer, and what is to be told to Tmall."""

    told: str = ""
    answer_for: str = ""  # the version the word was given for
    ask: Intent | None = None
    drop: str = ""  # key of a refused one whose word was taken back
    waits: bool = False  # for a person
    unsent: bool = False  # there is a word that was not sent, and may be yet


def answer_key(shop: str, case: Case) -> str:
    """Key of the one answer to one version of a refund."""
    refund = case.refund
    return f"refund:{shop}:{refund.refund_id}:{refund.phase}:{refund.version}"


def plan_answer(
    case: Case, cells: Cells, shown: Cells | None, policy: Policy, asked: Mapping[str, Intent]
) -> AnswerPlan:
    """Decide one refund.

    Args:
        cells: the row as it stands; `shown` as we settled it last, None where the journal that knew is lost: then a word
            counts only where the row says what it was given for.
        asked: what was asked of Tmall about this refund so far, by version.
    """
    word, last = str(cells.get("answer") or ""), asked.get(case.refund.version)
    if not word:
        refused = last is not None and last.state is IntentState.REFUSED
        return AnswerPlan(drop=last.key if last and refused else "")
    given_for = _given_for(case, cells, shown)
    last = last or asked.get(given_for)
    if last is not None and last.state is not IntentState.DROPPED:
        return AnswerPlan(
            told=_after(case, last), answer_for=given_for, waits=last.state is IntentState.REFUSED
        )
    if case.refund.status in GOT_BY.get(word, ()) and case.refund.status != "WAIT_SELLER_CONFIRM_GOODS":
        return AnswerPlan(answer_for=given_for)
    if given_for == UNKNOWN:
        return AnswerPlan(
            told=case.say("不知道这个答复是看着哪一版申请选的,没有发出:看过后清空“答复”,同步一次,再选", "It is not known which version this answer was given to, so it was not sent: look, clear Answer, sync, and choose again"),
            answer_for=given_for, waits=_can_answer(case),
        )  # fmt: skip
    if given_for != case.refund.version or not case.refund.version:
        return AnswerPlan(
            told=case.say("申请在你答复之后变过,没有发出:看过后清空“答复”,同步一次,再选", "It changed after your answer, which was not sent: look, clear Answer, sync, and choose again"),
            answer_for=given_for, waits=_can_answer(case),
        )  # fmt: skip
    method, why = _agree(case, policy) if word == "agree" else _refuse(case, cells)
    if why:
        return AnswerPlan(told=why, answer_for=given_for, waits=_can_answer(case), unsent=_can_answer(case))
    if policy.setting("answer_refunds") != "yes":
        return AnswerPlan(
            told=case.say("会发出;设置“答复退款”没开,所以没发,请到千牛答复", "Would be sent; Answer refunds is off in the settings, so answer at Tmall"),
            answer_for=given_for, unsent=True,
        )  # fmt: skip
    refund = case.refund
    doc = {
        "method": method, "word": word, "version": refund.version, "phase": refund.phase, "status": refund.status,
        "fee": f"{refund.fee:.2f}", "shop": case.facts.trade.seller if case.facts else "",
        "address": f"{policy.number('return_address'):.0f}", "message": str(cells.get("answer_why") or "").strip(),
        "proof": str(cells.get("proof") or "").strip(),
    }  # fmt: skip
    intent = Intent(
        key=answer_key(policy.shop, case), kind=IntentKind.REFUND, subject=refund.refund_id, doc=doc
    )
    return AnswerPlan(told=case.say("正在答复天猫", "Being told to Tmall"), answer_for=given_for, ask=intent)


def _given_for(case: Case, cells: Cells, shown: Cells | None) -> str:
    """The version the word in a row was given for."""
    known = str((shown or cells).get("answer_for") or (shown or {}).get("version") or UNKNOWN)
    other = shown and set_beside_other("answer", "version", "answer_for", shown, cells)
    return UNKNOWN if other and known == case.refund.version else known


def _can_answer(case: Case) -> bool:
    return case.refund.status in ("WAIT_SELLER_AGREE", "WAIT_SELLER_CONFIRM_GOODS")


def version_of(intent: Intent) -> str:
    """The version of a refund an answer is to."""
    return intent.key.rpartition(":")[2]


def _after(case: Case, last: Intent) -> str:
    """What became of an answer."""
    word = case.say("拒绝", "refusal") if last.doc.get("word") == "refuse" else case.say("同意", "agreement")
    if last.state is IntentState.REFUSED:
        return case.say(
            f"天猫没接受{word}:{last.answer};到千牛处理,或清空“答复”、同步一次再选",
            f"Tmall did not take the {word}: {last.answer}. Settle it at Tmall, or clear Answer, sync, and choose again",
        )
    if last.state is IntentState.DONE:
        return case.say(f"天猫已收到{word}", f"Tmall has the {word}")
    if last.in_doubt:
        return case.say("没有回音,正在向天猫核对", "No reply: Tmall is being asked")
    return case.say("正在答复天猫", "Being told to Tmall") + (f":{last.answer}" if last.answer else "")


def _agree(case: Case, policy: Policy) -> tuple[str, str]:
    """(method, why not)"""
    refund, kind = case.refund, case.kind
    why = _never(case)
    if why:
        return "", why
    if kind not in ("before", "money", "goods"):
        return "", case.say("这类售后不能从这里答复,请到千牛", "This kind is answered at Tmall only")
    if refund.status == "WAIT_SELLER_CONFIRM_GOODS":
        return _confirm(case, policy)
    if kind == "goods":
        if not policy.number("return_address"):
            return "", case.say(
                "同意退货要有退货地址:在设置里填“退货地址编号”,或到千牛同意",
                "Agreeing to a return needs an address: fill in Return address id in the settings, or agree at Tmall",
            )
        if case.facts is None or case.facts.trade.seller:
            return "", case.say(
                "别的店铺的退货请到千牛同意:退货地址编号是第一家店的",
                "Agree at Tmall: the return address is that of the first shop",
            )
        return "return", ""
    return "money", _too_much(case)


def _confirm(case: Case, policy: Policy) -> tuple[str, str]:
    if policy.setting("confirm_returns") != "yes":
        return "", case.say(
            "收到退货后的退款请到千牛确认(设置“收货后退款”没开)",
            "Confirm it at Tmall: Refund after return is off in the settings",
        )
    if case.received < case.pieces:
        return "", case.say(
            f"货还没登记收齐({case.received}/{case.pieces} 件),没有发出:收到后扫进“退货登记”",
            f"{case.received} of {case.pieces} pieces are counted in, so it is not sent: scan them into Returns",
        )
    return "money", _too_much(case)


def _too_much(case: Case) -> str:
    if case.refund.fee <= MOST:
        return ""
    return case.say(f"超过 {MOST} 元的退款请到千牛同意", f"Refunds above {MOST} yuan are agreed to at Tmall")


def _never(case: Case) -> str:
    if case.facts is None:
        return case.say("订单不在表内,请到千牛答复", "Its order is not known here: answer at Tmall")
    if not _can_answer(case):
        return case.say("现在不用答复", "There is nothing to answer now")
    if case.refund.constraint == "refund_onweb":
        return case.say("天猫要求到网页处理,请到千牛", "Tmall wants it settled on the web")
    return ""


def _refuse(case: Case, cells: Cells) -> tuple[str, str]:
    """(method, why not)"""
    why, message = _never(case), str(cells.get("answer_why") or "").strip()
    if not why and case.refund.status != "WAIT_SELLER_AGREE":
        why = case.say("货已寄回的请到千牛处理", "The goods are on their way back: settle it at Tmall")
    if not why and not case.sent:
        why = case.say("没发货的退款不能拒绝", "A refund before shipping cannot be refused")
    if not why and case.refund.constraint == "cannot_refuse":
        why = case.say("天猫不允许拒绝这一笔", "Tmall does not allow refusing this one")
    if not why and not SHORTEST <= len(message) <= LONGEST:
        why = case.say(
            f"拒绝要写理由({SHORTEST}–{LONGEST} 字),没有发出",
            f"A refusal needs a reason of {SHORTEST} to {LONGEST} characters: not sent",
        )
    if not why and not str(cells.get("proof") or "").strip():
        why = case.say(
            "天猫要求拒绝带凭证图片:把图片放进 proofs 文件夹,在“凭证图片”写文件名",
            "Tmall wants a picture with a refusal: put it into the folder proofs and write its name under Proof",
        )
    return "refuse", why
