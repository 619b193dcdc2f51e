"""Real data sets as resident tensors.

Every loader returns tensors that are already decoded and scaled, on the device that
is asked for: an epoch then costs arithmetic, not decoding. Where a data set is to be
had neither on disk nor on the network, a real one out of an installed package stands
in for it; the loader prints one line that says so, and ``stand_in`` is True.
"""

import sys
from dataclasses import dataclass, field

import torch

from d2lutils import data_files
from d2lutils.data_registry import SETS

_used = {}  # data set -> (megabytes downloaded, is it a stand-in)


def used():
    """Return what this process has loaded: data set -> megabytes to download."""
    return {name: megabytes for name, (megabytes, _) in _used.items()}


def stand_ins_used():
    """Return the names of the data sets that a stand-in replaced in this process."""
    return sorted(name for name, (_, stand_in) in _used.items() if stand_in)


@dataclass(frozen=True)
class DataSplit:
    """A data set that comes divided: ``train`` and ``test`` are pairs ``(X, y)``."""

    train: tuple
    test: tuple
    classes: list
    source: str
    stand_in: bool = False

    def __repr__(self):
        (X, y), (X_test, _) = self.train, self.test
        return (
            f"{self.source}: {len(X):,} training and {len(X_test):,} test examples, "
            f"X {tuple(X.shape[1:])} {_short(X)}, y {_short(y)}"
        )


@dataclass(frozen=True)
class Table:
    """Rows of named features: ``X`` has shape (n, d), ``y`` (n, 1) or (n,)."""

    X: torch.Tensor
    y: torch.Tensor
    feature_names: list
    source: str
    stand_in: bool = False
    classes: list = field(default_factory=list)

    def __repr__(self):
        n, d = self.X.shape
        return f"{self.source}: {n:,} rows of {d} features, y {tuple(self.y.shape)}"


def _short(tensor):
    return str(tensor.dtype).removeprefix("torch.")


def mnist(n_train=None, n_test=None, device=None):
    """Load MNIST's handwritten digits (LeCun, Bottou, Bengio, Haffner 1998).

    Parameters
    ----------
    n_train, n_test : int, optional
        How many of the 60,000 training and 10,000 test images to keep, from the front
        (the file is already in random order). All of them when left out, and never
        more than there are.
    device : torch.device or str, optional
        Where the tensors shall live; the CPU when left out.

    Returns
    -------
    DataSplit
        ``X`` float32 of shape (n, 1, 28, 28), 0 (paper) to 1 (ink); ``y`` int64 (n,).

    Raises
    ------
    ValueError
        When a count is not positive, or a file in ``D2L_DATA`` is damaged.
    """
    for name, count in (("n_train", n_train), ("n_test", n_test)):
        if count is not None and count < 1:
            raise ValueError(f"mnist() needs {name} of at least 1, got {count}.")
    try:
        root = data_files.locate("MNIST")
    except data_files.DataUnavailable as error:
        return _digits(n_train, n_test, device, error)
    from torchvision.datasets import MNIST

    _used["MNIST"] = (SETS["MNIST"].megabytes, False)
    parts = []
    for is_train, count in ((True, n_train), (False, n_test)):
        stored = MNIST(root, train=is_train)
        X, y = stored.data[:count], stored.targets[:count]
        parts.append((X.unsqueeze(1).to(device).float().div_(255), y.to(device)))
    return DataSplit(*parts, classes=[str(i) for i in range(10)], source="MNIST")


def _digits(n_train, n_test, device, error):
    """Stand in for MNIST: 1,797 real digits of 8x8 pixels, scaled to 28x28."""
    from sklearn.datasets import load_digits
    from torch.nn.functional import interpolate

    _announce(
        "MNIST", "scikit-learn's 1,797 handwritten digits, scaled to 28×28,", error
    )
    images, labels = load_digits(return_X_y=True)
    X = torch.tensor(images, dtype=torch.float32).view(-1, 1, 8, 8) / 16
    # 20 pixels of ink in a margin of 4, as in MNIST
    X = interpolate(X, size=(20, 20), mode="bilinear", align_corners=False)
    X = torch.nn.functional.pad(X, (4, 4, 4, 4)).clamp(0, 1).to(device)
    y = torch.tensor(labels).to(device)
    train = (X[:1437][:n_train], y[:1437][:n_train])
    test = (X[1437:][:n_test], y[1437:][:n_test])
    names = [str(i) for i in range(10)]
    return DataSplit(train, test, names, "scikit-learn's digits", stand_in=True)


def _announce(name, replacement, error):
    if name not in _used:
        # a console that has no × shows ? instead of failing
        shown = getattr(sys.stdout, "encoding", None) or "utf-8"
        line = f"{name} is not here, so {replacement} stand in. {error}"
        print(line.encode(shown, "replace").decode(shown))
    _used[name] = (0.0, True)


_DIABETES = (
    "pregnancies, glucose, blood pressure, skin fold, insulin, BMI, pedigree, age"
)


def diabetes():
    """Load the Pima Indians diabetes table (Smith et al. 1988).

    Returns
    -------
    Table
        ``X`` float32 (759, 8), every feature scaled to [-1, 1]; ``y`` float32 (759, 1),
        1 where *no* diabetes was diagnosed within five years (this copy of the table
        has the labels of the original turned round). The stand-in has 569 rows.
    """
    try:
        path = data_files.locate("diabetes")
    except data_files.DataUnavailable as error:
        return _breast_cancer(error)
    import numpy

    _used["diabetes"] = (SETS["diabetes"].megabytes, False)
    table = numpy.loadtxt(path, numpy.float32, delimiter=",", encoding="utf-8")
    rows = torch.from_numpy(table)
    names = _DIABETES.split(", ")
    source = "Pima Indians diabetes"
    return Table(rows[:, :-1], rows[:, [-1]], names, source, classes=["ill", "healthy"])


def _breast_cancer(error):
    """Stand in for the diabetes table: eight mean features of 569 tumours."""
    from sklearn.datasets import load_breast_cancer

    _announce("diabetes", "scikit-learn's breast-cancer table's 569 rows", error)
    bunch = load_breast_cancer()
    X = torch.tensor(bunch.data[:, :8], dtype=torch.float32)
    low, high = X.amin(dim=0), X.amax(dim=0)
    y = torch.tensor(bunch.target, dtype=torch.float32).unsqueeze(1)
    return Table(
        2 * (X - low) / (high - low) - 1,
        y,
        [str(name) for name in bunch.feature_names[:8]],
        "scikit-learn's breast cancer",
        stand_in=True,
        classes=["malignant", "benign"],
    )


_TABLES = {
    "iris": "load_iris",
    "wine": "load_wine",
    "breast_cancer": "load_breast_cancer",
    "diabetes_progression": "load_diabetes",
}


def sklearn_table(name):
    """Load one of scikit-learn's real tables, which need no download.

    Parameters
    ----------
    name : {"iris", "wine", "breast_cancer", "diabetes_progression"}
        The last one is a regression set (Efron et al. 2004), the others classes.

    Returns
    -------
    Table
        ``X`` float32 (n, d) in the table's own units; ``y`` int64 (n,) for classes,
        float32 (n, 1) for the regression set.

    Raises
    ------
    ValueError
        When there is no table of that name.
    """
    if name not in _TABLES:
        raise ValueError(f"No table {name!r}; choose one of {', '.join(_TABLES)}.")
    from sklearn import datasets

    # load_diabetes alone can return the columns already scaled; the raw units teach more
    kwargs = {"scaled": False} if name == "diabetes_progression" else {}
    bunch = getattr(datasets, _TABLES[name])(**kwargs)
    X = torch.tensor(bunch.data, dtype=torch.float32)
    classes = [str(c) for c in getattr(bunch, "target_names", [])]
    if classes:
        y = torch.tensor(bunch.target, dtype=torch.int64)
    else:
        y = torch.tensor(bunch.target, dtype=torch.float32).unsqueeze(1)
    names = [str(n) for n in bunch.feature_names]
    return Table(X, y, names, f"scikit-learn's {name} table", classes=classes)
