"""Chapter 20, AlexNet: the checks of its exercises."""

import torch
import torch.nn.functional as F

from d2lutils.exercises import Wrong, exercise
from d2lutils.exercises.answers import (
    agree,
    agree_gradients,
    call,
    function,
    numbers,
    tensor,
    without,
)


@exercise(
    "20.1",
    hint="Follow one side through the layers; a window that does not fit is left out.",
    wrong=[
        lambda: (4, 4096),  # rounded up
        lambda: (3, 256 * 3),  # one side only
        lambda: (2, 1024),  # as for 28 x 28
        lambda: (3, 384 * 9),  # the channels of the fourth convolution
        lambda: (7, 256 * 49),  # the last pooling forgotten
        lambda: (2304, 3),
        lambda: 3,
        lambda: "3, 2304",
    ],
    right=[lambda: (3, 2304), lambda: torch.tensor([3, 2304])],
)
def check_larger_images(answer):
    """Sides 30, 15, 15, 7, 7, 7, 7, 3; then 256 maps of 3 x 3."""
    side, inputs = numbers(answer, ("side", "numbers in"), whole=True)
    if side == 7:
        raise Wrong("There is a third pooling, after the fifth convolution.")
    if side == 2:
        raise Wrong("That is the side for 28 × 28 pixels.")
    if side != 3:
        raise Wrong("32 becomes 30 in the first convolution, and 15 by pooling. Go on.")
    if inputs == 256 * 3:
        raise Wrong("A map has rows and columns.")
    if inputs != 256 * 9:
        raise Wrong("All maps of the fifth convolution are laid out: how many has it?")


@exercise(
    "20.2",
    hint="Count the weights of one kernel, and don't forget its bias.",
    wrong=[
        lambda: (256 * 48 * 25, 256 * 96 * 25),  # no biases
        lambda: (614_656, 307_456),  # the other way round
        lambda: (256 * (24 * 25 + 1), 256 * (48 * 25 + 1)),
        lambda: (128 * (48 * 25 + 1), 256 * (96 * 25 + 1)),  # one tower only
        lambda: (307_328, 614_656),  # a half of the whole: half the biases, too
        lambda: (307_456, 307_456),
        lambda: 307_456,
    ],
    right=[lambda: (307_456, 614_656), lambda: torch.tensor([307_456, 614_656])],
)
def check_towers(answer):
    """256 kernels of 48 or 96 sheets of 5 x 5, each with a bias."""
    names = ("parameters in two towers", "in one tower")
    two, one = numbers(answer, names, whole=True)
    if (two, one) == (256 * 48 * 25, 256 * 96 * 25):
        raise Wrong("These are the weights; each kernel has a bias, too.")
    if two == 128 * (48 * 25 + 1):
        raise Wrong("That is one tower; there are two, with 128 kernels each.")
    if two == 307_328:
        raise Wrong("The weights are halved, but each of 256 kernels keeps its bias.")
    if two != 256 * (48 * 25 + 1):
        raise Wrong("In two towers: 256 kernels with 48 sheets of 5 × 5, and a bias.")
    if one != 256 * (96 * 25 + 1):
        raise Wrong("In one tower: 256 kernels with 96 sheets of 5 × 5, and a bias.")


def _crops(X, size, together=False, mirror=0.5, most=1, upside=False, mixed=False):
    """Random crops, with the mistakes that one can make."""
    n, channels, h, w = X.shape
    m = 1 if together else n
    rows = torch.randint(h - size + most, (m,)).expand(n)
    columns = torch.randint(w - size + most, (m,)).expand(n)
    windows = X.unfold(2, size, 1).unfold(3, size, 1)
    if mixed:  # each channel its own window
        parts = [_crops(X[:, c : c + 1], size) for c in range(channels)]
        return torch.cat(parts, dim=1)
    crops = windows[torch.arange(n), :, rows, columns]
    flip = (torch.rand(m).expand(n) < mirror)[:, None, None, None]
    return torch.where(flip.to(X.device), crops.flip(2 if upside else 3), crops)


def _one_by_one(X, size):
    crops = []
    for image in X:
        top = torch.randint(image.shape[1] - size + 1, ()).item()
        left = torch.randint(image.shape[2] - size + 1, ()).item()
        crop = image[:, top : top + size, left : left + size]
        crops.append(crop.flip(2) if torch.rand(()) < 0.5 else crop)
    return torch.stack(crops)


def _one_random_number(X, size):
    """Mirrors exactly the crops from the left half."""
    n, _, h, w = X.shape
    rows, columns = torch.randint(h - size + 1, (n,)), torch.randint(w - size + 1, (n,))
    windows = X.unfold(2, size, 1).unfold(3, size, 1)
    crops = windows[torch.arange(n), :, rows, columns]
    flip = columns < (w - size + 1) / 2
    return torch.where(flip[:, None, None, None], crops.flip(3), crops)


def _diagonal(X, size):
    """One random step for rows and columns alike."""
    n, _, h, w = X.shape
    step = torch.randint(min(h, w) - size + 1, (n,))
    windows = X.unfold(2, size, 1).unfold(3, size, 1)
    crops = windows[torch.arange(n), :, step, step]
    return torch.where(torch.rand(n)[:, None, None, None] < 0.5, crops.flip(3), crops)


def _always_the_same(X, size):
    """A generator of its own, seeded in each call."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return _crops(X, size)


def _in_place(X, size):
    X[torch.rand(len(X)) < 0.5] = X[torch.rand(len(X)) < 0.5].flip(3)[:1]
    return _crops(X, size, mirror=0)


@exercise(
    "20.3",
    hint="Draw n row numbers and n column numbers; `unfold` twice cuts out all windows.",
    wrong=[
        lambda: lambda X, size: X[:, :, :size, :size],
        lambda: lambda X, size: _crops(X, size, together=True),
        lambda: lambda X, size: _crops(X, size, mirror=0),
        lambda: lambda X, size: _crops(X, size, mirror=1),
        lambda: lambda X, size: _crops(X, size, upside=True),
        lambda: lambda X, size: _crops(X, size, most=int(X.shape[2] == size)),
        lambda: lambda X, size: _crops(X, size, mixed=True),
        lambda: _one_random_number,
        lambda: _diagonal,
        lambda: _in_place,
        lambda: _always_the_same,
        lambda: lambda X, size: _crops(X, size).mul(0.5),
    ],
    right=[lambda: _crops, lambda: _one_by_one],
)
def check_random_crops(answer):
    """Each window of a coordinate grid, mirrored or not, must come equally often."""
    function(answer, "random_crops")
    for n, h, w, size in [(4800, 6, 7, 4), (600, 5, 5, 4), (40, 3, 3, 3), (1, 4, 9, 2)]:
        where = f"For {n} images of {h} × {w} and windows of {size}"
        grid = torch.arange(float(h * w)).view(1, 1, h, w)
        image = torch.arange(float(n)).view(n, 1, 1, 1) * h * w
        X = torch.cat([grid + image, 0.5 + grid + image], dim=1)  # two channels
        found = call(answer, X.clone(), size, untouched=True)
        tensor(found, f"{where}, the result", shape=(n, 2, size, size))
        if n > 100 and torch.equal(found, call(answer, X.clone(), size)):
            raise Wrong("Two calls gave the same crops; draw new places in each call.")
        corner = (found - image)[:, 0]  # pixel numbers
        mirrored = corner[:, 0, -1] < corner[:, 0, 0]
        straight = torch.where(mirrored[:, None, None], corner.flip(2), corner)
        first = straight[:, 0, 0]
        row, column = first // w, first % w
        steps = torch.arange(float(size))
        window = first[:, None, None] + steps[:, None] * w + steps
        inside = (row >= 0) & (row <= h - size) & (column >= 0) & (column <= w - size)
        if not (inside.all() and torch.equal(straight, window)):
            raise Wrong(
                f"{where}: crop i must be a window of image i, mirrored left to right or "
                "as it is."
            )
        if not torch.equal(found[:, 1], found[:, 0] + 0.5):
            raise Wrong("All channels of an image must come from the same window.")
        places = (h - size + 1) * (w - size + 1)
        kind = (2 * (row * (w - size + 1) + column) + mirrored).long()
        counts = torch.bincount(kind, minlength=2 * places)
        expected = n / (2 * places)
        if expected > 15 and (counts - expected).abs().max() > 5 * expected**0.5:
            _why(row, column, mirrored, h - size + 1, w - size + 1)
            raise Wrong("Place and mirroring depend on each other: draw them apart.")


def _why(row, column, mirrored, rows, columns):
    share = mirrored.float().mean().item()
    if abs(share - 0.5) > 0.1:
        raise Wrong(f"Half of the crops should be mirrored, not {share:.0%} of them.")
    for what, place, count in (("row", row, rows), ("column", column, columns)):
        if len(place.unique()) < count:
            raise Wrong(
                f"Some windows never come: the first {what} has {count} choices."
            )


def _by_shifts(X, k=2.0, alpha=1e-4, beta=0.75, reach=2, scale=1.0, base=None):
    squares = X.square() if base is None else base(X)
    channels = X.shape[1]
    total = torch.zeros_like(X)
    for c in range(channels):
        near = squares[:, max(0, c - reach) : c + reach + 1].sum(dim=1)
        total = torch.cat([total[:, :c], near[:, None], total[:, c + 1 :]], dim=1)
    return X / (k + scale * alpha * total) ** beta


def _by_unfold(X, k=2.0, alpha=1e-4, beta=0.75):
    squares = F.pad(X * X, (0, 0, 0, 0, 2, 2))
    return X * (k + alpha * squares.unfold(1, 5, 1).sum(-1)).pow(-beta)


def _ready_made(X, k=2.0, alpha=1e-4, beta=0.75):
    return F.local_response_norm(X, 5, 5 * alpha, beta, k)


def _detached(X, k=2.0, alpha=1e-4, beta=0.75):
    return _by_shifts(X, k, alpha, beta, base=lambda X: X.detach().square())


@exercise(
    "20.4",
    hint="Pad the squares by two channels on each side; then five slices, or one unfold.",
    wrong=[
        lambda: _ready_made,
        lambda: _detached,
        lambda: (
            lambda X, k=2.0, alpha=1e-4, beta=0.75: _by_shifts(
                X, k, alpha, beta, scale=0.2
            )
        ),
        lambda: (
            lambda X, k=2.0, alpha=1e-4, beta=0.75: _by_shifts(
                X, k, alpha, beta, reach=1
            )
        ),
        lambda: (
            lambda X, k=2.0, alpha=1e-4, beta=0.75: _by_shifts(
                X, k, alpha, beta, base=torch.abs
            )
        ),
        lambda: lambda X, k=2.0, alpha=1e-4, beta=0.75: _by_shifts(X),
        lambda: (
            lambda X, k=2.0, alpha=1e-4, beta=0.75: _by_shifts(X.mT, k, alpha, beta)
        ),
        lambda: (
            lambda X, k=2.0, alpha=1e-4, beta=0.75: _by_shifts(
                X.movedim(1, 3), k, alpha, beta
            ).movedim(3, 1)
        ),
        lambda: lambda X, k=2.0, alpha=1e-4, beta=0.75: X,
    ],
    right=[lambda: _by_shifts, lambda: _by_unfold],
)
def check_response_norm(answer):
    """Values and gradients of the formula, for one channel up to nine."""
    function(answer, "response_norm")
    generator = torch.Generator().manual_seed(0)
    for shape, settings in [
        ((2, 9, 3, 4), {}),
        ((2, 9, 3, 4), {"k": 1.0, "alpha": 0.5, "beta": 0.6}),
        ((1, 3, 2, 5), {"k": 2.0, "alpha": 2.0, "beta": 1.5}),
        ((3, 1, 4, 2), {"k": 0.5, "alpha": 1.0, "beta": 0.75}),
    ]:
        X = 5 * torch.randn(shape, generator=generator, dtype=torch.float64)
        where = f"For X {shape}" + "".join(f", {k} {v}" for k, v in settings.items())
        right = _by_shifts(X, **settings)
        with without("local_response_norm"):
            found = call(answer, X, untouched=True, **settings)
        tensor(found, f"{where}, the result", shape=shape)
        agree(found, right, where)
        agree_gradients(
            lambda X, s=settings: answer(X, **s),
            lambda X, s=settings: _by_shifts(X, **s),
            X,
            where=where,
        )
