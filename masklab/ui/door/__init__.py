"""The door: what every request passes before Streamlit sees it, pages and websocket alike.

A plain ASGI middleware. It refuses names that this server doesn't have and pages of others, and,
where there is a gate, everything without a session but the login.
"""

from __future__ import annotations

import logging
from collections.abc import Collection

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection, Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from masklab.access.gate import Gate
from masklab.access.origin import answers_to, is_own
from masklab.errors import AccessError
from masklab.ui.door.early import early
from masklab.ui.door.login import LOGIN, LOGOUT, Login
from masklab.ui.inspector import direct

_log = logging.getLogger(__name__)
_SAFE = ("GET", "HEAD", "OPTIONS")
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "SAMEORIGIN",
}
WRONG_HOST = (
    "MaskLab answers to this machine's own names only, and this request names another. Open it as "
    "http://127.0.0.1 with its port, or add the name to server.allowedHosts in .streamlit/config.toml."
)
FIRST_PAGE = "/data"
"""The Data page is the app's first one, which Streamlit serves at the root alone: it calls this a page
that does not exist."""
OUT_OF_ORDER = "MaskLab can't tell who may come in, so nobody does. Its log says why."
WRONG_ORIGIN = "This request comes from a page of another site, and was not carried out."


class Door:
    """Middleware around Streamlit's server.

    `gate`: None where everybody who reaches the server may enter. `hosts`: the names that it answers
    to, None for any. `origins`: other sites whose pages may send requests.
    """

    def __init__(
        self,
        app: ASGIApp,
        gate: Gate | None = None,
        hosts: Collection[str] | None = None,
        origins: Collection[str] = (),
    ) -> None:
        self.app = app
        self.gate = gate
        self.hosts = hosts
        self.origins = origins
        self.login = None if gate is None else Login(gate)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request in, or answer it here."""
        if scope["type"] not in ("http", "websocket"):  # the server's own start and end
            await self.app(scope, receive, send)
            return
        connection = HTTPConnection(scope)
        query = scope.get("query_string", b"").decode("latin-1")
        answer = self._stranger(connection)
        if answer is None and self.login is not None:
            try:
                answer = await self._login(self.login, connection, receive)
            except AccessError as error:  # the users' file is damaged, or others may read it
                _log.error("%s", error)
                answer = PlainTextResponse(OUT_OF_ORDER, 503)
        if answer is None and (scope.get("method"), scope["path"]) == ("POST", direct.PATH):
            answer = await _directly(Request(scope, receive))
        if (
            answer is None
            and scope["path"] == FIRST_PAGE
            and scope.get("method") in ("GET", "HEAD")
        ):
            answer = RedirectResponse(f"./?{query}" if query else "./")
        if answer is None:
            await self.app(scope, receive, _guarded(send, early(scope["path"], query)))
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008, "reason": "Log in first."})
        else:
            await answer(scope, receive, _guarded(send))

    def _stranger(self, connection: HTTPConnection) -> Response | None:
        """Return the refusal of a request under a wrong name or from a foreign page."""
        hosts, origins = (connection.headers.getlist(name) for name in ("host", "origin"))
        host = hosts[0] if len(hosts) == 1 else None
        if not answers_to(host, self.hosts):
            return PlainTextResponse(WRONG_HOST, 421)
        if connection.scope["type"] == "http" and connection.scope["method"] in _SAFE:
            return None
        foreign = connection.headers.get("sec-fetch-site") in ("cross-site", "same-site")
        origin = ",".join(origins) if origins else None
        if not is_own(origin, host, self.origins) or (foreign and origin not in self.origins):
            return PlainTextResponse(WRONG_ORIGIN, 403)
        return None

    async def _login(
        self, login: Login, connection: HTTPConnection, receive: Receive
    ) -> Response | None:
        """Return the answer to a visitor without a session, None to one who has it."""
        scope = connection.scope
        asked = (scope.get("method"), scope["path"])  # a websocket has no method
        if asked == ("POST", LOGIN):
            return await login.enter(Request(scope, receive))
        if asked == ("POST", LOGOUT):
            return login.leave(connection)
        session = login.session(connection)
        if session is not None:
            return login.pages(asked, session)
        if asked[0] in ("GET", "HEAD") and _wants_page(connection):
            return login.page(connection)
        return PlainTextResponse("Log in first.", 401)


async def _directly(request: Request) -> Response:
    """Answer a canvas that asks for the numbers of a window."""
    question = b""
    async for part in request.stream():
        question += part
        if len(question) > direct.LONGEST:
            return PlainTextResponse("Too long.", 413)
    found = await run_in_threadpool(direct.answer, question)
    if found is None:
        return PlainTextResponse("Nothing is known of this.", 404)
    return Response(found, media_type="application/json")


def _wants_page(connection: HTTPConnection) -> bool:
    wanted = connection.headers.get("sec-fetch-dest")
    if wanted is not None:
        return wanted == "document"
    return "text/html" in connection.headers.get("accept", "")


def _guarded(send: Send, link: str = "") -> Send:
    """Add what keeps an answer from being guessed at, framed by others or told to them.

    `link`: what a page has the browser fetch at once.
    """

    async def sent(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in _HEADERS.items():
                headers.setdefault(name, value)
            if link:
                headers.append("Link", link)
        await send(message)

    return sent
