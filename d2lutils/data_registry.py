"""Every data set of the book: its files, their hashes, and where they come from.

The one place where this stands. ``data/SHA256SUMS`` and the table in ``data/README.md``
are written from it (``python -m tools.data_lists``).
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class DataFile:
    """One file.

    Attributes
    ----------
    name : str
        Its path, with slashes, inside ``D2L_DATA`` and inside the cache.
    sha256 : str
        Of the file as it is read.
    download_bytes : int
        What has to be downloaded for it.
    addresses : tuple of str
        Where it is to be had; the next one is tried when one fails.
    is_packed : bool
        Whether the addresses serve it gzipped, to be kept unpacked.
    """

    name: str
    sha256: str
    download_bytes: int
    addresses: tuple
    is_packed: bool = False


@dataclass(frozen=True)
class DataSet:
    """Files that belong together, and what to say of them (in Markdown)."""

    files: tuple
    what: str
    source: str
    licence: str
    stand_in: str

    @property
    def megabytes(self):
        """What has to be downloaded, in millions of bytes."""
        return round(sum(file.download_bytes for file in self.files) / 1e6, 2)


def _mnist(name, sha256, download_bytes):
    mirrors = (
        "https://ossci-datasets.s3.amazonaws.com/mnist/",
        "https://storage.googleapis.com/cvdf-datasets/mnist/",
    )
    addresses = tuple(f"{mirror}{name}.gz" for mirror in mirrors)
    return DataFile(f"MNIST/raw/{name}", sha256, download_bytes, addresses, True)


def _hunkim(name, sha256, download_bytes):
    commit = "e5a260fac0b4ff1e2ec434fc6f0d962ac97fc289"
    folder = f"https://raw.githubusercontent.com/hunkim/PyTorchZeroToAll/{commit}/data/"
    return DataFile(name, sha256, download_bytes, (f"{folder}{name}",))


def _d2l(name, sha256, download_bytes):
    address = f"https://d2l-data.s3-accelerate.amazonaws.com/{name}"
    return DataFile(name, sha256, download_bytes, (address,))


SETS = {
    "MNIST": DataSet(
        files=(
            _mnist(
                "train-images-idx3-ubyte",
                "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
                9_912_422,
            ),
            _mnist(
                "train-labels-idx1-ubyte",
                "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
                28_881,
            ),
            _mnist(
                "t10k-images-idx3-ubyte",
                "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
                1_648_877,
            ),
            _mnist(
                "t10k-labels-idx1-ubyte",
                "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
                4_542,
            ),
        ),
        what="60,000 + 10,000 handwritten digits, 28×28, uncompressed IDX files, as "
        "`torchvision.datasets.MNIST(root)` reads them",
        source="LeCun, Cortes and Burges, from torchvision's mirror or Google's",
        licence="CC BY-SA 3.0",
        stand_in="scikit-learn's 1,797 digits, scaled to 28×28",
    ),
    "diabetes": DataSet(
        files=(
            _hunkim(
                "diabetes.csv.gz",
                "398214d0f6b7f4a722f598d8e424f28bc078abbd16ebdeea0f8e264492325aa4",
                13_539,
            ),
        ),
        what="Pima Indians diabetes, 759 rows of 8 features scaled to [−1, 1] and a "
        "label (1: no diabetes was diagnosed within five years)",
        source="NIDDK, through UCI; `data/` of github.com/hunkim/PyTorchZeroToAll at "
        "commit e5a260f",
        licence="none named; published for research",
        stand_in="eight features of scikit-learn's breast-cancer table, 569 rows",
    ),
    "time_machine": DataSet(
        files=(
            _d2l(
                "timemachine.txt",
                "8424dbd9532ac81f7e5f0b6add90e6952baea29158309d7d1bf3884f4e12c516",
                178_979,
            ),
        ),
        what="H. G. Wells, *The Time Machine* (1895), UTF-8 text",
        source="Project Gutenberg 35, as *Dive into Deep Learning* serves it",
        licence="public domain",
        stand_in="the standard library's `pydoc_data.topics`",
    ),
    "names": DataSet(
        files=(
            _hunkim(
                "names_train.csv.gz",
                "49b4bf41dce5bfeac989b46ca37cf7baccd9a0d2a855df82f86de67a9376268f",
                50_237,
            ),
            _hunkim(
                "names_test.csv.gz",
                "57d7758db533a42c99d513b2341a7e7b0f55c1e0e7d233b1ef6a4fa2f1adf753",
                27_541,
            ),
        ),
        what="family names in 18 languages, 13,374 for training and 6,700 for testing",
        source="the data of PyTorch's tutorial on classifying names; `data/` of "
        "github.com/hunkim/PyTorchZeroToAll at commit e5a260f",
        licence="none named",
        stand_in="names of countries and languages out of Babel (CLDR)",
    ),
    "fra_eng": DataSet(
        files=(
            _d2l(
                "fra-eng.zip",
                "fa96382b2c8b609e1662654c1e6e6baeb8d30b3bf63dfb4a5a261cc36347df13",
                3_420_152,
            ),
        ),
        what="English sentences and their French translations, UTF-8 text in a zip file",
        source="tatoeba.org and manythings.org, as *Dive into Deep Learning* serves it",
        licence="CC BY 2.0 FR",
        stand_in="names of countries and languages out of Babel (CLDR), in both languages",
    ),
}


def checksums():
    """Return the text of ``data/SHA256SUMS``, as ``sha256sum -c`` reads it."""
    files = [file for data_set in SETS.values() for file in data_set.files]
    lines = [f"{f.sha256}  {f.name}\n" for f in sorted(files, key=lambda f: f.name)]
    return "".join(lines)


def table():
    """Return the table of ``data/README.md``, a row for each data set."""
    heads = ("name", "files", "what", "MB", "source", "licence", "stand-in")
    rows = [heads, ["---"] * len(heads)]
    for name, entry in SETS.items():
        files = ", ".join(f"`{file.name}`" for file in entry.files)
        about = (entry.what, f"{entry.megabytes:.2f}", entry.source, entry.licence)
        rows.append((f"`{name}`", files, *about, entry.stand_in))
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)
