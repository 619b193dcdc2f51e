"""Running notebooks: what is stored, what is refused, what the author reads."""

import json
import textwrap

import jupytext
import pytest

from tools import bands, execute, kernel, notebooks
from tools.hashes import code_hash


@pytest.fixture
def write(tmp_path, monkeypatch):
    """A function that writes a percent script as chapters/98_x.ipynb and returns its path."""
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    (tmp_path / "chapters").mkdir()

    def writer(script, name="98_x.ipynb"):
        path = tmp_path / "chapters" / name
        head = "# %% [markdown]\n# # Title\n\n"
        text = head + textwrap.dedent(script)
        notebooks.write(path, notebooks.tidy(jupytext.reads(text, fmt="py:percent")))
        return path

    return writer


GOOD = """
    # %%
    import os, sys
    from tqdm import tqdm
    from d2lutils import flags
    print([name for name in ("D2L_STRICT", "D2L_QUICK", "D2L_SEED") if flags.is_on(name)])
    for _ in tqdm(range(3)):
        pass
    print(os.path.basename(os.getcwd()))

    # %%
    d2l.size(full="long", quick="short")
"""


def shown(nb):
    """The text outputs of all cells."""
    return [
        notebooks.text_of(o) for _, c in notebooks.code_cells(nb) for o in c.outputs
    ]


def test_a_good_run_is_stored(write, monkeypatch):
    monkeypatch.setenv("D2L_QUICK", "1")
    monkeypatch.setenv("D2L_SEED", "3")
    path = write(GOOD)
    assert execute.main([str(path)]) == 0
    nb = notebooks.read(path)
    assert shown(nb) == ["['D2L_STRICT']\nchapters\n", "'long'"]
    assert [c.execution_count for _, c in notebooks.code_cells(nb)] == [1, 2, 3]
    info = nb.metadata["d2l"]
    assert info["code"] == code_hash(nb) and info["size"] == "full"
    assert info["device"] == "cpu" and info["data"] == {}
    assert 20 < info["memory_mb"] < 20_000 and 0 < info["seconds"] < 120
    assert "d2lutils/settings.py" in info["helpers"]
    assert "d2lutils/bands.json" not in info["helpers"]
    assert "What this chapter costs" in notebooks.tagged(nb, "card")[0][1].source


def test_quick_writes_nothing(write, capsys):
    path = write(GOOD)
    before = path.read_bytes()
    assert execute.main([str(path), "--quick"]) == 0
    assert path.read_bytes() == before
    assert "quick size" in capsys.readouterr().err


def test_output_goes_elsewhere(write, tmp_path):
    path, target = write(GOOD), tmp_path / "out.ipynb"
    before = path.read_bytes()
    assert execute.main([str(path), "--quick", "--output", str(target)]) == 0
    assert path.read_bytes() == before
    assert "'short'" in shown(notebooks.read(target))


SEEDED = """
    # %%
    from d2lutils import flags, records
    records.band = lambda *a: {"low": -2, "high": -1, "values": [-1] * 5}
    _ = d2l.record("98.run", "seed", flags.whole_number("D2L_SEED"))
"""


@pytest.mark.parametrize("seed", ["0", "3"])
def test_another_seed_is_shown_and_not_stored(
    write, monkeypatch, tmp_path, capsys, seed
):
    """A figure outside its band does not stop a run that is only looked at."""
    monkeypatch.setattr(execute, "ROOT", tmp_path)
    path = write(SEEDED)
    before = path.read_bytes()
    assert execute.main([str(path), "--quick", "--seed", seed]) == 0
    assert path.read_bytes() == before
    target = tmp_path / "_build" / f"seed_{seed}" / path.name
    said = capsys.readouterr().out
    assert f"98.run: seed {seed}.0" in said and "OUTSIDE" in said
    assert f"written to {target}" in said
    seen = notebooks.read(target)
    assert f"seed {seed}.0" in "".join(shown(seen))
    # put in the chapter's place, it would not pass for a stored run
    assert not seen.metadata["d2l"]


@pytest.mark.parametrize("arguments", [["--seed", "1"], ["05", "--seed", "-1"]])
def test_bad_seeds(arguments):
    with pytest.raises(SystemExit):
        execute.main(arguments)


@pytest.mark.parametrize(
    ("script", "words"),
    [
        (
            "# %%\nx = 1\n\n# %%\ny = 2\nprint('so far')\nx / 0",
            ["cell 5 failed, line 3: x / 0", "ZeroDivisionError", "so far"],
        ),
        (
            "# %%\nimport warnings\nwarnings.warn('mind the gap')",
            ["cell 4 shows a warning (line 2: UserWarning: mind the gap)"],
        ),
        (
            "# %%\nimport sys\nprint('psst', file=sys.stderr)",
            ["standard error ('psst')"],
        ),
        ("# %%\nimport os\nos._exit(1)", ["kernel died in cell 4"]),
        (
            "# %%\nfrom d2lutils import data\ndata._used['MNIST'] = (0.0, True)",
            ["stand-in data (MNIST)", "make data"],
        ),
        ("# %%\nif True print(1)", ["cell 4 failed, line 1", "SyntaxError"]),
    ],
)
def test_a_bad_run_is_not_stored(write, script, words, capsys):
    path = write("\n" + script)
    before = path.read_bytes()
    assert execute.main([str(path)]) == 1
    assert path.read_bytes() == before
    error = capsys.readouterr().err
    assert all(word in error for word in words), error
    assert "nothing was stored" in error


def test_a_slow_cell_is_stopped(write, capsys):
    path = write("\n# %%\nimport time\ntime.sleep(60)")
    assert execute.main([str(path), "--timeout", "2"]) == 1
    assert "cell 4 ran longer than 2 s" in capsys.readouterr().err


def test_a_file_changed_meanwhile_is_left_alone(write, capsys):
    path = write(
        f"\n# %%\nwith open({'98_x.ipynb'!r}, 'a') as file:\n    file.write(' ')"
    )
    assert execute.main([str(path)]) == 1
    assert "was changed while it ran" in capsys.readouterr().err


def test_only_stale_ones_run_by_default(monkeypatch):
    ran = []
    monkeypatch.setattr(execute, "find", lambda names: ["a", "b"])
    monkeypatch.setattr(execute, "read", lambda path: path)
    stale = {"a": [], "b": ["changed"]}
    monkeypatch.setattr(execute, "execution_problems", lambda nb, path: stale[path])
    monkeypatch.setattr(execute, "one", lambda path, options: ran.append(path))
    assert execute.main([]) == 0 and ran == ["b"]
    assert execute.main(["--all"]) == 0 and ran == ["b", "a", "b"]


def test_output_needs_one_notebook(write):
    with pytest.raises(SystemExit):
        execute.main(
            [str(write(GOOD)), str(write(GOOD, "97_y.ipynb")), "--output", "x"]
        )


def test_the_gpu_time_survives_while_the_code_does(write):
    path = write("\n# %%\n1")
    nb, _ = execute.execute(path)
    report = {"seconds": 3.0, "device": "GPU", "torch": "2"}
    with pytest.raises(kernel.RunFailed, match="store a full run"):
        execute.store_gpu_time(path, nb, report)
    notebooks.write(path, nb)
    execute.store_gpu_time(path, nb, report)
    again, _ = execute.execute(path)
    assert again.metadata["d2l"]["gpu"] == report
    card = notebooks.tagged(again, "card")[0][1].source
    assert "(under 10 s on one GPU)" in card


RECORDS = """
    # %%
    import random
    d2l.seed(0)
    d2l.record("98.run", "test accuracy", 0.5 + 0.01 * random.random())
"""


def test_bands_vary_with_the_seed(write):
    path = write(RECORDS)
    values = [bands.collect(path, "quick", seed)[0] for seed in (0, 1)]
    key = "98.run", "test accuracy"
    first, second = (found[key]["value"] for found in values)
    assert first != second and 0.5 <= min(first, second) <= max(first, second) <= 0.51


def test_bands_refuse_two_figures_of_one_name(write):
    path = write(RECORDS + "    d2l.record('98.run', 'test accuracy', 0.7)\n")
    with pytest.raises(kernel.RunFailed, match="recorded twice"):
        bands.collect(path, "quick", 0)


def test_bands_refuse_stand_ins(write):
    path = write(RECORDS + "    from d2lutils import data\n"
                 "    data._used['MNIST'] = (0.0, True)\n")  # fmt: skip
    with pytest.raises(kernel.RunFailed, match="not on stand-ins for MNIST"):
        bands.collect(path, "quick", 0)


def test_bands_need_the_same_records_from_every_seed(write, monkeypatch):
    found = iter([{("98.a", "m"): {"value": 1.0}}, {("98.b", "m"): {"value": 1.0}}])
    report = {"seconds": 1, "torch": "2"}
    monkeypatch.setattr(bands, "collect", lambda *a: (next(found), report))
    with pytest.raises(kernel.RunFailed, match="not every seed records"):
        bands.measure(write(RECORDS), "quick", 2)


def test_measured_bands_are_merged_into_the_file(write, monkeypatch, tmp_path):
    report = {"seconds": 1, "torch": "2"}
    monkeypatch.setattr(
        bands,
        "collect",
        lambda p, s, seed, *_: (
            {("98.a", "m"): {"value": seed, "against": -1}},
            report,
        ),
    )
    path, file = write(RECORDS), tmp_path / "bands.json"
    file.write_text(json.dumps({"97.a": {"m": {"full": {"low": 0}}}}))
    bands.store(path, "quick", bands.measure(path, "quick", 5), file)
    stored = json.loads(file.read_text())
    assert set(stored) == {"97.a", "98.a"}
    assert stored["98.a"]["m"]["quick"]["values"] == [0, 1, 2, 3, 4]
    assert stored["98.a"]["m"]["quick"]["against"] == [-1] * 5


def test_bands_need_against_from_every_seed(write, monkeypatch):
    found = iter([{"value": 1.0, "against": 0.0}, {"value": 1.0}])
    report = {"seconds": 1, "torch": "2"}
    monkeypatch.setattr(
        bands, "collect", lambda *a: ({("98.a", "m"): next(found)}, report)
    )
    with pytest.raises(kernel.RunFailed, match=r"98\.a 'm': not every seed has"):
        bands.measure(write(RECORDS), "quick", 2, jobs=1)


IDLE = """
    # %% tags=["solution"]
    raise SystemError("the figures don't need this")
"""


def test_bands_run_only_what_the_figures_need(write):
    path = write(IDLE + RECORDS + IDLE.replace('tags=["solution"]', ""))
    found, _ = bands.collect(path, "quick", 1)
    assert list(found) == [("98.run", "test accuracy")]
    with pytest.raises(kernel.RunFailed, match="don't need this"):
        bands.collect(path, "quick", 1, every_cell=True)
