"""Checks of chapter 3, logistic regression."""

from d2lutils.exercises import Wrong, exercise


@exercise(
    "03.1",
    hint="What does one more hour do to the odds? Start from odds of 1 after three hours.",
    wrong=[lambda: 7 / 8, lambda: 1.0, lambda: 8.0, lambda: 0.75],
)
def check_odds(answer):
    """The probability 8/9."""
    value = float(answer)
    if value > 1:
        raise Wrong(
            f"{value:g} is no probability. Turn the odds into one: odds/(1+odds)."
        )
    if value == 1:
        raise Wrong("The curve comes close to 1, but never gets there.")
    if not abs(value - 8 / 9) < 2e-3:  # so that 0.89 is right and nan is not
        raise Wrong("Double the odds three times, then compute odds/(1+odds).")


def _random(n=50, seed=1, spread=3.0):
    import torch

    generator = torch.Generator().manual_seed(seed)
    logits = spread * torch.randn(n, generator=generator, dtype=torch.float64)
    y = (torch.rand(n, generator=generator) < 0.4).double()
    return logits, y


def _naive(logits, y):
    import torch

    y_hat = torch.sigmoid(logits)
    return -(y * torch.log(y_hat) + (1 - y) * torch.log(1 - y_hat)).mean()


def _clamped(logits, y):
    from torch.nn import functional as F

    return F.binary_cross_entropy(logits.sigmoid(), y)


def _summed(logits, y):
    from torch.nn import functional as F

    return F.binary_cross_entropy_with_logits(logits, y, reduction="sum")


@exercise(
    "03.2",
    hint="max(z, 0) - z y + log(1 + exp(-|z|)), and logits.clamp(min=0) is max(z, 0).",
    wrong=[lambda: _naive, lambda: _clamped, lambda: _summed],
)
def check_stable_bce(answer):
    """The mean BCE from logits, finite and right at any score."""
    import torch
    from torch.nn import functional as F

    logits, y = _random()
    ours, right = answer(logits, y), F.binary_cross_entropy_with_logits(logits, y)
    if not torch.is_tensor(ours) or ours.ndim:
        raise Wrong("Return one number, the mean over all examples, as a tensor.")
    if not torch.allclose(ours, right, atol=1e-9):
        raise Wrong(
            f"At ordinary scores it gives {ours.item():.4f} instead of {right.item():.4f}."
            + (" Is it the mean?" if torch.allclose(ours, len(y) * right) else "")
        )
    for score in (1000.0, -1000.0, 30.0):
        z = torch.tensor([score], requires_grad=True)
        label = torch.tensor([0.0 if score > 0 else 1.0])
        loss = answer(z, label)
        if not torch.isfinite(loss) or abs(loss.item() - abs(score)) > 1e-3:
            raise Wrong(
                f"At z = {score:g} with label {label.item():.0f} it gives {loss.item():g}; "
                f"right is {abs(score):g}. Never take the logarithm of a rounded 0 or 1."
            )
        (slope,) = torch.autograd.grad(loss, z)
        if not torch.allclose(slope.abs(), torch.ones(1), atol=1e-4):
            raise Wrong(f"The value at z = {score:g} is right, its slope is not.")


def _weighted(scale):
    def gradient(logits, y, c):
        y_hat = logits.sigmoid()
        return scale(c, y) * (c * y * (y_hat - 1) + (1 - y) * y_hat) / len(y)

    return gradient


@exercise(
    "03.3",
    hint="Treat y = 1 and y = 0 separately, then write both cases in one line with y.",
    wrong=[
        lambda: lambda logits, y, c: (logits.sigmoid() - y) / len(y),
        lambda: lambda logits, y, c: c * (logits.sigmoid() - y) / len(y),
        lambda: _weighted(lambda c, y: len(y)),
        lambda: _weighted(lambda c, y: -1),
        lambda: _weighted(lambda c, y: len(y) / (c * y + 1 - y).sum()),
    ],
)
def check_weighted_gradient(answer):
    """Gradient of the mean BCE with positive examples counted c times."""
    import torch
    from torch.nn import functional as F

    for seed, c in ((1, 1.0), (2, 4.0), (3, 0.3)):
        logits, y = _random(seed=seed)
        z = logits.clone().requires_grad_()
        weight = torch.tensor(c, dtype=torch.float64)
        F.binary_cross_entropy_with_logits(z, y, pos_weight=weight).backward()
        ours = answer(logits, y, c)
        if not torch.is_tensor(ours) or ours.shape != z.grad.shape:
            raise Wrong("Return one slope for each logit, the shape of logits.")
        if torch.allclose(ours, z.grad, atol=1e-10):
            continue
        if torch.allclose(ours, len(y) * z.grad):
            raise Wrong("Right for the sum of the losses; the task asks for the mean.")
        if torch.allclose(ours, -z.grad):
            raise Wrong("It has the wrong sign everywhere.")
        raise Wrong(f"For c = {c:g} it differs from autograd. What is it where y = 1?")


def _without_ties(y, scores):
    gap = scores[y == 1].unsqueeze(1) - scores[y == 0].unsqueeze(0)
    return (gap > 0).double().mean()


@exercise(
    "03.4",
    hint="scores[y == 1].unsqueeze(1) - scores[y == 0].unsqueeze(0) holds every pair.",
    wrong=[
        lambda: _without_ties,
        lambda: lambda y, scores: 1 - _without_ties(y, scores),
        lambda: lambda y, scores: ((scores > 0) == (y == 1)).double().mean(),
    ],
)
def check_auc(answer):
    """The area under the ROC curve as a share of pairs."""
    from sklearn.metrics import roc_auc_score

    for seed, ties in ((1, False), (2, False), (3, True)):
        scores, y = _random(seed=seed)
        scores = (scores + y).round() if ties else scores + y
        ours, right = float(answer(y, scores)), float(roc_auc_score(y, scores))
        if abs(ours - (1 - right)) < 1e-6 < abs(ours - right):
            raise Wrong("It is one minus the AUC: which of the two must score higher?")
        if not abs(ours - right) < 1e-6:  # single precision is enough; nan is not
            where = "with ties among the scores" if ties else "without any ties"
            raise Wrong(
                f"{where.capitalize()} it gives {ours:.4f} instead of {right:.4f}."
            )


def _newton(hessian_factor, step=1.0):
    def update(w, X, y):
        import torch

        y_hat = torch.sigmoid(X @ w)
        g = X.T @ (y_hat - y) / len(X)
        H = X.T @ (X * (y_hat * (1 - y_hat)).unsqueeze(1)) / len(X)
        return w - step * torch.linalg.solve(hessian_factor(len(X)) * H, g)

    return update


def _descent(w, X, y):
    return w - 0.5 * X.T @ ((X @ w).sigmoid() - y) / len(X)


@exercise(
    "03.5",
    hint="Build H with X.T @ (X * s.unsqueeze(1)) / n, then torch.linalg.solve(H, g).",
    wrong=[
        lambda: _descent,
        lambda: _newton(lambda n: n),
        lambda: _newton(lambda n: 1.0, step=-1.0),
    ],
)
def check_newton(answer):
    """One step of Newton's method for logistic regression."""
    import torch

    for seed in (1, 2):
        generator = torch.Generator().manual_seed(seed)
        X = torch.randn(40, 3, generator=generator, dtype=torch.float64)
        y = (torch.rand(40, generator=generator) < 0.5).double()
        w = 0.3 * torch.randn(3, generator=generator, dtype=torch.float64)
        ours, right = answer(w, X, y), _newton(lambda n: 1.0)(w, X, y)
        if not torch.is_tensor(ours) or ours.shape != w.shape:
            raise Wrong(f"Return the new weights, a tensor of shape {tuple(w.shape)}.")
        if torch.allclose(ours, right, atol=1e-8):
            continue
        if torch.allclose(ours - w, w - right, atol=1e-8):
            raise Wrong("The step has the right length and goes uphill.")
        if torch.allclose(ours - w, (right - w) / len(X), atol=1e-8):
            raise Wrong("The step is N times too short: g and H both carry 1/N.")
        raise Wrong("The new weights differ. Does H use y_hat (1 - y_hat) as weights?")
