"""The whole command line: the engine's commands, and those of the ways people reach it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sync_engine.cli import Folder, Json, app, main, sentences
from sync_engine.cli_report import as_json, console


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


if __name__ == "__main__":
    main()

__all__ = ["app", "main"]
