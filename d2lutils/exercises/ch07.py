"""Chapter 7, model selection: the checks of its exercises."""

import torch

from d2lutils.exercises import Wrong, exercise
from d2lutils.exercises.answers import (
    call,
    function,
    number,
    numbers,
    tensor,
)


@exercise(
    "07.1",
    hint="How many candidates are there, and how often is each of them trained?",
    wrong=[
        lambda: (120, 360),
        lambda: (71, 360),
        lambda: (121, 400),
        lambda: (121, 398),
        lambda: 121,
    ],
)
def check_trainings(answer):
    """12 candidates times 10 folds and the final one; nine tenths of 400 patients."""
    trainings, patients = numbers(answer, ("trainings", "patients"))
    if trainings == 120:
        raise Wrong("Almost: the winner is trained once more, on all ten folds.")
    if trainings != 121:
        raise Wrong(
            "The trainings: every pair of a width and a learning rate is a candidate."
        )
    if patients == 400:
        raise Wrong("The trainings are right; but one fold is left out of each.")
    if patients != 360:
        raise Wrong("The patients: those in the drawer take no part, nor does a fold.")


def _contiguous(y, k):
    return list(torch.arange(len(y)).chunk(k))


def _interleaved(y, k):
    return [torch.arange(i, len(y), k) for i in range(k)]


def _one_class_a_fold(y, k):
    return [(y % k == i).nonzero().flatten() for i in range(k)]


def _drops_the_rest(y, k):
    folds = [[] for _ in range(k)]
    for label in y.unique():
        rows = (y == label).nonzero().flatten()
        for place, row in enumerate(rows[: len(rows) // k * k].tolist()):
            folds[place % k].append(row)
    return [torch.tensor(fold, dtype=torch.int64) for fold in folds]


def _dealt(y, k):
    """A right answer: sorted by class, every k-th row to the same fold."""
    return [y.argsort(stable=True)[i::k] for i in range(k)]


@exercise(
    "07.2",
    hint="Take the rows of one class and deal them out to the folds like cards.",
    wrong=[
        lambda: _contiguous,
        lambda: _interleaved,
        lambda: _one_class_a_fold,
        lambda: _drops_the_rest,
        lambda: lambda y, k: [fold.double() for fold in _dealt(y, k)],
        lambda: lambda y, k: [fold.tolist() for fold in _dealt(y, k)],
    ],
    right=[lambda: _dealt],
)
def check_stratified_folds(answer):
    """k disjoint folds that cover all rows and hold even shares of every class."""
    function(answer, "stratified_folds")
    generator = torch.Generator().manual_seed(0)
    tables = [
        (torch.arange(3).repeat_interleave(10), 3),
        (torch.arange(2).repeat(12), 2),
        (torch.randint(4, (53,), generator=generator) * 2 + 1, 5),
    ]
    for y, k in tables:
        folds = call(answer, y, k)
        if not isinstance(folds, (list, tuple)) or len(folds) != k:
            raise Wrong(f"Return a list of k folds; with k = {k} it isn't one.")
        for fold in folds:
            tensor(fold, "Each fold", dtype="whole")
            if fold.ndim != 1:
                raise Wrong("Each fold is a tensor of row indices with one axis.")
        folds = [fold.tolist() for fold in folds]
        rows = [row for fold in folds for row in fold]
        if sorted(rows) != list(range(len(y))):
            raise Wrong(
                f"Each of {len(y)} rows must be in exactly one fold; yours hold "
                f"{len(rows)} indices, {len(set(rows))} of them different."
            )
        for label in y.unique().tolist():
            counts = [sum(int(y[r]) == label for r in fold) for fold in folds]
            if max(counts) - min(counts) > 1:
                raise Wrong(f"Class {label} is shared out as {counts} over the folds.")


def _hat(A, y):
    Q, _ = torch.linalg.qr(A)
    return y - Q @ (Q.T @ y), Q.square().sum(dim=1)


def _training_error(A, y):
    return _hat(A, y)[0].square().mean()


def _loo_sum(A, y):
    e, h = _hat(A, y)
    return (e / (1 - h)).square().sum()


def _loo_square_missing(A, y):
    e, h = _hat(A, y)
    return (e.square() / (1 - h)).mean()


def _loo_mean_leverage(A, y):
    e, h = _hat(A, y)
    return (e / (1 - h.mean())).square().mean()


@exercise(
    "07.3",
    hint="Solve once for the residuals; the diagonal of H needs no n-by-n matrix.",
    wrong=[
        lambda: _training_error,
        lambda: _loo_sum,
        lambda: _loo_square_missing,
        lambda: _loo_mean_leverage,
    ],
)
def check_leave_one_out(answer):
    """The mean of (e_i / (1 - h_i))²."""
    function(answer, "leave_one_out")
    generator = torch.Generator().manual_seed(0)
    for n, p in [(12, 3), (30, 7)]:
        A = torch.randn(n, p, dtype=torch.float64, generator=generator)
        A[:, 0] = 1
        y = torch.randn(n, dtype=torch.float64, generator=generator)
        total = 0.0
        for i in range(n):
            rest = torch.arange(n) != i
            w = torch.linalg.lstsq(A[rest], y[rest, None]).solution[:, 0]
            total += float((A[i] @ w - y[i]) ** 2)
        value = number(call(answer, A, y), "The mean of the squares")
        if abs(value - total) <= 1e-6 * total:
            raise Wrong("That is the sum; the mean was asked for.")
        if abs(value - float(_training_error(A, y))) <= 1e-8:
            raise Wrong("That is the training error: each residual is still too small.")
        if not abs(value - total / n) <= 1e-6 * total / n:
            raise Wrong(
                f"For a {n} x {p} matrix, {n} fits give {total / n:.4f}, yours "
                f"{value:.4f}. Is the division inside the square, with h_i of that row?"
            )


def _just_the_best(errors):
    return int(errors.mean(dim=1).argmin())


def _deviation_not_error(errors):
    means = errors.mean(dim=1)
    best = means.argmin()
    return int((means <= means[best] + errors[best].std()).nonzero()[0])


def _divides_by_k(errors):
    means = errors.mean(dim=1)
    best = means.argmin()
    limit = means[best] + errors[best].std(correction=0) / errors.shape[1] ** 0.5
    return int((means <= limit).nonzero()[0])


def _own_error(errors):
    means = errors.mean(dim=1)
    own = errors.std(dim=1) / errors.shape[1] ** 0.5
    return int((means <= means.min() + own).nonzero()[0])


def _most_complex(errors):
    means = errors.mean(dim=1)
    best = means.argmin()
    limit = means[best] + errors[best].std() / errors.shape[1] ** 0.5
    return int((means <= limit).nonzero()[-1])


def _one_se(errors):
    means = errors.mean(dim=1)
    best = means.argmin()
    limit = means[best] + errors[best].std() / errors.shape[1] ** 0.5
    return int((means <= limit).nonzero()[0])


def _walks_from_the_best(errors):
    """Goes to simpler candidates until the first that is too bad."""
    means = errors.mean(dim=1)
    best = int(means.argmin())
    limit = means[best] + errors[best].std() / errors.shape[1] ** 0.5
    while best > 0 and means[best - 1] <= limit:
        best -= 1
    return best


@exercise(
    "07.4",
    hint="First the means over dim=1, then the limit, then the first mean below it.",
    wrong=[
        lambda: _just_the_best,
        lambda: _deviation_not_error,
        lambda: _divides_by_k,
        lambda: _own_error,
        lambda: _most_complex,
        lambda: _walks_from_the_best,
    ],
)
def check_one_standard_error(answer):
    """The first candidate within one standard error of the best."""
    function(answer, "one_standard_error")
    tables = [
        # the best is candidate 2: mean 5, standard error 0.87 (0.75 with K instead of
        # K - 1, which would miss candidate 1)
        [[6.5, 6.5, 6.5, 6.5], [5.8, 5.8, 5.8, 5.8], [3, 4.268, 5.732, 7], [9.0] * 4],
        # candidate 0 has a large spread of its own, which does not count
        [[1.0, 13, 1, 13], [5.5] * 4, [5.0, 5.2, 4.8, 5], [5.05, 5.05, 5.05, 5.05]],
        [[2.0, 2.1, 1.9], [3.0, 3.1, 2.9], [4.0, 4.1, 3.9]],
        # between the simplest and the best stands one that is too bad
        [[5.5] * 4, [7.0] * 4, [3, 4.268, 5.732, 7], [5.5] * 4],
    ]
    for table in tables:
        errors = torch.tensor(table, dtype=torch.float64)
        value = number(call(answer, errors), "The index", whole=True)
        if value != _one_se(errors):
            means = [round(v, 2) for v in errors.mean(dim=1).tolist()]
            raise Wrong(
                f"With the mean errors {means} it returns {value:g}. Whose standard "
                "error counts, what is it divided by, and which end is the simple one?"
            )


def _argmin_all(losses, patience):
    return min(range(len(losses)), key=losses.__getitem__), len(losses) - 1


def _stops(losses, patience, better, late=0):
    best = 0
    for epoch, loss in enumerate(losses):
        if better(loss, losses[best]):
            best = epoch
        if epoch - best >= patience + late:
            return best, epoch
    return best, len(losses) - 1


def _first_rise(losses, patience):
    waited = best = 0
    for epoch in range(1, len(losses)):
        waited = waited + 1 if losses[epoch] >= losses[epoch - 1] else 0
        best = epoch if losses[epoch] < losses[best] else best
        if waited >= patience:
            return best, epoch
    return best, len(losses) - 1


@exercise(
    "07.5",
    hint="Keep the epoch of the best loss; compare every epoch number with it.",
    wrong=[
        lambda: _argmin_all,
        lambda: _first_rise,
        lambda: lambda losses, p: _stops(losses, p, lambda a, b: a <= b),
        lambda: lambda losses, p: _stops(losses, p, lambda a, b: a < b, late=1),
        lambda: lambda losses, p: _stops(losses, p, lambda a, b: a < b)[::-1],
    ],
)
def check_early_stopping(answer):
    """(best, last) with patience counted from the best epoch."""
    function(answer, "early_stopping")
    cases = [
        ([5.0, 4, 3, 4, 5, 6, 1], 2),
        ([5.0, 4, 3, 3, 3, 3, 3], 3),
        ([5.0, 4, 4.5, 4.2, 4.4, 4.1, 4.3, 2], 4),
        ([3.0, 2, 1], 2),
        ([1.0, 2], 5),
    ]
    for losses, patience in cases:
        value = numbers(call(answer, losses, patience), ("best", "last"), whole=True)
        right = _stops(losses, patience, lambda a, b: a < b)
        if value != right:
            raise Wrong(
                f"losses {losses} with patience {patience}: it returns {value}. At "
                "which epoch has the best been waiting for that long?"
            )
