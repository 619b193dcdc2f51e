"""Where a loss that became ``nan`` or infinite comes from."""

import torch

from d2lutils.modes import evaluation_mode
from d2lutils.training_errors import named


def first_not_finite(net, inputs, y):
    """Say in a sentence where the first value of a batch that is not finite arises.

    The batch goes through the net once more, in evaluation mode and without gradients;
    net and generators are left as they were.
    """
    if not _finite(inputs):
        return "The inputs themselves hold nan or inf."
    if not _finite(y):
        return "The targets themselves hold nan or inf."
    found = []

    def look(module, _, output):
        if not found and not _finite(output):
            found.append(module)

    handles = [module.register_forward_hook(look) for module in net.modules()]
    gpus = [inputs[0].device] if inputs[0].is_cuda else []
    try:
        with (
            torch.random.fork_rng(gpus),
            evaluation_mode(net),
            torch.inference_mode(),
        ):
            net(*inputs)
    finally:
        for handle in handles:
            handle.remove()
    if not found:
        return "The outputs of all layers are finite: it is the loss that is not."
    where = f"The first output that is not finite is that of {named(net, found[0])}"
    own = found[0].named_parameters(recurse=False)
    own = " and ".join(name for name, p in own if not _finite(p))
    if not own:
        return f"{where}."
    return f"{where}, nor is its {own}: an earlier step was too large (learning rate?)."


def _finite(values):
    if isinstance(values, (tuple, list)):
        return all(_finite(value) for value in values)
    if isinstance(values, dict):
        return all(_finite(value) for value in values.values())
    return not torch.is_tensor(values) or bool(values.isfinite().all())
