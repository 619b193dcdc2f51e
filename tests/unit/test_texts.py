"""Texts: the real ones, what stands in for them, and what is said when there is neither."""

import builtins
import os
import subprocess
import sys
from pathlib import Path

import pytest

import d2lutils as d2l
from d2lutils import data, data_files, flags

REAL = Path(flags.text("D2L_DATA") or "/nowhere")
needs_real_data = pytest.mark.skipif(
    not (REAL / "timemachine.txt").is_file(), reason="D2L_DATA holds no texts"
)


@needs_real_data
def test_the_real_novel():
    novel = d2l.time_machine()
    assert len(novel.text) == 178_979 and not novel.stand_in
    assert novel.text.startswith("The Time Machine, by H. G. Wells [1898]\n")
    assert repr(novel) == "The Time Machine: 178,979 characters"
    assert data.used()["time_machine"] == 0.18


@needs_real_data
def test_the_real_names():
    names = d2l.family_names()
    (words, labels), (test_words, test_labels) = names.train, names.test
    assert len(words) == len(labels) == 13_374
    assert len(test_words) == len(test_labels) == 6_700
    assert len(names.classes) == 18 and names.classes == sorted(names.classes)
    assert (words[0], names.classes[labels[0]]) == ("Adsit", "Czech")
    russian = names.classes.index("Russian")
    assert labels.count(russian) == 6_272


@needs_real_data
def test_the_real_pairs():
    pairs = d2l.sentence_pairs()
    assert len(pairs) == len(pairs.french) == 167_130 and not pairs.stand_in
    assert (pairs.english[0], pairs.french[0]) == ("Go.", "Va !")
    lengths = [len(sentence) for sentence in pairs.english]
    assert lengths[:1000] == sorted(lengths[:1000])
    few = d2l.sentence_pairs(7)
    assert few.english == pairs.english[:7] and few.french == pairs.french[:7]


@needs_real_data
def test_texts_are_utf8_whatever_the_locale():
    code = "import d2lutils as d2l; print(ascii(d2l.sentence_pairs(300).french))"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == ascii(d2l.sentence_pairs(300).french)
    assert "\\xe9" in done.stdout  # é: there was something to get wrong


def test_stand_ins_are_real_texts_and_announced(bare_machine, capsys):
    novel = d2l.time_machine()
    assert novel.stand_in and len(novel.text) > 100_000 and " the " in novel.text
    names = d2l.family_names()
    assert names.stand_in and len(names.classes) == 18
    assert len(names.train[0]) > 3_000 and len(names.test[0]) > 1_500
    assert not set(zip(*names.train, strict=True)) & set(zip(*names.test, strict=True))
    assert {len(part[0]) - len(part[1]) for part in (names.train, names.test)} == {0}
    assert set(names.test[1]) == set(names.train[1]) == set(range(18))
    words = names.train[0] + names.test[0]
    assert len(set(words)) == len(words)  # each in one language only
    pairs = d2l.sentence_pairs(400)
    assert pairs.stand_in and len(pairs) == len(pairs.french) == 400
    german = pairs.english.index("German")
    assert pairs.french[german] == "allemand"
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == ["time_machine", "names", "fra_eng"]
    assert all(" is not here, so " in line for line in lines)
    assert data.stand_ins_used() == ["fra_eng", "names", "time_machine"]


@pytest.mark.parametrize("load", [d2l.family_names, d2l.sentence_pairs])
def test_without_babel_it_says_what_to_install(bare_machine, monkeypatch, load):
    real_import = builtins.__import__

    def no_babel(name, *args, **kwargs):
        if name.startswith("babel"):
            raise ImportError(name)
        return real_import(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", no_babel)
    with pytest.raises(data_files.DataUnavailable, match="pip install babel"):
        load()
    assert data.stand_ins_used() == []


def test_a_damaged_file_is_named(tmp_path, monkeypatch):
    (tmp_path / "timemachine.txt").write_text("not the novel", encoding="utf-8")
    monkeypatch.setenv("D2L_DATA", str(tmp_path))
    with pytest.raises(ValueError, match=r"timemachine\.txt is damaged"):
        d2l.time_machine()


@pytest.mark.parametrize("n", [0, -3])
def test_no_pairs_are_refused(n):
    with pytest.raises(ValueError, match="at least 1"):
        d2l.sentence_pairs(n)
