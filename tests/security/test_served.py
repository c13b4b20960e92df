"""The server as it runs: every way in, asked over the wire, with a login and without."""

from __future__ import annotations

import base64
import http.client
import re
import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import psutil
import pytest

from masklab.access.users import Users
from tests.conftest import running_app
from tests.security.conftest import ALICE, BOB

WAYS_IN = [
    ("GET", "/"), ("GET", "/mask"), ("GET", "/_stcore/health"), ("GET", "/_stcore/host-config"),
    ("GET", "/_stcore/script-health-check"), ("GET", "/_stcore/metrics"), ("GET", "/static/index.html"),
    ("GET", "/media/" + "0" * 56 + ".csv"), ("GET", "/component/streamlit_x/index.html"),
    ("GET", "/_stcore/bidi-components/masklab_painter/x.js"), ("PUT", "/_stcore/upload_file/a/b"),
    ("POST", "/_stcore/upload_file/a/b"), ("DELETE", "/_stcore/upload_file/a/b"), ("GET", "/auth/login"),
    ("GET", "/oauth2callback"), ("GET", "/_stcore/agent"), ("POST", "/_stcore/agent/sessions"),
    ("OPTIONS", "/_stcore/upload_file/a/b"), ("GET", "/app/static/../../etc/passwd"),
]  # fmt: skip


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server with two users."""
    store = tmp_path_factory.mktemp("guarded") / "store"
    for user in (ALICE, BOB):
        Users(store).add(*user)
    with running_app(store, "--login") as address:
        yield address


@pytest.fixture(scope="module")
def open_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server as it starts by itself, on this machine's own address."""
    with running_app(tmp_path_factory.mktemp("open") / "store") as address:
        yield address


def ask(address: str, method: str, path: str, body: bytes | None = None, **headers: str):
    """Send a request and return status, headers and body."""
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=20)
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request(method, path, body, names)
    answer = connection.getresponse()
    found = answer.status, dict(answer.getheaders()), answer.read()
    connection.close()
    return found


def shake_hands(address: str, **headers: str) -> int:
    """Ask for the websocket and return the status."""
    place = urlsplit(address)
    given = {
        "Host": place.netloc, "Upgrade": "websocket", "Connection": "Upgrade",
        "Sec-WebSocket-Key": base64.b64encode(b"0123456789abcdef").decode(),
        "Sec-WebSocket-Version": "13", "Sec-WebSocket-Protocol": "streamlit",
    }  # fmt: skip
    given |= headers
    text = "GET /_stcore/stream HTTP/1.1\r\n" + "".join(f"{k}: {v}\r\n" for k, v in given.items())
    with socket.create_connection((place.hostname, place.port), timeout=20) as line:
        line.sendall(f"{text}\r\n".encode())
        return int(line.recv(4096).split()[1])


def log_in(address: str, name: str, password: str) -> str:
    body = urlencode({"name": name, "password": password, "next": "/mask"}).encode()
    kind = "application/x-www-form-urlencoded"
    status, headers, _ = ask(address, "POST", "/masklab-login", body, Content_Type=kind)
    assert (status, headers["location"]) == (303, "/mask")
    return headers["set-cookie"].split(";")[0]


@pytest.mark.parametrize(("method", "path"), WAYS_IN)
def test_every_way_in_is_shut_without_a_session(guarded: str, method: str, path: str):
    status, _, body = ask(guarded, method, path)
    assert status == 401
    assert body in (b"Log in first.", b"")


def test_the_websocket_opens_to_a_session_of_its_own_page_alone(guarded: str):
    assert shake_hands(guarded) == 403
    cookie = log_in(guarded, *ALICE)
    assert shake_hands(guarded, Cookie=cookie) == 101
    assert shake_hands(guarded, Cookie=cookie, Origin=guarded) == 101
    for origin in ("http://evil.example", "null", "http://localhost:3000", "http://127.0.0.1:1"):
        assert shake_hands(guarded, Cookie=cookie, Origin=origin) == 403
    assert shake_hands(guarded, Cookie=cookie[:-1]) == 403


def test_a_session_sees_the_app_and_leaves_it(guarded: str):
    cookie = log_in(guarded, *BOB)
    status, _, body = ask(guarded, "GET", "/mask", Cookie=cookie)
    assert status == 200
    assert b'<div id="root">' in body
    for path in re.findall(rb'(?:src|href)="\./(static/[^"]+)"', body)[:4]:
        assert ask(guarded, "GET", "/" + path.decode(), Cookie=cookie)[0] == 200
    assert ask(guarded, "POST", "/masklab-logout", Cookie=cookie)[0] == 303
    assert ask(guarded, "GET", "/mask", Cookie=cookie)[0] == 401


def test_an_upload_needs_streamlit_s_own_token_too(guarded: str):
    cookie = log_in(guarded, *ALICE)
    status, _, _ = ask(guarded, "PUT", "/_stcore/upload_file/a/b", b"x", Cookie=cookie)
    assert status == 403


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8501", "10.1.2.3", "a.localhost"])
def test_a_name_that_was_made_to_point_here_is_refused(open_house: str, host: str):
    for path in ("/", "/_stcore/health", "/static/index.html"):
        assert ask(open_house, "GET", path, Host=host)[0] == 421
    assert shake_hands(open_house, Host=host, Origin=f"http://{host}") == 403


def test_a_foreign_page_gets_no_websocket_on_this_machine_either(open_house: str):
    assert shake_hands(open_house, Origin=open_house) == 101
    for origin in ("http://evil.example", "null", "http://localhost:3000", "https://127.0.0.1"):
        assert shake_hands(open_house, Origin=origin) == 403
        assert ask(open_house, "PUT", "/_stcore/upload_file/a/b", b"x", Origin=origin)[0] == 403


def test_without_a_login_it_listens_on_this_machine_alone(open_house: str):
    port = urlsplit(open_house).port
    found = [
        one.laddr.ip
        for process in psutil.process_iter()
        for one in _listening(process)
        if one.laddr.port == port
    ]
    assert set(found) == {"127.0.0.1"}


def _listening(process: psutil.Process) -> list:
    try:
        return [one for one in process.net_connections("tcp") if one.status == psutil.CONN_LISTEN]
    except psutil.Error:
        return []


def test_paths_in_the_address_never_leave_the_files_of_the_app(open_house: str):
    for path in ("/../../../etc/passwd", "/static/..%2f..%2f..%2fetc/passwd", "/component/x/../../etc/passwd",
                 "/media/../../etc/passwd", "/static//etc/passwd", "/%2e%2e/%2e%2e/etc/passwd"):  # fmt: skip
        _, _, body = ask(open_house, "GET", path)
        assert b"root:" not in body


def test_guessing_is_slowed_down(guarded: str):
    body = urlencode({"name": "alice", "password": "wrong"}).encode()
    kind = "application/x-www-form-urlencoded"
    said = [ask(guarded, "POST", "/masklab-login", body, Content_Type=kind)[0] for _ in range(8)]
    assert said[-1] == 429
    assert set(said) == {401, 429}


def test_one_password_for_all_comes_from_the_environment(tmp_path: Path, monkeypatch):
    monkeypatch.setenv("MASKLAB_PASSWORD", "for the class")
    with running_app(tmp_path / "store") as address:
        body = urlencode({"password": "for the class"}).encode()
        kind = "application/x-www-form-urlencoded"
        assert ask(address, "GET", "/")[0] == 401
        assert ask(address, "POST", "/masklab-login", body, Content_Type=kind)[0] == 303
