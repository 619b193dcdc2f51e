"""Training and evaluation mode, kept for every part of a network by itself."""

from contextlib import contextmanager


@contextmanager
def evaluation_mode(net):
    """Put the whole net in evaluation mode, and afterwards each module back as it was.

    ``net.train(was_training)`` alone would also wake the parts that somebody had put
    into ``eval()`` while the net trains, such as a frozen batch norm.
    """
    before = [(module, module.training) for module in net.modules()]
    net.eval()
    try:
        yield
    finally:
        net.train(before[0][1])  # a net's own train() may do more than set the flag
        for module, training in before:
            module.training = training


def start_training(net):
    """Put a net into training mode, unless it already is.

    The rule: a net in training mode is left as it is, so a part that was put into
    ``eval()`` stays there; a net in evaluation mode is put into training mode as a
    whole, since then nobody can tell which part was meant to stay.
    """
    if not net.training:
        net.train()
