"""`biaomao gifts`: the gift rules tried on a pasted order."""

from __future__ import annotations

from pathlib import Path

from tests.cli.conftest import Run


def test_the_command_tries_rules_on_a_pasted_order(run: Run, shop: Path, tmp_path: Path) -> None:
    pasted, book = tmp_path / "order.txt", (shop / "店铺.xlsx")
    pasted.write_text("付款时间: 2026-11-11 10:00:00\nA-1 ×3 20\n", "utf-8")
    before = book.read_bytes()
    said = run("gifts", "--simulate", pasted, "--folder", shop)
    assert (said.code, "不送" in said.out) == (0, True)
    assert run("gifts", "--simulate", pasted, "--folder", shop, "--json").json["gifts"] == []
    pasted.write_text("没有这样的行!", "utf-8")
    assert run("gifts", "--simulate", pasted, "--folder", shop).code == 2
    assert book.read_bytes() == before
