"""A store with two users, its gate, a door to knock at, and pages opened by one of them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from streamlit.runtime.context import ContextProxy

from masklab.access import passwords
from masklab.access.gate import Gate
from masklab.access.users import Users
from masklab.runs.executors.local import LocalExecutor
from masklab.ui import visitor
from masklab.ui.door import Door
from tests.ui.conftest import experiment, open_page, project, store, table  # noqa: F401 - fixtures

ALICE, BOB = ("alice", "correct horse"), ("bob", "battery staple")
HOST = "127.0.0.1:8501"


@pytest.fixture(autouse=True)
def quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Spend a thousandth of the work on each password: what is tested here is not scrypt."""
    monkeypatch.setattr(passwords, "_N", 2**5)


@pytest.fixture(autouse=True)
def supervised(monkeypatch: pytest.MonkeyPatch) -> None:
    """Start no supervisor for the pages."""
    monkeypatch.setattr(LocalExecutor, "ensure", lambda self, _: None)


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def users(store_directory: Path) -> Users:
    known = Users(store_directory)
    for name, password in (ALICE, BOB):
        known.add(name, password)
    return known


@pytest.fixture
def gate(users: Users, store_directory: Path, clock: Clock) -> Gate:
    return Gate(store_directory, users, clock=clock)


@dataclass(frozen=True)
class Answer:
    """What came back; `status` is 0 for a websocket that was shut."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


@dataclass
class Knock:
    """Sends requests to a door, behind which everything is answered with 200 and "inside"."""

    gate: Gate | None = None
    options: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.door = Door(self._inside, self.gate, **self.options)
        self.came_in: list[str] = []

    async def _inside(self, scope: Any, receive: Any, send: Any) -> None:
        self.came_in.append(scope["path"])
        if scope["type"] == "websocket":
            await send({"type": "websocket.accept"})
            return
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"inside"})

    def __call__(
        self,
        path: str = "/",
        method: str = "GET",
        body: bytes = b"",
        *,
        kind: str = "http",
        address: str = "10.0.0.1",
        **headers: str | None,
    ) -> Answer:
        given: dict[str, str | None] = {"host": HOST, "accept": "text/html", **headers}
        plain = [
            (name.lower().replace("_", "-").encode(), value.encode("latin-1"))
            for name, value in given.items()
            if value is not None
        ]
        path, _, query = path.partition("?")
        scope = {
            "type": kind, "path": path, "raw_path": path.encode(), "query_string": query.encode(),
            "headers": plain, "scheme": "http" if kind == "http" else "ws", "root_path": "",
            "client": (address, 5000), "server": ("127.0.0.1", 8501), "http_version": "1.1",
        }  # fmt: skip
        if kind == "http":
            scope["method"] = method
        sent: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)

        asyncio.run(self.door(scope, receive, send))
        start = sent[0]
        if kind == "websocket":
            return Answer(101 if start["type"] == "websocket.accept" else 0, {}, b"")
        found = {name.decode().lower(): value.decode("latin-1") for name, value in start["headers"]}
        return Answer(start["status"], found, b"".join(one.get("body", b"") for one in sent[1:]))


@pytest.fixture
def knock(gate: Gate) -> Knock:
    return Knock(gate)


@pytest.fixture
def logged_in(gate: Gate, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., str]]:
    """Make pages see the cookie of a user, or any other cookie."""
    visitor.keep(gate)

    def enter(name: str = "", cookie: str | None = None) -> str:
        value = gate.enter(name, dict([ALICE, BOB])[name]) if cookie is None else cookie
        assert value is not None
        monkeypatch.setattr(ContextProxy, "cookies", property(lambda self: {gate.cookie: value}))
        return value

    yield enter
    visitor.keep(None)
