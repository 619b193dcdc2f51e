"""Download the files of a data set into the cache: whole, once, and by one at a time.

Downloads are checked by hash, written atomically, and guarded by a lock, so that two
notebooks that start at once do not disturb each other. ``D2L_OFFLINE=1`` forbids the
network.
"""

import errno
import gzip
import hashlib
import os
import shutil
from contextlib import contextmanager
from pathlib import Path

from d2lutils import flags

WAIT_SECONDS = 600  # for another notebook that is downloading the same
RETRIES = 2  # of one address, after 1 and 2 seconds
_DISK = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM}
_failed = {}  # what could not be downloaded in this process, so that it fails once


class DataUnavailable(RuntimeError):
    """A data set is neither in ``D2L_DATA`` nor in the cache nor on the network."""


def cache_folder():
    """Return the folder of downloaded files (a ``Path``); it may not exist yet."""
    import pooch

    return Path(pooch.os_cache("d2lutils"))


def sha256_of(path):
    """Return the SHA-256 of a file as a hexadecimal text."""
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def bring(name, files, folder):
    """See to it that a data set's files are in a folder, downloading what is missing.

    Parameters
    ----------
    name : str
        Of the data set, for messages and for the lock.
    files : sequence of d2lutils.data_registry.DataFile
    folder : Path
        The cache; a damaged copy in it is replaced.

    Raises
    ------
    DataUnavailable
        When one of them cannot be downloaded or kept.
    """

    def is_sound(file):
        path = folder / file.name
        return path.is_file() and sha256_of(path) == file.sha256

    if all(map(is_sound, files)):
        return
    with downloading(name), locked(name):
        for file in files:
            if not is_sound(file):  # nobody else has brought it meanwhile
                _fetch(file, folder)


def _fetch(file, folder):
    """Download one file into the cache; the next address is tried when one fails."""
    for address in file.addresses:
        try:
            if not file.is_packed:
                return _download(address, file.name, file.sha256, folder)
            packed = Path(_download(address, f"{file.name}.gz", None, folder))
            return _unpack(packed, folder / file.name, file.sha256)
        except Exception as error:  # every downloader has errors of its own
            if address == file.addresses[-1] or _is_of_the_disk(error):
                raise


def _download(address, name, sha256, folder):
    """Download an address as ``folder/name``, whole or not at all."""
    import pooch

    pooch.get_logger().setLevel("WARNING")
    download = pooch.HTTPDownloader(
        progressbar=not flags.is_on("D2L_STRICT"), timeout=10
    )
    pup = pooch.create(
        folder,
        "",
        registry={name: sha256},
        urls={name: address},
        retry_if_failed=RETRIES,
    )
    return pup.fetch(name, downloader=download)


def _unpack(packed, path, sha256):
    """Unpack a downloaded gzip file, whole or not at all, and delete it.

    Raises
    ------
    ValueError, OSError, EOFError
        When what was downloaded is not what was expected.
    """
    part = path.with_name(f"{path.name}.part")
    try:
        with gzip.open(packed, "rb") as source, open(part, "wb") as target:
            shutil.copyfileobj(source, target)
        if sha256_of(part) != sha256:
            raise ValueError(f"{packed.name} is not the file that was expected")
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)
        packed.unlink()
    return path


@contextmanager
def locked(name):
    """Hold a lock on one data set, against another notebook that fetches the same.

    Raises
    ------
    OSError
        When the cache folder cannot be written.
    TimeoutError
        When the other one has not finished in ten minutes.
    """
    from filelock import FileLock

    cache_folder().mkdir(parents=True, exist_ok=True)
    lock = FileLock(cache_folder() / f".{name}.lock", timeout=WAIT_SECONDS)
    with lock:
        yield


@contextmanager
def downloading(name):
    """Turn whatever a download fails with into one clear error, raised at once later.

    Raises
    ------
    DataUnavailable
        With the reason and what to do.
    """
    if flags.is_on("D2L_OFFLINE"):
        raise DataUnavailable(_how_to_get(name, "D2L_OFFLINE is set"))
    if name in _failed:
        raise DataUnavailable(_failed[name])
    try:
        yield
    except Exception as error:  # every downloader has errors of its own
        _failed[name] = _explained(name, error)
        raise DataUnavailable(_failed[name]) from error


def _is_of_the_disk(error):
    """Tell whether the disk is to blame; pooch's network errors are OSErrors as well."""
    kinds = (FileExistsError, NotADirectoryError)
    return isinstance(error, kinds) or getattr(error, "errno", None) in _DISK


def _explained(name, error):
    if _is_of_the_disk(error):
        return (
            f"{name} is to be kept in {cache_folder()}, which cannot be written ({error}"
            "). Free some disk space, or set D2L_DATA to a folder that holds the data."
        )
    if isinstance(error, TimeoutError) and hasattr(error, "lock_file"):
        return (
            f"Another notebook has been downloading {name} for {WAIT_SECONDS // 60} "
            "minutes. Wait for it, or stop it, and restart the kernel."
        )
    reason = str(error).splitlines()[0] if str(error) else ""
    return _how_to_get(name, f"{type(error).__name__}: {reason[:160]}")


def _how_to_get(name, reason):
    return (
        f"{name} could not be downloaded ({reason}). With a network, `make data` "
        "fetches everything once; or set D2L_DATA to a folder that holds it (data sets "
        "and hashes: data/README.md)."
    )
