"""Options of commands that many words explain."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

CourierBills = Annotated[
    list[Path] | None,
    typer.Argument(
        help="快递公司的账单(csv、xlsx、zip);不填则列出核对结果 / couriers' bills; none: tell the lists"
    ),
]
OfCourier = Annotated[
    str,
    typer.Option("--courier", help="哪家快递,账单里看不出时填 / whose bill it is, where it does not say so"),
]
OfMonth = Annotated[
    str,
    typer.Option("--month", help="哪个月,如 2026-10,账单里看不出时填 / its month, where it does not say so"),
]
FromSandbox = Annotated[
    bool, typer.Option("--sandbox", help="让沙盒的快递出一份账单并导入 / let the sandbox's courier write one")
]
Scans = Annotated[
    list[str], typer.Argument(help="运单号 条码 条码…,可带 0.85kg / waybill, codes, and a weight as 0.85kg")
]
