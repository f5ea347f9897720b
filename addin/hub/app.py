"""The hub's HTTP face. Every answer is made from the read model or from a job; nothing here decides anything."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Annotated

from fastapi import FastAPI, HTTPException, Query, Request, Response
from fastapi.responses import FileResponse, JSONResponse, RedirectResponse

from addin.hub.guard import Door, answer_headers, verdict
from addin.hub.jobs import Job, Jobs
from addin.hub.wire import (
    Calls,
    Catalogue,
    CommandShown,
    FunctionShown,
    Health,
    JobShown,
    Order,
    OrderShown,
    Results,
    Shown,
    Status,
    TodoShown,
)
from formulas.book import Book, Row
from formulas.call import call
from formulas.catalogue import FUNCTIONS
from formulas.cells import Host
from formulas.declare import CellError
from sync_engine.clock import Clock
from sync_engine.readmodel import ReadModel
from workbook_templates import VERSION
from workbook_templates.commands import COMMANDS_BY_NAME, COMMANDS_LIST
from workbook_templates.schema import Lang
from workbook_templates.tables.choices import COURIERS, ORDER_STAGE, SEVERITY, label_of

FOUND = 50
"""Orders and to-dos shown at most."""
_WAITING = ("buying", "to_print", "to_ship", "part_shipped")


@dataclass(frozen=True, slots=True, kw_only=True)
class Hub:
    """What the hub serves."""

    shop: str
    lang: Lang
    door: Door
    model: ReadModel
    jobs: Jobs
    clock: Clock


def make_app(hub: Hub) -> FastAPI:
    """The application of one shop."""
    app = FastAPI(title="Biaomao hub", version=VERSION, docs_url=None, redoc_url=None)
    _guard(app, hub)
    _about(app, hub)
    _functions(app, hub)
    _jobs(app, hub)
    _lists(app, hub)
    _pages(app)
    return app


def _guard(app: FastAPI, hub: Hub) -> None:
    door, seconds = hub.door, dict[int, int]()

    @app.middleware("http")
    async def guard(request: Request, go_on: Callable[[Request], Awaitable[Response]]) -> Response:
        headers = {name.lower(): value for name, value in request.headers.items()}
        turned = verdict(door, request.method, request.url.path, headers)
        second = int(hub.clock.now().timestamp())
        seconds[second] = seconds.pop(second, 0) + 1
        for old in [one for one in seconds if one < second]:
            del seconds[old]
        if turned is not None:
            answer: Response = JSONResponse({"detail": turned.why}, turned.status)
        elif seconds[second] > door.a_second:
            answer = JSONResponse({"detail": "too many requests"}, 429, {"retry-after": "1"})
        elif request.method == "OPTIONS":
            answer = Response(status_code=204)
        else:
            answer = await go_on(request)
        answer.headers.update(answer_headers(door, headers.get("origin")))
        return answer


def _about(app: FastAPI, hub: Hub) -> None:
    @app.get("/health")
    def health() -> Health:
        """A sign of life; needs no token."""
        return Health(version=VERSION)

    @app.get("/v1/catalogue")
    def catalogue(language: Lang | None = None) -> Catalogue:
        """Every function and command, in the shop's language or the one asked for."""
        lang = language or hub.lang
        return Catalogue(
            functions=[FunctionShown(name=f.name, about=f.about(lang), example=f.example) for f in FUNCTIONS],
            commands=[_command(one.name, lang) for one in COMMANDS_LIST],
        )

    @app.get("/v1/status")
    def status() -> Status:
        """How the shop stands."""
        book = hub.model.book()
        orders = book.rows("orders").values() if book else ()
        running = next((job for job in hub.jobs.all() if not job.state.over), None)
        return Status(
            shop=hub.shop, language=hub.lang.value, as_of=_as_of(book), orders=len(orders),
            to_ship=sum(row.get("stage") in _WAITING for row in orders), open_todos=len(_open(book)),
            running=_job(running, hub.lang) if running else None,
        )  # fmt: skip


def _command(name: str, lang: Lang) -> CommandShown:
    one = COMMANDS_BY_NAME[name]
    return CommandShown(
        name=name,
        label=one.label(lang),
        about=one.title(lang),
        argument=one.argument(lang),
        asks=one.asks(lang),
    )


def _as_of(book: Book | None) -> str:
    return f"{book.as_of:%Y-%m-%d %H:%M:%S}" if book and book.as_of else ""


def _functions(app: FastAPI, hub: Hub) -> None:
    @app.post("/v1/functions")
    def functions(asked: Calls) -> Results:
        """Every function call of one recalculation in one request."""
        book = hub.model.book()
        return Results(
            results=[
                _shown(call(name, arguments, book, hub.lang), hub.lang) for name, arguments in asked.calls
            ],
            as_of=_as_of(book),
        )


def _shown(result: object, lang: Lang) -> Shown | list[list[Shown]]:
    if isinstance(result, list):
        return [[_cell(cell, lang) for cell in row] for row in result]
    return _cell(result, lang)  # type: ignore[arg-type]


def _cell(result: Host | CellError, lang: Lang) -> Shown:
    if isinstance(result, CellError):
        return Shown(error=result.code, message=result.text(lang))
    return Shown(value=result)  # type: ignore[arg-type]


def _jobs(app: FastAPI, hub: Hub) -> None:
    @app.post("/v1/jobs", status_code=202, responses={404: {"description": "no such command"}})
    def start(order: Order) -> JobShown:
        """Begin a command; pressing twice means the one that is under way."""
        if order.command not in COMMANDS_BY_NAME:
            raise HTTPException(404, "no such command")
        return _job(hub.jobs.start(order.command, order.argument.strip()), hub.lang)

    @app.get("/v1/jobs")
    def jobs() -> list[JobShown]:
        """Jobs remembered, newest first."""
        return [_job(job, hub.lang) for job in hub.jobs.all()]

    @app.get("/v1/jobs/{number}", responses={404: {"description": "no such job"}})
    def job(number: str) -> JobShown:
        """A job as it stands."""
        return _found(hub.jobs.get(number), hub.lang)

    @app.post("/v1/jobs/{number}/cancel", responses={404: {"description": "no such job"}})
    def cancel(number: str) -> JobShown:
        """Stop a job at its next step."""
        return _found(hub.jobs.cancel(number), hub.lang)


def _found(job: Job | None, lang: Lang) -> JobShown:
    if job is None:
        raise HTTPException(404, "no such job")
    return _job(job, lang)


def _job(job: Job, lang: Lang) -> JobShown:
    return JobShown(
        number=job.number, command=job.command, label=COMMANDS_BY_NAME[job.command].label(lang), argument=job.argument,
        state=job.state.value, step=job.step, progress=job.progress, answer=job.answer,
    )  # fmt: skip


def _lists(app: FastAPI, hub: Hub) -> None:
    @app.get("/v1/todos")
    def todos(language: Lang | None = None) -> list[TodoShown]:
        """What needs a person, the most pressing first. Reasons are in the words of the sheet."""
        zh = (language or hub.lang) is Lang.ZH
        return [
            TodoShown(
                number=str(row.get("todo_id")), level=str(row.get("severity") or ""), severity=label_of(SEVERITY, str(row.get("severity") or ""), zh=zh),
                sheet=str(row.get("sheet") or ""), row=str(row.get("row_key") or ""),
                reason=str(row.get("reason") or ""), advice=str(row.get("advice") or ""),
            )
            for row in _open(hub.model.book())[:FOUND]
        ]  # fmt: skip

    @app.get("/v1/orders")
    def orders(
        query: Annotated[str, Query(min_length=1, max_length=60)], language: Lang | None = None
    ) -> list[OrderShown]:
        """Orders whose number, waybill, goods or stage holds the text; the newest first."""
        zh = (language or hub.lang) is Lang.ZH
        book, wanted = hub.model.book(), query.strip().lower()
        rows = [
            row
            for row in (book.rows("orders").values() if book else ())
            if wanted and wanted in _searched(row, zh)
        ]
        rows.sort(key=lambda row: str(row.get("created") or ""), reverse=True)
        return [_order(row, zh) for row in rows[:FOUND]]


def _open(book: Book | None) -> list[Row]:
    rows = [row for row in (book.rows("todo").values() if book else ()) if row.get("state") == "open"]
    severities = [choice.name for choice in SEVERITY]
    return sorted(
        rows,
        key=lambda row: (
            severities.index(str(row.get("severity"))) if row.get("severity") in severities else 9,
            str(row.get("since")),
        ),
    )


def _searched(row: Row, zh: bool) -> str:
    texts = (row.get("tid"), row.get("waybill_codes"), row.get("goods"), _stage(row, zh))
    return " ".join(str(text) for text in texts if text).lower()


def _stage(row: Row, zh: bool) -> str:
    return label_of(ORDER_STAGE, str(row.get("stage") or ""), zh=zh)


def _order(row: Row, zh: bool) -> OrderShown:
    return OrderShown(
        tid=str(row.get("tid")), stage=_stage(row, zh), goods=str(row.get("goods") or ""),
        paid=str(row.get("paid_amount") or ""), courier=label_of(COURIERS, str(row.get("courier") or ""), zh=zh),
        waybills=str(row.get("waybill_codes") or ""), problem=str(row.get("problem") or ""),
    )  # fmt: skip


def _pages(app: FastAPI) -> None:
    room = Path(str(files("addin").joinpath("pane")))

    @app.get("/", include_in_schema=False)
    def home() -> Response:
        return RedirectResponse("/pane/index.html")

    @app.get("/pane/{name}", include_in_schema=False)
    def page(name: str) -> Response:
        known = {
            path.name: path
            for path in room.iterdir()
            if path.is_file() and path.suffix in (".html", ".js", ".css", ".svg", ".png")
        }
        if name not in known:
            raise HTTPException(404, "no such page")
        return FileResponse(known[name])
