"""Who the hub lets in: a table of requests as honest programs, web pages and rebinding hosts would send them."""

from __future__ import annotations

import socket

import pytest
from starlette.testclient import TestClient

from addin.hub.guard import MAX_BODY
from addin.hub.serve import listen
from sync_engine.readmodel import ReadModel
from tests.hub.conftest import HOST, PORT, TOKEN, client

GOOD = {"host": HOST, "authorization": f"Bearer {TOKEN}"}


@pytest.fixture
def hub(model: ReadModel) -> TestClient:
    return client(model)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"host": f"localhost:{PORT}"}, 200),
        ({"host": f"[::1]:{PORT}"}, 200),
        ({"origin": f"http://{HOST}"}, 200),
        ({"origin": "https://addin.example"}, 200),
        ({"sec-fetch-site": "same-origin"}, 200),
        ({"host": "evil.example"}, 421),
        ({"host": f"evil.example:{PORT}"}, 421),
        ({"host": "127.0.0.1"}, 421),
        ({"host": f"127.0.0.1.evil.example:{PORT}"}, 421),
        ({"origin": "https://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": "https://addin.example.evil.example"}, 403),
        ({"origin": f"https://{HOST}"}, 403),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"authorization": ""}, 401),
        ({"authorization": TOKEN}, 401),
        ({"authorization": f"Bearer {TOKEN[:-1]}"}, 401),
        ({"authorization": f"bearer {TOKEN}x"}, 401),
    ],
)
def test_who_comes_in(hub: TestClient, headers: dict[str, str], status: int) -> None:
    given = {name: value for name, value in {**GOOD, **headers}.items() if value}
    if headers.get("authorization") == "":
        hub.headers.pop("authorization")
    answer = hub.get("/v1/status", headers=given)
    assert answer.status_code == status
    assert answer.headers.get("access-control-allow-origin") in (None, "https://addin.example")
    assert ("access-control-allow-origin" in answer.headers) == (
        headers.get("origin") == "https://addin.example"
    )
    if status != 200:
        assert "测试店" not in answer.text


def test_a_preflight_is_answered_for_known_origins_only(hub: TestClient) -> None:
    asked = {"access-control-request-method": "POST", "access-control-request-private-network": "true"}
    good = hub.options("/v1/functions", headers={**asked, "origin": "https://addin.example"})
    assert good.status_code == 204 and good.headers["access-control-allow-private-network"] == "true"
    assert (
        hub.options("/v1/functions", headers={**asked, "origin": "https://evil.example"}).status_code == 403
    )
    assert hub.options("/v1/functions").status_code == 405


def test_a_page_and_the_sign_of_life_need_no_token_and_tell_nothing(hub: TestClient) -> None:
    hub.headers.pop("authorization")
    assert hub.get("/health").json()["program"] == "biaomao"
    for path in ("/v1/status", "/v1/todos", "/v1/catalogue", "/openapi.json", "/v1/orders?query=1"):
        assert hub.get(path).status_code == 401, path
    assert hub.post("/health").status_code == 405
    assert hub.get("/pane/../app.py").status_code in (401, 404)
    assert hub.get("/pane/%2e%2e%2fhub%2fapp.py").status_code == 404


def test_only_json_of_a_known_and_bearable_size(hub: TestClient) -> None:
    call = '{"calls": []}'
    assert hub.post("/v1/functions", content=call, headers={"content-type": "text/plain"}).status_code == 415
    assert hub.post("/v1/functions", data={"calls": "[]"}).status_code == 415
    json = {"content-type": "application/json"}
    assert hub.post("/v1/functions", content=call, headers=json).status_code == 200
    assert hub.post("/v1/functions", content=iter([call.encode()]), headers=json).status_code == 411
    large = '{"calls": [["STOCK", ["' + "x" * MAX_BODY + '"]]]}'
    assert hub.post("/v1/functions", content=large, headers=json).status_code == 413
    assert hub.post("/v1/functions", content="{", headers=json).status_code == 422


def test_a_flood_is_told_to_wait(model: ReadModel) -> None:
    hub = client(model, a_second=3)
    answers = [hub.get("/health") for _ in range(20)]
    assert {200, 429} == {one.status_code for one in answers}
    assert all(one.headers["retry-after"] == "1" for one in answers if one.status_code == 429)


def test_every_answer_is_kept_by_nobody(hub: TestClient) -> None:
    headers = hub.get("/v1/status").headers
    assert headers["cache-control"] == "no-store" and headers["x-content-type-options"] == "nosniff"
    assert "default-src 'self'" in headers["content-security-policy"]


def test_answers_are_sent_at_once() -> None:
    """asyncio looks at the protocol a socket names before it turns Nagle's waiting off."""
    with listen(0) as listener:
        assert listener.proto == socket.IPPROTO_TCP
        assert listener.getsockname()[0] == "127.0.0.1"
