"""Epochs per second of ``d2l.fit`` against the loop most tutorials show.

Both train the same network on the same MNIST images, batch 256, in the same process,
one after the other in turn; the medians are compared, so that a busy machine slows both.
"""

import statistics
import time

import torch
from torch import nn

import d2lutils as d2l

NETWORKS = {
    "softmax regression": lambda: nn.Sequential(nn.Flatten(), nn.Linear(784, 10)),
    "784-256-10": lambda: nn.Sequential(
        nn.Flatten(), nn.Linear(784, 256), nn.ReLU(), nn.Linear(256, 10)
    ),
}
#: what `make bench` is expected to show at least
GOALS = {"softmax regression": 10.0, "784-256-10": 5.0}
ROUNDS = 3


def tutorial_epoch(net, optimizer, n_train):
    """One epoch as the study notes train: decode every image anew, ``.item()`` a step."""
    from torch.utils.data import DataLoader, Subset
    from torchvision.datasets import MNIST
    from torchvision.transforms import ToTensor

    stored = MNIST(d2l.data_path("MNIST"), train=True, transform=ToTensor())
    loader = DataLoader(Subset(stored, range(n_train)), batch_size=256, shuffle=True)
    loss, total, correct = nn.CrossEntropyLoss(), 0.0, 0.0
    for X, y in loader:
        y_hat = net(X)
        batch_loss = loss(y_hat, y)
        optimizer.zero_grad()
        batch_loss.backward()
        optimizer.step()
        total += batch_loss.item()
        correct += (y_hat.argmax(dim=1) == y).sum().item()
    return total / len(loader), correct / n_train


def resident_epoch(net, optimizer, train):
    """One epoch of ``d2l.fit`` on resident tensors."""
    return d2l.fit(
        net, train, loss=nn.CrossEntropyLoss(), optimizer=optimizer, num_epochs=1,
        batch_size=256, metric=d2l.accuracy, progress=False,
    )  # fmt: skip


def seconds(function, *arguments):
    """Return how long a call takes."""
    start = time.perf_counter()
    function(*arguments)
    return time.perf_counter() - start


def main(n_train=60_000):
    """Print one ratio for each network."""
    if d2l.data_path("MNIST") is None:
        print("training loop: needs the real MNIST (make data, or set D2L_DATA)")
        return
    train = d2l.mnist(n_train=n_train).train
    print(
        f"training loop, batch 256, {n_train:,} images, {torch.get_num_threads()} threads"
    )
    for name, build in NETWORKS.items():
        net = build()
        optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
        resident_epoch(net, optimizer, train)  # warm up
        times = [
            (
                seconds(tutorial_epoch, net, optimizer, n_train),
                seconds(resident_epoch, net, optimizer, train),
            )
            for _ in range(ROUNDS)
        ]
        slow, fast = (statistics.median(column) for column in zip(*times, strict=True))
        print(f"  {name}: {slow / fast:.1f} times the epochs (goal {GOALS[name]:.0f})")


if __name__ == "__main__":
    main()
