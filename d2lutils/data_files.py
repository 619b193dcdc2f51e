"""Find a data file: the reader's folder, the cache, then the network.

``D2L_DATA`` names a folder with the data sets in the layout of ``data/README.md``; it
is only read. The cache is ``pooch.os_cache("d2lutils")``. Downloads are checked by
hash, written atomically, and guarded by a lock, so that two notebooks that start at
once do not disturb each other. ``D2L_OFFLINE=1`` forbids the network.
"""

import hashlib
from contextlib import contextmanager
from pathlib import Path

from d2lutils import flags

_HUNKIM = "https://raw.githubusercontent.com/hunkim/PyTorchZeroToAll/"
_COMMIT = "e5a260fac0b4ff1e2ec434fc6f0d962ac97fc289"

#: file name -> (address, sha256, megabytes)
FILES = {
    "diabetes.csv.gz": (
        f"{_HUNKIM}{_COMMIT}/data/diabetes.csv.gz",
        "398214d0f6b7f4a722f598d8e424f28bc078abbd16ebdeea0f8e264492325aa4",
        0.01,
    ),
}
#: raw MNIST file -> sha256 (torchvision checks the md5 of what it downloads itself)
MNIST_FILES = {
    "train-images-idx3-ubyte": (
        "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db"
    ),
    "train-labels-idx1-ubyte": (
        "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5"
    ),
    "t10k-images-idx3-ubyte": (
        "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7"
    ),
    "t10k-labels-idx1-ubyte": (
        "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"
    ),
}
MNIST_MEGABYTES = 11.6

_failed = {}  # what could not be downloaded in this process, so that it fails once


class DataUnavailable(RuntimeError):
    """A data set is neither in ``D2L_DATA`` nor in the cache nor on the network."""


def cache_folder():
    """Return the folder of downloaded files (a ``Path``); it may not exist yet."""
    import pooch

    return Path(pooch.os_cache("d2lutils"))


def given_folder():
    """Return the folder named by ``D2L_DATA``, or None when it is not set.

    Raises
    ------
    FileNotFoundError
        When it is set to something that is not a folder.
    """
    named = flags.text("D2L_DATA")
    if not named:
        return None
    folder = Path(named).expanduser()
    if not folder.is_dir():
        raise FileNotFoundError(
            f"D2L_DATA is {named!r}, which is not a folder. Correct it, or unset it to "
            "let the book download what it needs."
        )
    return folder


def sha256_of(path):
    """Return the SHA-256 of a file as a hexadecimal text."""
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def verified(path, sha256):
    """Return ``path`` when the file has that SHA-256.

    Raises
    ------
    FileNotFoundError, ValueError
        When the file is missing or damaged; it says which file and what to do.
    """
    if not Path(path).is_file():
        raise FileNotFoundError(
            f"{path} is missing. Put the file there (data/README.md says where it comes "
            "from), or unset D2L_DATA to let the book download it."
        )
    if (found := sha256_of(path)) != sha256:
        raise ValueError(
            f"{path} is damaged or another file: its SHA-256 is {found[:12]}…, expected "
            f"{sha256[:12]}…. Replace it, or unset D2L_DATA to let the "
            "book download its own copy."
        )
    return path


def locate(name):
    """Return the path of a data file, downloading it when needed.

    Raises
    ------
    DataUnavailable
        When it is nowhere and cannot be downloaded.
    ValueError
        When a copy is there but damaged.
    """
    address, sha256, _ = FILES[name]
    folder = given_folder()
    if folder and (folder / name).is_file():
        return verified(folder / name, sha256)
    with locked(name):
        cached = cache_folder() / name
        if cached.is_file() and sha256_of(cached) == sha256:
            return cached
        with downloading(name):  # a damaged copy in the cache is replaced
            return Path(_fetch(name, address, sha256))


def _fetch(name, address, sha256):
    import pooch

    pooch.get_logger().setLevel("WARNING")
    download = pooch.HTTPDownloader(progressbar=True, timeout=10)
    pup = pooch.create(
        cache_folder(), "", registry={name: sha256}, urls={name: address},
        retry_if_failed=2,
    )  # fmt: skip
    return pup.fetch(name, downloader=download)


def data_path(name):
    """Return where a data set lies on this machine, or None where it can't be had.

    Parameters
    ----------
    name : {"MNIST", "diabetes.csv.gz"}
        For ``"MNIST"`` the folder to give as ``root`` to ``torchvision.datasets.MNIST``.

    Raises
    ------
    ValueError
        When there is no data set of that name, or a copy is damaged.
    """
    if name != "MNIST" and name not in FILES:
        raise ValueError(f"No data set {name!r}; there are MNIST, {', '.join(FILES)}.")
    try:
        return mnist_root() if name == "MNIST" else locate(name)
    except DataUnavailable:
        return None


def mnist_root():
    """Return a folder that ``torchvision.datasets.MNIST(root)`` reads MNIST from.

    Raises
    ------
    DataUnavailable, ValueError
        As :func:`locate`.
    """
    folder = given_folder()
    if folder and (folder / "MNIST" / "raw").is_dir():
        for name, sha256 in MNIST_FILES.items():
            verified(folder / "MNIST" / "raw" / name, sha256)
        return folder
    root = cache_folder()
    raw = root / "MNIST" / "raw"
    with locked("MNIST"):
        for name, sha256 in MNIST_FILES.items():
            if (raw / name).is_file() and sha256_of(raw / name) != sha256:
                (raw / name).unlink()  # half-written by an interrupted download
        if not all((raw / name).is_file() for name in MNIST_FILES):
            from torchvision.datasets import MNIST

            with downloading("MNIST"):
                MNIST(root, train=True, download=True)
                for name, sha256 in MNIST_FILES.items():
                    verified(raw / name, sha256)
    return root


@contextmanager
def locked(name):
    """Hold a lock on one data set, against another notebook that fetches the same.

    Raises
    ------
    DataUnavailable
        When the cache folder cannot be written (a full or read-only disk).
    """
    from filelock import FileLock

    try:
        cache_folder().mkdir(parents=True, exist_ok=True)
        lock = FileLock(cache_folder() / f".{name}.lock", timeout=600)
        lock.acquire()
    except OSError as error:
        raise DataUnavailable(
            f"The cache {cache_folder()} cannot be written ({error}). Free some disk "
            "space, or set D2L_DATA to a folder that holds the data."
        ) from error
    try:
        yield
    finally:
        lock.release()


@contextmanager
def downloading(name):
    """Turn whatever a download fails with into one clear error, raised at once later.

    Raises
    ------
    DataUnavailable
        With the reason and what to do.
    """
    if flags.is_on("D2L_OFFLINE"):
        _failed[name] = "D2L_OFFLINE is set"
    if name in _failed:
        raise DataUnavailable(_how_to_get(name, _failed[name]))
    try:
        yield
    except Exception as error:  # every downloader has errors of its own
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        _failed[name] = f"{type(error).__name__}: {reason[:160]}"
        raise DataUnavailable(_how_to_get(name, _failed[name])) from error


def _how_to_get(name, reason):
    return (
        f"{name} could not be downloaded ({reason}). With a network, `make data` "
        "fetches everything once; or set D2L_DATA to a folder that holds it (data sets "
        "and hashes: data/README.md)."
    )
