"""Data files: one order of look-up, downloads that arrive whole or not at all."""

import ast
import errno
import functools
import gzip
import hashlib
import http.server
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from d2lutils import data_downloads, data_files, data_registry, flags
from d2lutils.data_registry import DataFile, DataSet
from tools import data_lists
from tools.notebooks import ROOT

WORDS = b"some words\n" * 100
SHA256 = hashlib.sha256(WORDS).hexdigest()


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Serves a folder, as slowly as it is told to, and notes what was asked for."""

    def do_GET(self):
        self.server.asked.append(self.path)
        time.sleep(self.server.delay)
        super().do_GET()

    def log_message(self, *_):
        pass


@pytest.fixture
def server(tmp_path):
    """A web server for ``tmp_path / "web"``; ``asked`` lists the paths that were got."""
    folder = tmp_path / "web"
    folder.mkdir()
    handler = functools.partial(Quiet, directory=folder)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as running:
        running.asked, running.delay = [], 0
        running.folder = folder
        running.address = f"http://127.0.0.1:{running.server_address[1]}"
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield running
        running.shutdown()


@pytest.fixture
def cache(monkeypatch, tmp_path):
    """An empty cache, no data folder, and the network on."""
    monkeypatch.setenv("D2L_DATA", "")
    monkeypatch.setenv("D2L_OFFLINE", "")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(data_downloads, "_failed", {})
    monkeypatch.setattr(data_downloads, "RETRIES", 0)  # each waits a second or more
    return data_downloads.cache_folder()


@pytest.fixture
def words(monkeypatch, server):
    """A data set of one packed file with two addresses, nothing at either of them."""
    addresses = (f"{server.address}/bad.gz", f"{server.address}/good.gz")
    file = DataFile("sub/words.txt", SHA256, 100, addresses, is_packed=True)
    data_set = DataSet((file,), "words", "nowhere", "none", "none")
    monkeypatch.setitem(data_registry.SETS, "words", data_set)
    return file


def left_in(folder):
    """The files in a folder, except locks."""
    found = (p for p in folder.rglob("*") if p.is_file() and p.suffix != ".lock")
    return sorted(p.relative_to(folder).as_posix() for p in found)


def test_packed_files_from_the_second_address(cache, server, words):
    (server.folder / "bad.gz").write_bytes(b"<html>moved</html>")
    (server.folder / "good.gz").write_bytes(gzip.compress(WORDS))
    path = data_files.locate("words")
    assert path == cache / "sub" / "words.txt" and path.read_bytes() == WORDS
    assert left_in(cache) == ["sub/words.txt"]
    before = len(server.asked)
    assert data_files.locate("words") == path and len(server.asked) == before


@pytest.mark.parametrize(
    "body",
    [gzip.compress(b"other words"), gzip.compress(WORDS)[:-20], b""],
    ids=["another file", "cut short", "empty"],
)
def test_a_damaged_download_leaves_nothing(cache, server, words, body):
    for name in ("bad.gz", "good.gz"):
        (server.folder / name).write_bytes(body)
    with pytest.raises(data_files.DataUnavailable, match="could not be downloaded"):
        data_files.locate("words")
    assert left_in(cache) == []


def test_plain_files_are_checked_too(cache, server, monkeypatch):
    file = DataFile("w", SHA256, 1, (f"{server.address}/w",))
    monkeypatch.setitem(data_registry.SETS, "w", DataSet((file,), *"abcd"))
    (server.folder / "w").write_bytes(WORDS[1:])
    with pytest.raises(data_files.DataUnavailable, match="hash"):
        data_files.locate("w")
    monkeypatch.setattr(data_downloads, "_failed", {})
    (server.folder / "w").write_bytes(WORDS)
    assert data_files.locate("w").read_bytes() == WORDS


def test_a_damaged_copy_in_the_cache_is_replaced(cache, server, words):
    (server.folder / "good.gz").write_bytes(gzip.compress(WORDS))
    (cache / "sub").mkdir(parents=True)
    (cache / "sub" / "words.txt").write_bytes(WORDS[:50])
    assert data_files.locate("words").read_bytes() == WORDS


def test_a_read_only_cache_with_sound_files_is_enough(cache, words, monkeypatch):
    (cache / "sub").mkdir(parents=True)
    (cache / "sub" / "words.txt").write_bytes(WORDS)
    monkeypatch.setattr(data_downloads, "locked", None)  # it would have to write
    monkeypatch.setenv("D2L_OFFLINE", "1")
    assert data_files.locate("words").read_bytes() == WORDS


def test_the_given_folder_comes_first(cache, words, monkeypatch, tmp_path):
    for folder in (tmp_path / "mine", cache):
        (folder / "sub").mkdir(parents=True)
        (folder / "sub" / "words.txt").write_bytes(WORDS)
    monkeypatch.setenv("D2L_DATA", str(tmp_path / "mine"))
    assert data_files.locate("words") == tmp_path / "mine" / "sub" / "words.txt"
    (tmp_path / "mine" / "sub" / "words.txt").unlink()
    assert data_files.locate("words") == cache / "sub" / "words.txt"


def test_without_a_network_it_fails_once_and_says_what_to_do(cache, server, words):
    for _ in range(2):
        with pytest.raises(data_files.DataUnavailable, match=r"404.*`make data`"):
            data_files.locate("words")
    assert set(server.asked) == {"/bad.gz", "/good.gz"}  # each address was tried
    count = len(server.asked)
    assert data_files.data_path("words") is None and len(server.asked) == count


def test_offline_is_not_remembered(cache, server, words, monkeypatch):
    monkeypatch.setenv("D2L_OFFLINE", "yes")
    with pytest.raises(data_files.DataUnavailable, match="D2L_OFFLINE is set"):
        data_files.locate("words")
    assert server.asked == []
    monkeypatch.setenv("D2L_OFFLINE", "no")
    (server.folder / "good.gz").write_bytes(gzip.compress(WORDS))
    assert data_files.locate("words").is_file()


def test_a_full_disk(cache, server, words, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(data_downloads.gzip, "open", full)
    (server.folder / "bad.gz").write_bytes(gzip.compress(WORDS))
    with pytest.raises(data_files.DataUnavailable, match="Free some disk space"):
        data_files.locate("words")
    assert left_in(cache) == [] and server.asked == ["/bad.gz"]  # the next is no better


def test_a_cache_that_cannot_be_written(cache, words, monkeypatch, tmp_path):
    (tmp_path / "file").write_text("not a folder", "utf-8")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    with pytest.raises(data_files.DataUnavailable, match="cannot be written"):
        data_files.locate("words")


def test_another_notebook_that_never_finishes(cache, words, monkeypatch):
    monkeypatch.setattr(data_downloads, "WAIT_SECONDS", 0.1)
    from filelock import FileLock

    cache.mkdir(parents=True)
    with (
        FileLock(cache / ".words.lock"),
        pytest.raises(data_files.DataUnavailable, match="Another notebook"),
    ):
        data_files.locate("words")


def test_two_processes_download_once(cache, server, words):
    """The second waits for the first, and then finds the file."""
    (server.folder / "w.gz").write_bytes(gzip.compress(WORDS))
    server.delay = 1  # long enough for the other one to come
    program = f"""
from d2lutils import data_files
from d2lutils.data_registry import SETS, DataFile, DataSet
file = DataFile("w.txt", "{SHA256}", 1, ("{server.address}/w.gz",), is_packed=True)
SETS["w"] = DataSet((file,), "", "", "", "")
print(data_files.locate("w"))
"""
    runs = [
        subprocess.Popen(
            [sys.executable, "-c", program], stdout=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    places = [run.communicate()[0].strip() for run in runs]
    assert places == [str(cache / "w.txt")] * 2 and server.asked == ["/w.gz"]


def test_unknown_set():
    with pytest.raises(ValueError, match="there are MNIST, diabetes"):
        data_files.data_path("diabetes.csv.gz")


def test_make_data_tries_all_and_lists_what_is_missing(
    cache, words, monkeypatch, capsys
):
    names = ["words", "other"]
    sets = dict.fromkeys(names, data_registry.SETS["words"])
    monkeypatch.setattr(data_files, "SETS", sets)
    with pytest.raises(data_files.DataUnavailable) as caught:
        data_files.fetch_all()
    assert [line.split(":")[0] for line in str(caught.value).splitlines()] == names
    monkeypatch.setenv("D2L_DATA", "/no/such/folder")
    with pytest.raises(FileNotFoundError, match="not a folder"):
        data_files.fetch_all()


def test_the_lists_in_the_data_folder_are_the_registrys():
    for path, text in data_lists.wanted().items():
        same = path.read_text("utf-8") == text
        assert same, f"{path.name} is out of date; run `python -m tools.data_lists`"


def test_a_readme_without_its_marks_is_refused():
    with pytest.raises(ValueError, match="needs"):
        data_lists.with_table("no table here")


def test_the_registry_is_well_formed():
    files = [file for entry in data_registry.SETS.values() for file in entry.files]
    assert len({file.name for file in files}) == len(files)
    for file in files:
        assert len(file.sha256) == 64 and file.download_bytes > 0, file.name
        assert all(a.startswith("https://") for a in file.addresses), file.name
        assert file.addresses and "|" not in file.name, file.name


@pytest.mark.skipif(
    not Path(flags.text("D2L_DATA") or "/nowhere", "fra-eng.zip").is_file(),
    reason="D2L_DATA holds no data sets",
)
def test_the_real_files_are_the_registrys():
    for entry in data_registry.SETS.values():
        for file in entry.files:
            path = Path(flags.text("D2L_DATA"), file.name)
            data_files.verified(path, file.sha256)
            packed = file.is_packed
            assert packed or path.stat().st_size == file.download_bytes, file.name


READERS = ("open", "read_text", "write_text", "loadtxt", "genfromtxt", "read_csv")
NOT_TEXT = (
    "Image",
    "gzip",
    "webbrowser",
    "opener",
)  # their open() opens something else


def calls_without_encoding(path):
    """Lines of a module that read or write text in whatever the locale's encoding is."""
    found = []
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "attr", getattr(node.func, "id", ""))
        owner = getattr(getattr(node.func, "value", None), "id", "")
        given = [a.value for a in node.args if isinstance(a, ast.Constant)]
        given += [
            k.value.value for k in node.keywords if isinstance(k.value, ast.Constant)
        ]
        is_binary = any(isinstance(g, str) and "b" in g and len(g) < 4 for g in given)
        says = "utf-8" in given
        if name not in READERS or owner in NOT_TEXT:
            continue
        if not (is_binary or says):
            found.append(f"{path.relative_to(ROOT)}:{node.lineno}: {name}()")
    return found


def test_every_text_is_read_as_utf8():
    rooms = ("d2lutils", "tools", "benchmarks", "book/_ext")
    paths = [path for room in rooms for path in (ROOT / room).rglob("*.py")]
    assert len(paths) > 50
    found = [line for path in paths for line in calls_without_encoding(path)]
    assert not found, "say encoding='utf-8': " + ", ".join(found)
