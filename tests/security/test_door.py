"""Nothing passes the door without a session, under a wrong name, or for a foreign page."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import quote

import pytest
import streamlit
from hypothesis import given
from hypothesis import strategies as st

from masklab.access.files import write
from masklab.access.gate import Gate
from masklab.access.origin import LOOPBACK, answers_to, is_own
from masklab.ui.door.login import BYTES_MOST, LOGIN, LOGOUT, safe_goal
from masklab.ui.inspector import direct
from tests.security.conftest import ALICE, HOST, Clock, Knock

FORM = "application/x-www-form-urlencoded"
PLACES = [
    "/", "/mask", "/compare?work=demo", "/_stcore/health", "/_stcore/host-config", "/static/js/x.js",
    "/media/abc.csv", "/component/x/y.js", "/_stcore/bidi-components/x.js", "/_stcore/metrics",
    "/../../etc/passwd", "//evil.example", "/masklab-login/../", "/%2e%2e/", "/masklab-loginx",
]  # fmt: skip


def login(knock: Knock, name: str, password: str, *, goal: str = "/", **headers: str | None):
    body = f"name={quote(name)}&password={quote(password, errors='replace')}&next={quote(goal)}"
    return knock(LOGIN, "POST", body.encode(), **{"content_type": FORM, **headers})


@pytest.mark.parametrize("path", PLACES)
@pytest.mark.parametrize(
    "method", ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "X"]
)
def test_nothing_is_served_without_a_session(knock: Knock, path: str, method: str):
    assert knock(path, method).status == 401
    assert knock.came_in == []


@pytest.mark.parametrize("path", ["/_stcore/stream", LOGIN, "/"])
def test_a_websocket_without_a_session_is_shut(knock: Knock, gate: Gate, path: str):
    assert knock(path, kind="websocket").status == 0
    assert knock(path, kind="websocket", cookie=f"{gate.cookie}=x").status == 0
    assert knock.came_in == []


def test_a_session_opens_pages_and_websocket(knock: Knock, gate: Gate):
    cookie = f"{gate.cookie}={gate.enter(*ALICE)}"
    assert knock("/mask", cookie=cookie).text == "inside"
    assert knock("/_stcore/stream", kind="websocket", cookie=cookie).status == 101


def test_the_first_page_s_own_address_leads_to_the_root():
    answer = Knock()("/data?work=a&layer=1")
    assert (answer.status, answer.headers["location"]) == (307, "./?work=a&layer=1")
    assert Knock()("/data").headers["location"] == "./"
    assert Knock()("/data", "POST").text == "inside"


def test_a_page_that_begins_with_a_chart_has_the_browser_fetch_its_code_at_once():
    link = Knock()("/compare?work=a").headers["link"]
    assert re.fullmatch(r"<\./static/js/PlotlyChart\.[\w-]+\.js>; rel=modulepreload", link)
    file = link.partition(">")[0].removeprefix("<./")
    assert (Path(streamlit.__file__).parent / "static" / file).is_file()
    assert Knock()("/learn?lesson=two_masks").headers["link"] == link
    for path in ("/learn?view=inspector", "/", "/train", "/static/js/x.js"):
        assert "link" not in Knock()(path).headers


def test_a_canvas_asks_behind_the_login_and_no_longer_than_it_must(knock: Knock, gate: Gate):
    asked = b'{"token": "guessed", "flips": []}'
    assert knock(direct.PATH, "POST", asked).status == 401
    cookie = f"{gate.cookie}={gate.enter(*ALICE)}"
    assert knock(direct.PATH, "POST", asked, cookie=cookie).status == 404
    assert knock(direct.PATH, "POST", b"x" * (direct.LONGEST + 1), cookie=cookie).status == 413
    foreign = knock(direct.PATH, "POST", asked, cookie=cookie, origin="http://elsewhere.example")
    assert foreign.status == 403
    assert knock.came_in == []


def test_scripts_get_a_status_and_people_a_page(knock: Knock):
    assert knock("/static/x.js", accept="*/*").text == "Log in first."
    page = knock("/mask")
    assert "<h1>Log in to MaskLab</h1>" in page.text
    assert page.headers["cache-control"] == "no-store"


def test_the_page_needs_no_other_file_and_runs_no_foreign_script(knock: Knock):
    page = knock("/mask")
    assert not re.findall(r'(?:src|href)="(?!data:)', page.text)
    policy = page.headers["content-security-policy"]
    nonces = set(re.findall(r'nonce="([^"]+)"', page.text))
    assert len(nonces) == 1
    assert f"script-src 'nonce-{nonces.pop()}'" in policy
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert knock("/mask").headers["content-security-policy"] != policy


def test_a_login_sets_a_cookie_that_scripts_can_t_read_and_leads_on(knock: Knock, gate: Gate):
    answer = login(knock, *ALICE, goal="/compare?work=demo")
    assert (answer.status, answer.headers["location"]) == (303, "/compare?work=demo")
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Secure" not in cookie
    assert gate.session(cookie.split(";")[0].partition("=")[2]).name == "alice"


def test_behind_tls_the_cookie_never_goes_in_the_clear(users, store_directory, clock: Clock):
    answer = login(Knock(Gate(store_directory, users, secure=True, clock=clock)), *ALICE)
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("__Host-")
    assert "Secure" in cookie
    assert "Path=/" in cookie
    assert "domain" not in cookie.lower()


WRONG = [
    ("alice", "wrong"), ("", ""), ("alice", ""), ("", ALICE[1]), ("nobody", ALICE[1]),
    ("alice", "x" * 1000), ("älice", "pässwörd"), ("alice\x00", ALICE[1]), ("../alice", ALICE[1]),
    ("alice' OR '1'='1", "' OR '1'='1"), ("alice\r\nSet-Cookie: a=b", "x\r\nLocation: //evil"),
    ("<script>alert(1)</script>", "<img src=x onerror=alert(1)>"), ("{{problem}}", "{{nonce}}"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "password"), WRONG)
def test_a_wrong_login_gets_one_sentence_and_no_cookie(knock: Knock, name: str, password: str):
    answer = login(knock, name, password)
    assert answer.status == 401
    assert "set-cookie" not in answer.headers
    assert "belong together. Check both, and try again." in answer.text
    assert "<script>alert" not in answer.text
    assert "onerror" not in answer.text


def test_the_answer_tells_nobody_who_is_known(knock: Knock):
    known, unknown = (login(knock, name, "wrong").text for name in ("alice", "zebra"))
    plain = [re.sub(r'nonce="[^"]+"|alice|zebra', "", one) for one in (known, unknown)]
    assert plain[0] == plain[1]


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"x" * (BYTES_MOST + 1), FORM), (b"name=%ff&password=%fe", FORM), (b"\xff\xfe", FORM),
        (b"a=1&" * 200, FORM), (b'{"name": "alice"}', "application/json"), (b"", None),
        (b"--x\r\n", "multipart/form-data; boundary=x"),
    ],
)  # fmt: skip
def test_what_is_no_login_form_is_refused(knock: Knock, body: bytes, kind: str | None):
    answer = knock(LOGIN, "POST", body, content_type=kind)
    assert answer.status == 400
    assert "can&#x27;t be read as a login" in answer.text


def test_guessing_is_slowed_down_even_for_the_right_password(knock: Knock):
    assert [login(knock, "alice", "wrong").status for _ in range(5)] == [401] * 5
    answer = login(knock, *ALICE)
    assert answer.status == 429
    assert answer.headers["retry-after"] == "1"
    assert "Too many tries. Wait 1 second" in answer.text
    assert login(knock, *ALICE, address="10.0.0.2").status == 303


def test_a_logout_ends_the_session_and_needs_a_button(knock: Knock, gate: Gate):
    cookie = f"{gate.cookie}={gate.enter(*ALICE)}"
    page = knock(LOGOUT, cookie=cookie)
    assert "You are logged in as alice." in page.text
    assert knock("/", cookie=cookie).status == 200
    answer = knock(LOGOUT, "POST", cookie=cookie)
    assert answer.status == 303
    assert "Max-Age=0" in answer.headers["set-cookie"]
    assert knock("/", cookie=cookie).status == 401


FOREIGN = [
    {"origin": "http://evil.example"}, {"origin": "null"}, {"origin": "https://127.0.0.1"},
    {"origin": "http://127.0.0.1:3000"}, {"origin": "http://localhost:8501"}, {"origin": "garbage"},
    {"origin": f"http://{HOST}.evil.example"}, {"origin": f"http://user@{HOST}"}, {"origin": ""},
    {"origin": "http://[::1"}, {"sec_fetch_site": "cross-site"}, {"sec_fetch_site": "same-site"},
]  # fmt: skip


@pytest.mark.parametrize("headers", FOREIGN)
def test_a_foreign_page_changes_nothing_not_even_who_is_logged_in(knock, gate, headers):
    cookie = f"{gate.cookie}={gate.enter(*ALICE)}"
    for method in ("POST", "PUT", "DELETE"):
        assert knock("/_stcore/upload_file/a/b", method, cookie=cookie, **headers).status == 403
    assert login(knock, *ALICE, **headers).status == 403
    assert knock(LOGOUT, "POST", cookie=cookie, **headers).status == 403
    assert knock("/_stcore/stream", kind="websocket", cookie=cookie, **headers).status == 0
    assert knock.came_in == []
    assert Knock()("/_stcore/stream", kind="websocket", **headers).status == 0


def test_an_own_page_and_a_program_without_one_may():
    knock = Knock()
    for origin in (f"http://{HOST}", None):
        assert knock("/x", "PUT", origin=origin).status == 200
        assert knock("/_stcore/stream", kind="websocket", origin=origin).status == 101


def test_a_site_that_was_allowed_may():
    knock = Knock(options={"origins": {"https://friend.example"}})
    assert (
        knock("/x", "PUT", origin="https://friend.example", sec_fetch_site="cross-site").status
        == 200
    )


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:8501", "127.0.0.1.evil.example", "localhost.evil.example:8501",
     "", "127.0.0.1:x", "a@127.0.0.1", "127.0.0.1/x", "127.0.0.1\\x", "[::1", "10.0.0.5:8501", None],
)  # fmt: skip
def test_another_name_for_this_machine_is_refused(host: str | None):
    knock = Knock(options={"hosts": LOOPBACK})
    for kind in ("http", "websocket"):
        assert knock(kind=kind, host=host).status in (421, 0)
    assert knock.came_in == []


@pytest.mark.parametrize(
    "host", [HOST, "localhost:80", "LOCALHOST", "localhost.", "[::1]:8501", "127.0.0.1"]
)
def test_its_own_names_are_not(host: str):
    assert Knock(options={"hosts": LOOPBACK})(host=host).status == 200


def test_two_hosts_at_once_are_none():
    knock = Knock(options={"hosts": LOOPBACK})
    assert knock(host=HOST, Host="evil.example").status == 421


def test_names_may_stand_for_all_below_them():
    assert answers_to("lab.example.org", ["*.example.org"])
    assert not answers_to("example.org.evil", ["*.example.org"])
    assert not answers_to("badexample.org", ["*.example.org"])


@pytest.mark.parametrize(
    "goal",
    ["//evil.example", "/\\evil.example", "https://evil.example", "evil.example", "", "javascript:alert(1)",
     "/a\r\nSet-Cookie: x=y", "/\t/evil.example", "/" + "a" * 3000, "/ä", LOGIN, LOGOUT, "///evil.example"],
)  # fmt: skip
def test_a_login_never_leads_elsewhere(knock: Knock, goal: str):
    assert safe_goal(goal) == "/"
    assert login(knock, *ALICE, goal=goal).headers["location"] == "/"


@given(st.text(max_size=200))
def test_a_goal_is_a_path_of_this_server(text: str):
    assert re.fullmatch(r"/(?![/\\])[\x21-\x7e]*", safe_goal(text))


@pytest.mark.parametrize(
    "path", ['/"><script>alert(1)</script>', "/?work=\"'><img src=x onerror=alert(1)>"]
)
def test_the_address_is_never_echoed_as_markup(knock: Knock, path: str):
    page = knock(path).text
    assert "<script>alert" not in page
    assert "<img" not in page


@given(st.text(max_size=60), st.text(max_size=60))
def test_no_host_or_origin_raises(host: str, origin: str):
    answers_to(host, LOOPBACK)
    is_own(origin, host)


def test_while_the_users_can_t_be_read_nobody_comes_in(
    knock: Knock, gate: Gate, store_directory, caplog
):
    cookie = f"{gate.cookie}={gate.enter(*ALICE)}"
    write(store_directory / "access" / "users.json", b"not what it was")
    for answer in (knock("/", cookie=cookie), login(knock, *ALICE)):
        assert answer.status == 503
        assert str(store_directory) not in answer.text
    assert knock("/_stcore/stream", kind="websocket", cookie=cookie).status == 0
    assert knock.came_in == []
    assert "is damaged, so nobody can log in" in caplog.text


def test_every_answer_keeps_to_its_type_and_out_of_foreign_frames(knock: Knock, gate: Gate):
    for answer in (knock("/"), knock("/", cookie=f"{gate.cookie}={gate.enter(*ALICE)}")):
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["x-frame-options"] == "SAMEORIGIN"
        assert answer.headers["referrer-policy"] == "same-origin"
