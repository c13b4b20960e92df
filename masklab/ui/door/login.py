"""The login: its page, the check of what was sent, the cookie, and the way out."""

from __future__ import annotations

import asyncio
import html
import re
import secrets
from functools import cache
from importlib.resources import files
from urllib.parse import parse_qs, urlsplit

from starlette.requests import HTTPConnection, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from masklab.access.attempts import Attempts
from masklab.access.gate import HOURS, Gate, Session
from masklab.access.origin import host_name, is_loopback

LOGIN, LOGOUT = "/masklab-login", "/masklab-logout"

BYTES_MOST = 4096
"""A name, a password and an address; more is not read."""
_AT_ONCE = 2  # each check takes 32 MB
_NEXT_MOST = 2000
WRONG = "That name and password don't belong together. Check both, and try again."
WRONG_ALONE = "That is not the password. Check it, and try again."
UNREADABLE = "What was sent can't be read as a login. Fill in the form, and try again."
IN_THE_CLEAR = (
    "This page came without encryption: whoever shares the network can read the password. "
    "Use it in networks that you trust."
)


class Login:
    """Answers of the login, for one gate."""

    def __init__(self, gate: Gate, attempts: Attempts | None = None) -> None:
        self.gate = gate
        self.attempts = attempts or Attempts()
        self.asks_name = gate.keys.asks_name
        self._turn = asyncio.Semaphore(_AT_ONCE)

    def session(self, connection: HTTPConnection) -> Session | None:
        """Return the session of a request, None if it has none."""
        return self.gate.session(connection.cookies.get(self.gate.cookie))

    async def enter(self, request: Request) -> Response:
        """Check a form that was sent; set the cookie and go where the visitor wanted to go."""
        form = await _form(request)
        if form is None:
            return self.page(request, UNREADABLE, 400)
        goal = safe_goal(form.get("next", ""))
        address = request.client.host if request.client else ""
        wait = self.attempts.begin(address)
        if wait:
            problem = f"Too many tries. Wait {_spoken(wait)}, then try again."
            answer = self.page(request, problem, 429, goal)
            answer.headers["Retry-After"] = str(wait)
            return answer
        name = form.get("name", "").strip().lower() if self.asks_name else "owner"
        async with self._turn:
            cookie = await asyncio.to_thread(self.gate.enter, name, form.get("password", ""))
        if cookie is None:
            return self.page(request, WRONG if self.asks_name else WRONG_ALONE, 401, goal, name)
        self.attempts.succeeded(address)
        answer = RedirectResponse(goal, 303)
        answer.set_cookie(
            self.gate.cookie, cookie, max_age=HOURS * 3600, path="/", httponly=True,
            samesite="lax", secure=self.gate.secure,
        )  # fmt: skip
        return _not_kept(answer)

    def leave(self, connection: HTTPConnection) -> Response:
        """End the session and go to the login."""
        self.gate.leave(connection.cookies.get(self.gate.cookie))
        answer = RedirectResponse("/", 303)
        answer.delete_cookie(
            self.gate.cookie, path="/", httponly=True, samesite="lax", secure=self.gate.secure
        )
        return _not_kept(answer)

    def pages(self, asked: tuple[str | None, str], session: Session) -> Response | None:
        """Return what the login's own addresses show to somebody who is in; None for others."""
        if asked == ("GET", LOGIN):
            return RedirectResponse("/", 303)
        if asked != ("GET", LOGOUT):
            return None
        who = f"You are logged in as {session.name}." if self.asks_name else "You are logged in."
        # A button: a link alone must not end a session.
        return _page(
            "Log out of MaskLab?", 200, action=LOGOUT, button="Log out", problem="", remark=who,
            fields="",
        )  # fmt: skip

    def page(
        self,
        connection: HTTPConnection,
        problem: str = "",
        status: int = 401,
        goal: str = "",
        name: str = "",
    ) -> Response:
        """Return the login's page."""
        asked = connection.url
        here = asked.path + (f"?{asked.query}" if asked.query else "")
        host = host_name(connection.headers.get("host", "")) or ""
        clear = not (self.gate.secure or asked.scheme == "https" or is_loopback(host))
        return _page(
            "Log in to MaskLab", status, action=LOGIN, button="Log in",
            problem=problem, remark=IN_THE_CLEAR if clear else "",
            fields=_fields(goal or safe_goal(here), name if self.asks_name else None),
        )  # fmt: skip


def safe_goal(asked: str) -> str:
    """Return a path of this server with its query; / for anything that could lead elsewhere."""
    plain = re.fullmatch(r"/[\x21-\x7e]*", asked) and "\\" not in asked
    if not plain or asked.startswith("//") or len(asked) > _NEXT_MOST:
        return "/"
    try:
        parts = urlsplit(asked)
    except ValueError:
        return "/"
    own = parts.scheme or parts.netloc or parts.path in (LOGIN, LOGOUT)
    return "/" if own else asked


async def _form(request: Request) -> dict[str, str] | None:
    """Return the fields of a short form, the first of each name; None if it isn't one."""
    kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        return None
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > BYTES_MOST:
            return None
    try:
        fields = parse_qs(
            body.decode("ascii"), keep_blank_values=True, max_num_fields=10, errors="strict"
        )
    except ValueError:
        return None
    return {name: values[0] for name, values in fields.items()}


def _fields(goal: str, name: str | None) -> str:
    """Return the form's fields, without one for a name if that is None; the first empty has focus."""
    focus = (" autofocus", "") if name == "" else ("", " autofocus")
    hidden = f'<input type="hidden" name="next" value="{html.escape(goal)}">'
    named = (
        '<label for="name">Name</label><input id="name" name="name" autocomplete="username" '
        f'autocapitalize="none" spellcheck="false" maxlength="32" value="{html.escape(name or "")}" '
        f"required{focus[0]}>"
    )
    password = (
        '<label for="password">Password</label><input id="password" name="password" type="password" '
        f'autocomplete="current-password" maxlength="200" required{focus[1]}>'
    )
    return hidden + (named if name is not None else "") + password


def _page(title: str, status: int, **parts: str) -> Response:
    nonce = secrets.token_urlsafe(16)
    problem = f'<p class="problem" role="alert">{html.escape(parts["problem"])}</p>'
    text = _template()
    filled = {
        "nonce": nonce,
        "title": html.escape(title),
        "action": parts["action"],
        "button": html.escape(parts["button"]),
        "problem": problem if parts["problem"] else "",
        "remark": f'<p class="remark">{html.escape(parts["remark"])}</p>'
        if parts["remark"]
        else "",
        "fields": parts["fields"],
    }
    # In one pass: what was filled in is never looked through for places to fill in.
    text = re.sub(r"\{\{(\w+)\}\}", lambda found: filled[found[1]], text)
    answer = HTMLResponse(text, status)
    answer.headers["Content-Security-Policy"] = (
        f"default-src 'none'; style-src 'nonce-{nonce}'; script-src 'nonce-{nonce}'; img-src data:; "
        "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    )
    return _not_kept(answer)


def _not_kept(answer: Response) -> Response:
    answer.headers["Cache-Control"] = "no-store"
    return answer


@cache
def _template() -> str:
    return files("masklab.ui.door").joinpath("login.html").read_text("utf-8")


def _spoken(seconds: int) -> str:
    if seconds < 100:
        return "1 second" if seconds == 1 else f"{seconds} seconds"
    return f"{round(seconds / 60)} minutes"
