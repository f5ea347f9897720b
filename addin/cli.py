"""The whole command line: the engine's commands, and those of the ways people reach it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sync_engine.cli import Folder, Json, app, main, sentences
from sync_engine.cli_report import as_json, console
from sync_engine.errors import UserError
from workbook_templates.schema import Lang

addins = typer.Typer(no_args_is_help=True, help="表格软件里的加载项 / add-ins for spreadsheet programs")
app.add_typer(addins, name="addin")

Which = Annotated[str, typer.Argument(help="excel | libreoffice | office | google")]
Language = Annotated[Lang, typer.Option("--language", "--lang", help="zh | en")]
HERE = Path()


@app.command()
def serve(
    folder: Folder = Path(),
    port: Annotated[int, typer.Option(help="0 为任意空闲端口 / 0: any free port")] = 0,
    origin: Annotated[
        list[str] | None,
        typer.Option(help="允许的加载项网页来源 / origin of an add-in page served elsewhere"),
    ] = None,
    json: Json = False,
) -> None:
    """在本机提供函数、命令和任务窗格 / serve functions, commands and the task pane on this machine."""
    from addin.hub.serve import Running  # the web server's modules are loaded for this command alone
    from addin.hub.serve import serve as run_hub

    def ready(running: Running) -> None:
        if json:
            as_json({"url": running.url, "token": running.token})
        else:
            console.print(
                f"任务窗格 / task pane: {running.url}/pane/index.html#{running.token}\nCtrl-C 停止 / to stop"
            )

    with sentences(folder):
        run_hub(folder, port=port, origins=tuple(origin or ()), ready=ready)


@app.command()
def history(
    key: Annotated[
        str,
        typer.Argument(
            help="订单编号、运单号、退款编号、设置名或一行的编号;空白列出给过的命令 / an order, waybill, refund, setting or row; empty: the commands given"
        ),
    ] = "",
    folder: Folder = Path(),
    json: Json = False,
) -> None:
    """一张单据从头到尾:谁、什么时候、改了什么 / a document's way: who, when, what."""
    from sync_engine.cli_trail import history as run

    with sentences(folder):
        run(folder, key, json=json)


@app.command("copy")
def copy_to_read(
    out: Annotated[Path, typer.Argument(help="写到哪个 .xlsx / the .xlsx to write")],
    folder: Folder = Path(),
    json: Json = False,
) -> None:
    """给不看成本的人一份只供查看的副本 / a copy to read for people who are not to see costs."""
    from sync_engine.cli_trail import copy as run

    with sentences(folder):
        run(folder, out, json=json)


@app.command()
def chaos(
    minutes: Annotated[float, typer.Option(help="乱多久 / how long the troubles last")] = 3.0,
    on: Annotated[str, typer.Option("--on", help="google | libreoffice")] = "google",
    staff: Annotated[int, typer.Option(help="几名员工 / how many people")] = 4,
    seed: Annotated[int, typer.Option(help="同样的种子,同样的人和故障 / same people and troubles")] = 1,
    folder: Annotated[
        Path, typer.Option("--folder", help="演示用的空文件夹 / an empty folder of its own")
    ] = Path("chaos"),
    language: Language = Lang.ZH,
    json: Json = False,
) -> None:
    """多名员工和引擎同时改一张表,故障不断,最后逐项核对 / people and engine in one sheet amid troubles; then everything is counted."""
    from sync_engine.cli_chaos import chaos as run

    with sentences(folder):
        if on not in ("google", "libreoffice"):
            raise UserError(
                f"--on 只能是 google 或 libreoffice,现在是 {on} / --on must be google or libreoffice"
            )
        if on == "google":
            from sync_engine.chaos.place import on_google as open_place
        else:
            from addin.libreoffice.chaos import on_libreoffice as open_place
        good = run(
            folder, minutes=minutes, staff=staff, seed=seed, lang=language, json=json, open_place=open_place
        )
    if not good:
        raise typer.Exit(1)


@addins.command("build")
def build_addins(
    out: Annotated[Path, typer.Option("--out", help="写到哪个文件夹 / where to")] = Path("addins"),
    base: Annotated[
        str, typer.Option(help="Office.js 网页放在哪个 https 网址 / where the Office.js pages are served")
    ] = "https://localhost:3939",
    json: Json = False,
) -> None:
    """生成全部加载项 / make every add-in."""
    from addin import hosts

    with sentences(HERE):
        made = hosts.build(out, base)
        if json:
            as_json({"files": [str(path) for path in made]})
        else:
            console.print(f"已生成 {len(made)} 个文件:{out} / {len(made)} files made")


@addins.command("install")
def install_addin(which: Which, language: Language = Lang.ZH, json: Json = False) -> None:
    """装到这台机器的表格软件里 / put an add-in into this machine's program."""
    _act("install", which, language, json=json)


@addins.command("remove")
def remove_addin(which: Which, language: Language = Lang.ZH, json: Json = False) -> None:
    """从表格软件里移除 / take an add-in out again."""
    _act("remove", which, language, json=json)


def _act(verb: str, which: str, lang: Lang, *, json: bool) -> None:
    from addin import hosts

    with sentences(HERE):
        said = getattr(hosts.host(which), verb)(lang)
        if json:
            as_json({"host": which, "said": said})
        else:
            console.print(said)


@addins.command("status")
def addin_status(language: Language = Lang.ZH, json: Json = False) -> None:
    """看看装了哪些 / tell which are installed."""
    from addin import hosts

    with sentences(HERE):
        told = {}
        for name in hosts.NAMES:
            host = hosts.host(name)
            try:
                told[name] = host.status(language)
            except UserError as error:
                told[name] = str(error)
            if not json:
                console.print(f"{host.label}: {told[name]}")
        if json:
            as_json(told)


if __name__ == "__main__":
    main()

__all__ = ["app", "main"]
