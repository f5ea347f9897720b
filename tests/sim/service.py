"""People of a shop who scan what they pack, take back what comes back, and answer refunds in the sheet.

What they typed is kept for the judge (`judge_service.py`): which answer they gave to which version of a refund, what they scanned
of which parcel, what each row of 退货登记 says.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING

from tests.sim.hands import Typed
from workbook_templates.schema import Choice
from workbook_templates.settings import SETTINGS_BY_NAME
from workbook_templates.tables.choices import REFUND_STATUS, WAYBILL_STATE, label_of

if TYPE_CHECKING:
    from tests.sim.human import Human

WITH_SERVICE = 0.3
"""How many of the shops have such people."""
PICTURE = b"\x89PNG" + b"x" * 50
"""The proof in the folder."""
_HABITS: dict[str, tuple[str, ...]] = {
    "answer_refunds": ("yes", "yes", "yes", "yes", "no"), "return_address": ("7001", "7001", "0"), "confirm_returns": ("yes", "no"),
    "ship_when": ("mark", "print", "check"), "ship_needs": ("none", "verify", "verify", "weigh", "both"), "verify_mode": ("piece", "piece", "kind", "waybill"),
    "track_parcels": ("yes", "yes", "no"), "track_every": ("0.25", "0.5", "2"), "track_pickup": ("1", "2", "24"),
    "return_uncounted": ("wait", "wait", "wait", "good"), "return_days": ("3", "1", "0"),
}  # fmt: skip
_ASKED = ("WAIT_SELLER_AGREE", "WAIT_SELLER_CONFIRM_GOODS")


@dataclass(frozen=True, slots=True)
class Scanned:
    """One row of 验货 as it was typed."""

    at: str
    code: str
    pieces: tuple[tuple[str, int], ...]  # merchant code, how many
    weight: str


def _shown(choices: tuple[Choice, ...], name: str) -> str:
    return label_of(choices, name, zh=True)


def _read(shown: str) -> int:
    """The pieces a cell shows; where somebody typed a word over it, people see one piece and scan that."""
    return int(shown) if shown.isdecimal() else 1


class Service:
    """The acts of these people, beside those of everybody else."""

    def __init__(self, human: Human, rng: random.Random) -> None:
        self.human, self.rng, self._numbers = human, rng, count(1)
        self.settings = {name: rng.choice(values) for name, values in _HABITS.items()}
        self.since = ""  # when the last of the settings was typed
        self.answers: set[tuple[str, str, str]] = set()  # refund, word, the version its row showed
        self.scans: list[Scanned] = []
        self._acts: tuple[tuple[int, Callable[[], None]], ...] = (
            (14, self.scan_parcel), (8, self.register_return), (3, self.mend_return), (1, self.delete_return), (12, self.answer_refund),
            (2, self.take_answer_back), (6, human.ship),
        )  # fmt: skip

    def work(self) -> None:
        """A handful of acts."""
        acts, weights = [act for _, act in self._acts], [weight for weight, _ in self._acts]
        for act in self.rng.choices(acts, weights, k=self.rng.randrange(2, 7)):
            if act.__name__ not in self.human.without:
                act()

    @property
    def tracks(self) -> bool:
        """Whether parcels are followed."""
        return self.settings["track_parcels"] == "yes"

    def settle_in(self) -> None:
        """Say in 设置 how this shop works, once the sheet has its rows."""
        human = self.human
        if self.since or any(human.hands.keys("settings").count(name) != 1 for name in self.settings):
            return
        for name, value in self.settings.items():
            choices = SETTINGS_BY_NAME[name].choices
            human.type("settings", name, "value", _shown(choices, value) if choices else value)
        self.since = human.now()

    def _add(self, table: str, cells: dict[str, Typed]) -> str:
        text = f"{table} {next(self._numbers)}"
        self.human.hands.add(table, {**cells, "note": text})
        self.human.record.own_rows.append((table, "note", text))
        self.human.record.keystrokes += len(cells)
        self.human.tell(f"enters {text}: {cells}")
        return text

    # -- the packing table -----------------------------------------------------------------------------------------

    def scan_parcel(self) -> None:
        """A printed parcel is scanned piece by piece and weighed; sometimes a piece is missing or a wrong one is in it."""
        hands, printed = self.human.hands, _shown(WAYBILL_STATE, "printed")
        once = [key for key in hands.keys("waybills") if key and hands.keys("waybills").count(key) == 1]
        ready = [key for key in once if hands.sees("waybills", key, "state") == printed]
        if not ready:
            return
        code = hands.sees("waybills", self.rng.choice(ready), "waybill_code")
        pieces = self._pieces([key for key in ready if hands.sees("waybills", key, "waybill_code") == code])
        if self.rng.random() < 0.15 and pieces:
            pieces[self.rng.choice(sorted(pieces))] += self.rng.choice((-1, 1))
        self._scan(code, +pieces)

    def _pieces(self, keys: list[str]) -> Counter[str]:
        hands, pieces = self.human.hands, Counter[str]()
        for key in keys:
            for oid in hands.sees("waybills", key, "oids").split():
                if hands.keys("lines").count(oid) == 1:
                    code = next(
                        filter(
                            None,
                            (hands.sees("lines", oid, name) for name in ("outer_id", "sku_id", "num_iid")),
                        ),
                        "",
                    )
                    pieces[code] += _read(hands.sees("lines", oid, "num"))
        return pieces

    def _scan(self, code: str, pieces: Counter[str]) -> None:
        mode, cells = self.settings["verify_mode"], dict[str, Typed]({"waybill": code})
        if mode == "kind":
            cells["scan1"] = " ".join(f"{one}*{times}" if times > 1 else one for one, times in pieces.items())
        elif mode == "piece":
            cells["scan1"] = " ".join(pieces.elements())
        weight = f"{self.rng.choice((0.4, 1.2, 3))}" if self.rng.random() < 0.6 else ""
        if weight:
            cells["weight"] = weight
        self._add("checks", cells)
        self.scans.append(Scanned(self.human.now(), code, tuple(sorted(pieces.items())), weight))

    # -- what comes back -------------------------------------------------------------------------------------------

    def register_return(self) -> None:
        """A parcel came back: its waybill, ours, the refund's or the order's number is scanned, and its pieces are counted."""
        number, pieces = self._came_back()
        cells: dict[str, Typed] = {"scan": number}
        if self.rng.random() < 0.85:
            bad = self.rng.choice((0, 0, 0, pieces, 1))
            good = max(0, pieces - bad) + self.rng.choice((0, 0, 0, 0, 0, 1, 9))
            cells |= {"good": good} if good or not bad else {}
            cells |= {"defective": bad} if bad else {}
        self.human.record.returns[self._add("returns", cells)] = {
            name: str(value) for name, value in cells.items()
        }

    def _came_back(self) -> tuple[str, int]:
        hands = self.human.hands
        refunds, ways = (
            [key for key in hands.keys("refunds") if key],
            [key for key in hands.keys("waybills") if key],
        )
        kind = self.rng.choice(("sid", "sid", "sid", "refund", "ours", "order", "nothing"))
        if kind == "sid":
            refunds = [key for key in refunds if hands.sees("refunds", key, "sid")]
        if kind in ("sid", "refund") and refunds:
            key = self.rng.choice(refunds)
            number = hands.sees("refunds", key, "sid") if kind == "sid" else key
            return number, _read(hands.sees("refunds", key, "num"))
        gone = [
            key for key in ways if hands.sees("waybills", key, "state") == _shown(WAYBILL_STATE, "shipped")
        ]
        if kind in ("ours", "order") and gone:
            key = self.rng.choice(gone)
            return hands.sees("waybills", key, "waybill_code" if kind == "ours" else "tid"), self.rng.choice(
                (1, 2)
            )
        return "YT404", 1

    def mend_return(self) -> None:
        """A number beside a return is typed anew, or the kind of goods it is about."""
        key = self.human.pick("returns")
        text = self.human.hands.sees("returns", key, "note") if key else ""
        if not key or text not in self.human.record.returns:
            return
        column = self.rng.choice(("good", "good", "defective", "code"))
        value: Typed = self.rng.choice((0, 1, 1, 2)) if column != "code" else self._a_code(key)
        self.human.type("returns", key, column, value)
        self.human.record.returns[text][column] = str(value)

    def _a_code(self, key: str) -> str:
        named = self.human.hands.sees("returns", key, "goods").split("、")
        return self.rng.choice((named[0].split(" ")[0].split("×")[0], ""))

    def delete_return(self) -> None:
        """A row that should not be there is deleted: what it counted is taken back."""
        key = self.human.pick("returns")
        text = self.human.hands.sees("returns", key, "note") if key else ""
        if key and text in self.human.record.returns:
            del self.human.record.returns[text]
            self.human.record.gone.add(text)
            self.human._delete("returns", key)

    # -- refunds ---------------------------------------------------------------------------------------------------

    def answer_refund(self) -> None:
        """Agree to a refund or refuse it, mostly one that waits for an answer."""
        hands, asked = self.human.hands, [_shown(REFUND_STATUS, name) for name in _ASKED]
        keys = [key for key in hands.keys("refunds") if key and hands.keys("refunds").count(key) == 1]
        waiting = [key for key in keys if hands.sees("refunds", key, "status") in asked]
        if not keys:
            return
        key = self.rng.choice(waiting if waiting and self.rng.random() < 0.9 else keys)
        word = self.rng.choice(("agree", "agree", "refuse"))
        if word == "refuse" and self.rng.random() < 0.8:
            self.human.type("refunds", key, "answer_why", self.rng.choice(("已发货,请拒收", "=1+1 不同意")))
            self.human.type("refunds", key, "proof", "a.png")
        text = {"agree": "同意", "refuse": "拒绝"}[word]
        if hands.sees("refunds", key, "answer") != text:
            self.answers.add((key, word, hands.sees("refunds", key, "version")))
        self.human.type("refunds", key, "answer", text)

    def take_answer_back(self) -> None:
        """Clear an answer."""
        if key := self.human.pick("refunds"):
            self.human.type("refunds", key, "answer", "")
