"""The command line: every command takes --folder, most --json; exit codes are documented in docs/cli.md.

0 done · 1 done in part: something outside failed or the workbook is open, the next sync goes on · 2 the user can mend
it (one sentence says how) · 3 a person must re-authorise the shop · 4 the program broke; how is in journal/errors.log
"""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from sync_engine import cli_books, cli_more
from sync_engine.cli_options import CourierBills, FromSandbox, OfCourier, OfMonth, Scans
from sync_engine.cli_report import (
    as_json,
    console,
    progress_bar,
    report_data,
    sentence,
    show_imported,
    show_rehearsal,
    show_report,
)  # fmt: skip
from sync_engine.clock import SystemClock
from sync_engine.crash import write_down
from sync_engine.errors import NotAllowed, OutsideError, UserError
from sync_engine.gather import Request
from sync_engine.importing import import_file
from sync_engine.opening import Opened, open_shop
from sync_engine.permits import mind_roles
from sync_engine.pressing import press
from sync_engine.shop import Report, rehearse
from sync_engine.supplier_orders import FOLDER

app = typer.Typer(
    name="biaomao", no_args_is_help=True, add_completion=False, pretty_exceptions_show_locals=False,
    help="表猫 Biaomao: 把天猫订单、电子面单和库存管在一本工作簿里 / Tmall orders, waybills and stock in one workbook.",
)  # fmt: skip

Folder = Annotated[Path, typer.Option("--folder", help="店铺文件夹,默认当前文件夹 / the shop's folder")]
Json = Annotated[bool, typer.Option("--json", help="给程序看的一行 JSON / one JSON object for machines")]

Shops = Annotated[
    int, typer.Option("--shops", min=1, max=4, help="几个店共用一份库存 / shops that sell from one stock")
]

DONE, PARTLY, USER, AUTHORISE, BROKEN = 0, 1, 2, 3, 4


@contextmanager
def sentences(folder: Path) -> Iterator[None]:
    """Every error ends in one sentence and an exit code, never in a traceback."""
    try:
        yield
    except (typer.Exit, typer.Abort):
        raise
    except UserError as error:
        sentence(error)
        raise typer.Exit(USER) from None
    except NotAllowed as error:
        sentence(error)
        raise typer.Exit(AUTHORISE) from None
    except OutsideError as error:
        sentence(error)
        raise typer.Exit(PARTLY) from None
    except OSError as error:
        sentence(f"{error.filename or ''} 读写不了:{error.strerror or error} / cannot be read or written")
        raise typer.Exit(USER) from None
    except sqlite3.OperationalError as error:
        sentence(
            f"日志写不了({error}):看看磁盘是不是满了、文件夹是不是只读,再运行一次就接着做 / "
            f"the journal cannot be written ({error}): look for a full disk or a read-only folder, then run it again"
        )
        raise typer.Exit(USER) from None
    except sqlite3.DatabaseError as error:
        sentence(
            f"日志出了问题({error}),工作簿不受影响;运行 biaomao rebuild 重建 / "
            f"the journal is damaged ({error}), the workbook is not: run biaomao rebuild"
        )
        raise typer.Exit(USER) from None
    except Exception as error:
        where = write_down(folder, error, SystemClock().now())
        sentence(
            f"程序出错了({type(error).__name__}),再运行一次会从断处接着做;经过记在 {where},请把它发给维护的人 / "
            f"the program broke ({type(error).__name__}), the next run goes on; how is written in {where}: send that to who maintains it"
        )
        raise typer.Exit(BROKEN) from None


def _exit_code(report: Report) -> int:
    if report.blocked:
        return AUTHORISE
    return PARTLY if report.troubles or report.pending else DONE


@contextmanager
def _opened(folder: Path, *, rehearsal: bool = False) -> Iterator[Opened]:
    with open_shop(folder, rehearsal=rehearsal) as opened:
        if opened.note:
            sentence(opened.note, warning=True)
        yield opened


def _one_tick(
    folder: Path,
    request: Request,
    *,
    json: bool,
    done: Callable[[Report], int] | None = None,
    nothing: str = "",
) -> None:
    """One press of a button with a request. `nothing` is what to say where `done` counts none of what was asked for."""
    with sentences(folder), _opened(folder) as opened:
        mind_roles(opened.shop, request)
        report = press(opened.shop, request)
        if json:
            as_json(report_data(report))
        else:
            show_report(report, opened.config.lang)
            if done and not done(report) and nothing:
                console.print(nothing)
        code = _exit_code(report)
    if code:
        raise typer.Exit(code)


@app.command()
def sync(
    folder: Folder = Path(),
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="只看要做什么,不做 / show the plan, write nothing")
    ] = False,
    json: Json = False,
) -> None:
    """同步一次 / one round: look at Tmall and the workbook, act, write."""
    if not dry_run:
        _one_tick(folder, Request(), json=json)
        return
    with sentences(folder), _opened(folder, rehearsal=True) as opened:
        rehearsal = rehearse(opened.shop)
        if rehearsal is None:
            sentence("天猫或快递没有答复,看不到计划 / no answer, so no plan", warning=True)
            raise typer.Exit(PARTLY)
        if json:
            as_json({
                "dry_run": True, "intents": list(rehearsal.intents), "stock": list(rehearsal.stock), "prices": list(rehearsal.prices), "to_print": list(rehearsal.to_print),
                "rules": {rule: list(tids) for rule, tids in rehearsal.touched.items()},
                "rows": [{"table": e.table, "key": e.key, "new": e.new, "cells": dict(e.cells)} for e in rehearsal.display.edits],
            })  # fmt: skip
        else:
            show_rehearsal(rehearsal, opened.config.lang)


@app.command()
def watch(folder: Folder = Path(), json: Json = False) -> None:
    """一直同步,直到 Ctrl-C / keep syncing until told to stop."""
    with sentences(folder):
        cli_more.watch(folder, json=json)


@app.command()
def waybills(folder: Folder = Path(), json: Json = False) -> None:
    """马上给能发的订单取单号 / buy waybills now, without waiting for the buffer."""
    nothing = "没有要取单号的包裹 / no parcel needs a waybill"
    _one_tick(folder, Request(buy_now=True), json=json, done=lambda r: r.counts.waybills, nothing=nothing)


@app.command()
def ship(
    tid: Annotated[str, typer.Argument(help="订单编号,不填表示全部已打印 / an order, or all printed")] = "*",
    folder: Folder = Path(),
    json: Json = False,
) -> None:
    """通知天猫发货 / tell Tmall that printed parcels left."""
    nothing = "没有已打印、待发货的包裹 / no printed parcel waits to be shipped"
    request = Request(ship_now=frozenset({tid}))
    _one_tick(folder, request, json=json, done=lambda r: r.counts.shipped, nothing=nothing)


@app.command("print")
def print_labels(
    tid: Annotated[str, typer.Argument(help="重打这一单;不填则打印全部待打印 / reprint one order")] = "",
    why: Annotated[str, typer.Option("--why", help="补打原因,如卡纸 / why it is printed again")] = "",
    folder: Folder = Path(),
    cloud: Annotated[
        bool, typer.Option("--cloud", help="用菜鸟打印组件打印 / print with the Cainiao client")
    ] = False,
    json: Json = False,
) -> None:
    """生成面单、拣货单、发货单 / make labels, pick list and packing slips."""
    if tid and not why.strip():
        sentence("补打要写原因,如 --why 卡纸 / say why it is printed again, as --why jam")
        raise typer.Exit(USER)
    labels = folder / "labels"
    before = set(labels.glob("*.pdf"))

    def made(_: Report) -> int:
        fresh = sorted(set(labels.glob("*.pdf")) - before)
        for path in fresh:
            console.print(f"面单 / labels: {path}", soft_wrap=True)
        return len(fresh)

    request = Request(print_now=True, reprint=frozenset({tid} if tid else ()), why=why.strip())
    _one_tick(folder, request, json=json, done=made, nothing="没有要打印的面单 / nothing to print")
    if cloud:
        with sentences(folder):
            good = cli_more.print_in_cloud(folder, tid, json=json)
        if not good:
            raise typer.Exit(PARTLY)


@app.command("waves")
def make_waves(folder: Folder = Path(), json: Json = False) -> None:
    """把待打印的包裹做成波次 / sort the parcels to print into waves."""
    waves = folder / "waves"
    before = set(waves.glob("*.pdf"))

    def made(_: Report) -> int:
        fresh = sorted(set(waves.glob("*.pdf")) - before)
        for path in fresh:
            console.print(f"波次 / wave: {path}", soft_wrap=True)
        return len(fresh)

    nothing = "没有要打印的包裹 / nothing to print"
    _one_tick(folder, Request(print_now=True, waves=True), json=json, done=made, nothing=nothing)


@app.command("verify")
def verify_parcel(scans: Scans, folder: Folder = Path(), json: Json = False) -> None:
    """验一个包裹,记进“验货”表 / check what was scanned of a parcel."""
    from sync_engine import cli_desk

    with sentences(folder):
        good = cli_desk.verify(folder, scans, json=json)
    if not good:
        raise typer.Exit(PARTLY)


@app.command("import")
def import_exports(
    files: Annotated[
        list[Path],
        typer.Argument(
            help="订单报表、宝贝报表、支付宝账单或快递账单(csv、xlsx、zip)/ back-office exports, Alipay or courier bills"
        ),
    ],
    folder: Folder = Path(),
    json: Json = False,
) -> None:
    """导入千牛导出的报表、支付宝账单和快递账单 / bring back-office exports and bills into the workbook."""
    with sentences(folder), _opened(folder) as opened:
        with progress_bar() as progress:
            bar = progress.add_task("导入 / import", total=len(files))
            results = []
            for file in files:
                results.append(import_file(opened.shop, file))
                progress.advance(bar)
        if json:
            as_json({"files": [cli_more.imported_data(one) for one in results]})
        else:
            show_imported(results, opened.config.lang)
        bad = any(one.problems or one.pending for one in results)
    if bad:
        raise typer.Exit(PARTLY)


@app.command()
def gifts(
    simulate: Annotated[
        str,
        typer.Option("--simulate", help="一个文件,或 - 从粘贴读入 / a file, or - to paste an order"),
    ],
    shop: Annotated[str, typer.Option("--shop", help="当作这家店铺的订单 / as an order of this shop")] = "",
    paid: Annotated[str, typer.Option("--paid", help="当作这时付款 / as paid at this time")] = "",
    folder: Folder = Path(),
    json: Json = False,
) -> None:
    """用赠品规则试算一单,什么都不写 / try the gift rules on an order; nothing is written."""
    from sync_engine import cli_desk

    with sentences(folder):
        cli_desk.simulate(folder, simulate, shop, paid, json=json)


@app.command()
def address(
    source: Annotated[str, typer.Argument(help="一个文件,或 - 从粘贴读入 / a file, or - to paste")] = "-",
    language: Annotated[str, typer.Option("--language", "--lang", help="zh | en")] = "zh",
    json: Json = False,
) -> None:
    """把粘贴的地址拆成省市区,没把握的请人看 / split pasted addresses; unclear ones are for a person."""
    from sync_engine import cli_desk
    from workbook_templates.schema import Lang

    with sentences(Path()):
        unclear = cli_desk.addresses(source, Lang.EN if language == "en" else Lang.ZH, json=json)
    if unclear:
        raise typer.Exit(PARTLY)


@app.command()
def propose(folder: Folder = Path(), json: Json = False) -> None:
    """现在重新算一遍补货建议 / work the purchase proposals out now."""
    _one_tick(folder, Request(propose=True), json=json)


@app.command("purchase-orders")
def purchase_orders(
    order: Annotated[
        str, typer.Argument(help="采购单号,不填表示今天开的 / an order's number; none means today's")
    ] = "",
    folder: Folder = Path(),
    json: Json = False,
) -> None:
    """把采购单做成 Excel 和 PDF / make purchase orders as Excel and PDF."""

    def there() -> set[tuple[Path, int]]:
        return {(path, path.stat().st_mtime_ns) for path in (folder / FOLDER).glob("[!.]*")}

    before = there()

    def made(_: Report) -> int:
        fresh = sorted(path for path, _ in there() - before)
        for path in fresh:
            console.print(f"采购单 / purchase order: {path}", soft_wrap=True)
        return len(fresh)

    request = Request(purchase_orders=frozenset({order}))
    _one_tick(folder, request, json=json, done=made)


@app.command()
def bills(
    month: Annotated[
        str, typer.Option("--month", help="哪个月,如 2026-10;不填为上个月 / which month; none: the last one")
    ] = "",
    folder: Folder = Path(),
    json: Json = False,
) -> None:
    """下载一个月的支付宝账单并导入 / download a month's Alipay bill and import it."""
    from sync_engine.alipay.fetching import ROOM, fetch_bill, month_before, open_alipay

    with sentences(folder), _opened(folder) as opened:
        client = open_alipay(opened.config, opened.gateway_url, opened.shop.clock)
        done = fetch_bill(
            opened.shop, client, opened.config.room(ROOM), month or month_before(opened.shop.clock.now())
        )
        if json:
            as_json({"files": [cli_more.imported_data(done)]})
        else:
            show_imported([done], opened.config.lang)
    if done.problems or done.pending:
        raise typer.Exit(PARTLY)


@app.command("courier-bills")
def courier_bills(
    files: CourierBills = None, courier: OfCourier = "", month: OfMonth = "", sandbox: FromSandbox = False,
    folder: Folder = Path(),
    json: Json = False,
) -> None:  # fmt: skip
    """导入快递账单并按运单号核对 / bring couriers' bills in and match them by waybill."""
    from sync_engine import cli_courier

    with sentences(folder):
        if sandbox:
            done = cli_courier.fetch_from_sandbox(folder, courier, month, json=json)
        elif files:
            done = cli_courier.import_courier_bills(folder, files, courier, month, json=json)
        else:
            cli_courier.tell_courier_lists(folder, json=json)
            return
    if not done:
        raise typer.Exit(PARTLY)


@app.command()
def doctor(
    folder: Folder = Path(),
    set_secret: Annotated[
        str,
        typer.Option(
            "--set-secret",
            help="保存密钥 / keep a credential: app_secret | session | refresh_token | alipay_private_key | alipay_public_key",
        ),
    ] = "",
    shop: Annotated[str, typer.Option("--shop", help="哪个店的密钥 / of which of several shops")] = "",
    json: Json = False,
) -> None:
    """检查配置、工作簿、日志和连接,说明怎么修 / check everything and say how to mend it."""
    with sentences(folder):
        good = cli_more.doctor(folder, set_secret, shop, json=json)
    if not good:
        raise typer.Exit(PARTLY)


@app.command()
def backup(folder: Folder = Path(), json: Json = False) -> None:
    """现在备份工作簿 / back the workbook up now."""
    with sentences(folder):
        cli_more.backup(folder, json=json)


@app.command()
def restore(
    name: Annotated[
        str, typer.Argument(help="备份的序号或名称,不填则列出 / a backup's number or name; none lists them")
    ] = "",
    folder: Folder = Path(),
    json: Json = False,
) -> None:
    """列出备份,或恢复其中一个 / list backups, or restore one."""
    with sentences(folder):
        cli_more.restore(folder, name, json=json)


@app.command()
def upgrade(
    folder: Folder = Path(),
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="只看缺什么,不加 / show what is missing, write nothing")
    ] = False,
    json: Json = False,
) -> None:
    """给旧版做的工作簿补上新的工作表和列 / add the sheets and columns an older workbook lacks."""
    from sync_engine import cli_upgrade

    with sentences(folder):
        good = cli_upgrade.upgrade(folder, dry_run=dry_run, json=json)
    if not good:
        raise typer.Exit(PARTLY)


@app.command()
def rebuild(folder: Folder = Path(), json: Json = False) -> None:
    """丢弃日志,从工作簿、天猫和快递重建 / rebuild the journal from the workbook, Tmall and the carrier."""
    with sentences(folder):
        cli_more.drop_journal(folder)
    _one_tick(folder, Request(), json=json)


@app.command("take-over")
def take_over(folder: Folder = Path(), json: Json = False) -> None:
    """换电脑:停掉原来那台后,由本机接手这个工作簿 / move to this computer, once the other one is stopped."""
    with sentences(folder):
        cli_more.move_here(folder)
    _one_tick(folder, Request(), json=json)


@app.command()
def init(
    folder: Folder = Path(),
    language: Annotated[str, typer.Option("--language", "--lang", help="zh | en")] = "zh",
    name: Annotated[str, typer.Option(help="店铺名 / the shop's name")] = "",
    google: Annotated[
        bool, typer.Option("--google", help="工作簿建在 Google 表格 / in Google Sheets")
    ] = False,
    shops: Shops = 1,
    json: Json = False,
) -> None:
    """新建店铺文件夹和工作簿 / make a shop folder and its workbook."""
    with sentences(folder):
        cli_more.init(folder, language, name, shops, google=google, json=json)


@app.command()
def export(
    what: Annotated[
        str,
        typer.Argument(
            help="表名、all,或账簿:beancount hledger kingdee yonyou csv / a table, all, or the books in one of these formats"
        ),
    ] = "all",
    out: Annotated[
        Path, typer.Option("--out", help="写到哪个文件夹;账簿可写文件名 / where to; a file for the books")
    ] = Path("export"),
    folder: Folder = Path(),
    json: Json = False,
) -> None:
    """把工作簿的表导出成 csv,或把账簿导出给别的软件 / export sheets as csv, or the books for other programs."""
    with sentences(folder):
        if what in cli_books.FORMATS:
            cli_books.export_books(folder, what, out, json=json)
        else:
            cli_more.export(folder, what, out, json=json)


@app.command()
def profit(
    month: Annotated[str, typer.Option("--month", help="哪个月,如 2026-10 / the month, such as 2026-10")],
    by: Annotated[str, typer.Option("--by", help="order | sku | group | shop | campaign | day")] = "order",
    out: Annotated[Path | None, typer.Option("--out", help="写成 csv / write a csv file")] = None,
    folder: Folder = Path(),
    json: Json = False,
) -> None:
    """按订单、商品、分组、店铺、活动或日期看一个月的利润 / a month's profit by order, SKU, group, shop, campaign or day."""
    with sentences(folder):
        cli_books.profit(folder, month, by, out, json=json)


@app.command()
def statements(
    month: Annotated[str, typer.Option("--month", help="哪个月,如 2026-10 / the month, such as 2026-10")],
    pdf: Annotated[
        Path, typer.Option("--pdf", help="写到哪个 PDF 或文件夹 / the PDF or folder to write")
    ] = Path("statements"),
    folder: Folder = Path(),
    json: Json = False,
) -> None:
    """把一个月的报表做成 PDF / a month's statements as PDF."""
    with sentences(folder):
        cli_books.statements(folder, month, pdf, json=json)


@app.command()
def demo(
    folder: Folder = Path("demo"),
    orders: Annotated[int, typer.Option(min=1, max=100_000, help="多少订单 / how many orders")] = 300,
    seed: Annotated[int, typer.Option(help="同样的种子,同样的一天 / same seed, same day")] = 1,
    language: Annotated[str, typer.Option(help="zh | en")] = "zh",
    google: Annotated[
        bool, typer.Option("--google", help="用 Google 表格(替身)/ on Google Sheets (stand-in)")
    ] = False,
    shops: Shops = 1,
    json: Json = False,
) -> None:
    """用沙箱店铺演一天 / live through one day with a sandbox shop."""
    with sentences(folder), progress_bar(quiet=json) as progress:
        cli_more.demo(folder, orders, seed, language, shops, google=google, json=json, progress=progress)


@app.command()
def sandbox(
    folder: Folder = Path(),
    port: Annotated[int, typer.Option(help="0 为任意空闲端口 / 0: any free port")] = 0,
    speed: Annotated[float, typer.Option(help="时间快几倍 / how many times as fast as life")] = 1.0,
    orders: Annotated[int, typer.Option(help="新建时有多少订单 / orders of a new world")] = 100,
    seed: Annotated[int, typer.Option()] = 1,
    google: Annotated[
        bool, typer.Option("--google", help="Google 表格的替身 / the one for Google Sheets")
    ] = False,
    shops: Shops = 1,
) -> None:
    """运行沙箱(天猫、菜鸟、打印组件的替身)/ run the stand-in for everything outside."""
    with sentences(folder):
        if google:
            from sync_engine import cli_google

            cli_google.serve_stand_in(folder, port, seed)
        else:
            cli_more.sandbox(folder, port, speed, orders, seed, shops)


@app.command()
def move(
    to: Annotated[str, typer.Option("--to", help="google | xlsx")],
    folder: Folder = Path(),
    json: Json = False,
) -> None:
    """把店铺搬进 Google 表格,或搬回工作簿文件 / move the shop into Google Sheets, or back into a file."""
    from sync_engine import cli_google

    with sentences(folder):
        cli_google.move(folder, to, json=json)


@app.command("google-login")
def google_login(
    client: Annotated[Path, typer.Option("--client", help="OAuth 客户端 JSON / OAuth client JSON")],
    folder: Folder = Path(),
) -> None:
    """在浏览器里授权表猫使用您的 Google 表格 / authorise Biaomao in the browser."""
    from sync_engine import cli_google

    with sentences(folder):
        cli_google.log_in(folder, client)


def main() -> None:
    """Run the command line with UTF-8 output on every system."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    app(prog_name="biaomao")


if __name__ == "__main__":
    main()

__all__ = ["app", "console", "main"]
