"""Links to other sites, checked against a server on this machine; no network is used."""

import threading
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tools import outside

NOBODY = "http://127.0.0.1:9/x"  # refused at once: nothing listens there


class Pages(BaseHTTPRequestHandler):
    """Answers by the path; counts what it was asked, and how much at once."""

    def do_HEAD(self):
        server = self.server
        with server.lock:
            server.asked[f"{self.command} {self.path}"] += 1
            server.now += 1
            server.most = max(server.most, server.now)
        try:
            self.answer()
        finally:
            with server.lock:
                server.now -= 1

    do_GET = do_HEAD

    def answer(self):
        path = self.path
        if path == "/slow":
            time.sleep(1)
        time.sleep(0.02)
        status = {
            "/gone": 404,
            "/error": 500,
            "/secret": 403,
            "/moved": 301,
            "/elsewhere": 302,
            "/round": 302,
        }.get(path, 200)
        if path == "/nohead" and self.command == "HEAD":
            status = 405
        if path == "/cut":
            return
        self.send_response(status)
        if status in (301, 302):
            target = {"/moved": "/new", "/elsewhere": "/new", "/round": "/round"}[path]
            self.send_header("Location", target)
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(b"page")

    def log_message(self, *args):
        """Say nothing."""


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setenv("no_proxy", "127.0.0.1,localhost")
    found = ThreadingHTTPServer(("127.0.0.1", 0), Pages)
    found.lock, found.asked, found.now, found.most = threading.Lock(), Counter(), 0, 0
    thread = threading.Thread(target=found.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    found.url = f"http://127.0.0.1:{found.server_port}"
    yield found
    found.shutdown()
    found.server_close()


@pytest.mark.parametrize(
    ("path", "state", "text"),
    [
        ("/fine", "fine", ""),
        ("/gone", "broken", "404 Not Found"),
        ("/error", "broken", "500"),
        ("/secret", "unclear", "403"),
        ("/moved", "moved", "/new"),
        ("/elsewhere", "fine", ""),
        ("/nohead", "fine", ""),
        ("/round", "broken", "302"),
        ("/cut", "broken", "closed connection"),
        ("/slow", "broken", "timeout"),
    ],
)
def test_what_an_answer_means(server, path, state, text):
    answer = outside.ask(server.url + path, timeout=0.3)
    assert (answer.state, text in answer.text) == (state, True), answer


def test_a_page_is_fetched_only_where_its_head_is_refused(server):
    outside.ask(server.url + "/moved")
    outside.ask(server.url + "/nohead")
    assert server.asked == Counter(
        ["HEAD /moved", "HEAD /new", "HEAD /nohead", "GET /nohead"]
    )


def test_one_host_is_asked_one_thing_at_a_time(server):
    urls = [f"{server.url}/{k}" for k in range(6)]
    start = time.perf_counter()
    answers = outside.ask_all(urls, timeout=5, pause=0.05)
    assert [answer.url for answer in answers] == urls
    assert server.most == 1 and time.perf_counter() - start > 5 * 0.05


def test_several_hosts_are_asked_at_once(server):
    other = server.url.replace("127.0.0.1", "localhost")
    answers = outside.ask_all([f"{server.url}/slow", f"{other}/slow"], timeout=5)
    assert server.most == 2 and [answer.state for answer in answers] == ["fine"] * 2


def test_a_host_that_nobody_serves(monkeypatch):
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    answer = outside.ask(NOBODY, timeout=2)
    assert answer.state == "broken" and answer.text and not answer.reached


@pytest.mark.parametrize(
    ("text", "urls"),
    [
        ("[a](https://a.org/x_(y)), (see https://b.org/z).", "a.org/x_(y) b.org/z"),
        ("<https://a.org/x#part> **https://b.org**", "a.org/x b.org"),
        ("https://a.org/x https://a.org/x#y", "a.org/x"),
        (
            "[a](../x.md) http://127.0.0.1:8000 http://localhost/x http://x mailto:a@b.c",
            "",
        ),
    ],
)
def test_addresses_in_a_text(text, urls):
    assert outside.addresses_in(text) == [f"https://{url}" for url in urls.split()]


def test_where_a_work_is_looked_up():
    doi = {"doi": "10.1016/0041-5553(64)90137-5", "url": "https://x.org"}
    assert outside.address_of(doi).startswith(
        "https://doi.org/api/handles/10.1016/0041"
    )
    assert (
        outside.address_of({"eprint": "1412.6980"}) == "https://arxiv.org/abs/1412.6980"
    )
    assert outside.address_of({"url": "https://x.org"}) == "https://x.org"
    assert outside.address_of({"isbn": "978-0-387-31073-2"}) is None


def test_the_book_has_addresses_of_every_kind():
    places = outside.collect()
    kinds = [any(word in url for url in places) for word in ("pytorch", "doi", "arxiv")]
    assert all(kinds) and all(places.values())


def run(monkeypatch, capsys, places, *arguments):
    monkeypatch.setattr(outside, "collect", lambda: places)
    code = outside.main(["--pause", "0", "--timeout", "2", *arguments])
    return code, capsys.readouterr().out


def test_the_command(server, monkeypatch, capsys):
    places = {server.url + "/fine": ["page 1"], server.url + "/gone": ["page 2"]}
    code, said = run(monkeypatch, capsys, places)
    assert code == 1 and f"broken: {server.url}/gone 404 Not Found\n    page 2" in said
    assert "2 addresses: 1 fine, 0 moved for good" in said and "1 broken" in said
    assert run(monkeypatch, capsys, places, "fine")[0] == 0
    server.asked.clear()
    code, said = run(monkeypatch, capsys, places, "--list")
    assert code == 0 and "page 2" in said and not server.asked


def test_without_a_network_nothing_is_called_broken(monkeypatch, capsys):
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    code, said = run(monkeypatch, capsys, {NOBODY: ["page 1"]})
    assert code == 2 and "Is there a network?" in said and "broken" not in said
