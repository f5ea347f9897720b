"""The hub's answers: functions as in Python, commands as jobs, lists without personal data, freshness."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from starlette.testclient import TestClient

from addin.hub.jobs import Job, JobState
from sync_engine.clock import SystemClock
from sync_engine.journal.journal import Journal
from sync_engine.readmodel import ReadModel
from sync_engine.state import Step
from tests.functions.cases import CASES, ROWS, A
from tests.functions.test_call import as_arguments
from tests.hub.conftest import HOST, TOKEN, client, settled
from workbook_templates.schema import Lang


def shown(result: object) -> object:
    """What a cell shows for one result of the hub."""
    if isinstance(result, list):
        return [[shown(cell) for cell in row] for row in result]
    assert isinstance(result, dict)
    if result["error"]:
        assert result["message"]
        return result["error"]
    return result["value"]


def test_the_table_of_cases_in_one_request(model: ReadModel) -> None:
    calls = [[case.name, as_arguments(case)] for case in CASES]
    answer = client(model).post("/v1/functions", json={"calls": calls})
    assert answer.status_code == 200 and answer.json()["as_of"] == "2026-11-12 09:30:00"
    for case, result in zip(CASES, answer.json()["results"], strict=True):
        expected = pytest.approx(case.shows, abs=1e-9) if isinstance(case.shows, float) else case.shows
        assert shown(result) == expected, case.formula


def test_a_column_in_one_call_and_ten_thousand_cells_in_one_request(model: ReadModel) -> None:
    hub = client(model)
    (column,) = hub.post("/v1/functions", json={"calls": [["STOCK", [[["BM-001-BK"], ["?"]]]]]}).json()[
        "results"
    ]
    assert shown(column) == [[12], ["#N/A"]]
    many = hub.post("/v1/functions", json={"calls": [["STOCK", ["BM-001-BK"]]] * 10_000}).json()["results"]
    assert len(many) == 10_000 and {one["value"] for one in many} == {12}


def test_before_the_first_sync_functions_say_so(tmp_path: Path) -> None:
    hub = client(ReadModel(tmp_path / "none.sqlite", Lang.ZH))
    (result,) = hub.post("/v1/functions", json={"calls": [["STOCK", ["A"]]]}).json()["results"]
    assert result["error"] == "#N/A" and "同步" in result["message"]
    assert hub.get("/v1/status").json()["orders"] == 0


def test_answers_follow_the_journal_while_a_watch_has_it_open(model: ReadModel, journal: Journal) -> None:
    hub = client(model)

    def stock() -> object:
        (result,) = hub.post("/v1/functions", json={"calls": [["STOCK", ["BM-001-BK"]]]}).json()["results"]
        return shown(result)

    assert stock() == 12
    changed = settled("stock", {**ROWS["stock"][0], "on_hand": 11})
    with journal.transaction():
        journal.rows.put("stock", [changed])
        assert stock() == 12  # not yet committed
    assert stock() == 11
    with journal.transaction():
        journal.rows.forget("stock", ["BM-001-BK"])
    assert stock() == "#N/A"


def test_status_catalogue_and_lists(model: ReadModel, journal: Journal) -> None:
    todo = {
        "todo_id": "T1",
        "state": "open",
        "severity": "must",
        "sheet": "库存",
        "row_key": "BM-1",
        "reason": "在库为负",
        "advice": "点一下",
    }
    with journal.transaction():
        journal.rows.put(
            "todo", [settled("todo", todo), settled("todo", {**todo, "todo_id": "T2", "state": "solved"})]
        )
    hub = client(model)
    status = hub.get("/v1/status").json()
    assert (status["shop"], status["orders"], status["to_ship"], status["open_todos"]) == ("测试店", 3, 1, 1)
    assert [one["number"] for one in hub.get("/v1/todos").json()] == ["T1"]
    (found,) = hub.get("/v1/orders", params={"query": "ZT2"}).json()
    assert found["tid"] == A and found["stage"] == "已发货" and found["courier"] == "中通"
    assert not {"receiver", "buyer", "address"} & set(found)
    assert len(hub.get("/v1/orders", params={"query": "29123"}).json()) == 3
    assert hub.get("/v1/orders", params={"query": ""}).status_code == 422
    names = {one["name"] for one in hub.get("/v1/catalogue").json()["commands"]}
    assert names >= {"sync", "print", "ship", "backup"}


def ended(hub: TestClient, number: str) -> dict[str, object]:
    """The job once it is over."""
    for _ in range(200):
        job: dict[str, object] = hub.get(f"/v1/jobs/{number}").json()
        if JobState(str(job["state"])).over:
            return job
        SystemClock().sleep(0.02)
    raise AssertionError("a job without an end")


def test_a_button_pressed_twice_works_once_and_shows_its_way(model: ReadModel) -> None:
    going, runs = threading.Event(), list[str]()

    def slow(job: Job, told: Callable[[Step], None]) -> tuple[bool, str]:
        runs.append(job.command)
        told(Step.LOOK)
        assert going.wait(10)
        return True, "好了"

    hub = client(model, slow)
    first = hub.post("/v1/jobs", json={"command": "sync"})
    assert first.status_code == 202
    number = first.json()["number"]
    assert hub.post("/v1/jobs", json={"command": "sync", "argument": " "}).json()["number"] == number
    for _ in range(200):
        job = hub.get(f"/v1/jobs/{number}").json()
        if job["step"]:
            break
        SystemClock().sleep(0.02)
    assert (job["state"], job["label"], job["step"]) == ("running", "同步", "看天猫") and 0 < job[
        "progress"
    ] < 1
    assert hub.get("/v1/status").json()["running"]["number"] == number
    going.set()
    done = ended(hub, number)
    assert (done["state"], done["answer"], done["progress"]) == ("done", "好了", 1.0) and runs == ["sync"]
    assert hub.post("/v1/jobs", json={"command": "sync"}).json()["number"] != number  # a new press, a new job


def test_a_job_can_be_stopped_at_its_next_step_or_before_it_begins(model: ReadModel) -> None:
    going, steps = threading.Event(), list[Step]()

    def slow(_: Job, told: Callable[[Step], None]) -> tuple[bool, str]:
        for step in Step:
            told(step)
            steps.append(step)
            assert going.wait(10)
        return True, "never"

    hub = client(model, slow)
    running = hub.post("/v1/jobs", json={"command": "sync"}).json()["number"]
    waiting = hub.post("/v1/jobs", json={"command": "print"}).json()["number"]
    assert hub.post(f"/v1/jobs/{waiting}/cancel", json={}).json()["state"] == "cancelled"
    hub.post(f"/v1/jobs/{running}/cancel", json={})
    going.set()
    assert ended(hub, running)["state"] == "cancelled" and len(steps) <= 1
    assert hub.post("/v1/jobs/none/cancel", json={}).status_code == 404


def test_a_job_that_breaks_ends_with_one_sentence(model: ReadModel) -> None:
    def broken(_: Job, __: Callable[[Step], None]) -> tuple[bool, str]:
        raise ZeroDivisionError("secret detail")

    hub = client(model, broken)
    job = ended(hub, hub.post("/v1/jobs", json={"command": "sync"}).json()["number"])
    assert job["state"] == "failed" and "doctor" in str(job["answer"]) and "secret" not in str(job["answer"])
    assert hub.post("/v1/jobs", json={"command": "format_c"}).status_code == 404


def test_fuzzed_from_its_own_description(model: ReadModel) -> None:
    """Whatever fits the published schema, or nearly, is answered as the schema says and never with a 5xx."""
    known = {"Authorization": f"Bearer {TOKEN}", "Host": HOST}
    schema = schemathesis.openapi.from_asgi("/openapi.json", client(model).app, headers=known)
    operations = [found.ok() for found in schema.get_all_operations()]
    assert len(operations) >= 8
    for operation in operations:

        @settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
        @given(case=operation.as_strategy())
        def each(case: Any) -> None:
            answer = case.call(headers=known)
            assert answer.status_code < 500 and answer.status_code not in (401, 421)
            case.validate_response(answer)

        each()
