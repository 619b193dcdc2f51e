"""What a training run measured."""


class History:
    """What was measured in each epoch: a list of dicts ``epochs``, and their plot.

    ``history["test_loss"]`` is the list over the epochs, ``history.last`` the last dict.
    The keys are ``train_loss``, ``train_metric``, ``test_loss``, ``test_metric``; the
    training figures are means over the epoch, taken while the parameters still moved.
    """

    def __init__(self, metric_name=None):
        self.epochs, self.metric_name = [], metric_name

    def __getitem__(self, key):
        if not self.epochs or key not in self.epochs[0]:
            known = ", ".join(self.epochs[0]) if self.epochs else "nothing yet"
            raise KeyError(f"This history has no {key!r}; it has {known}.")
        return [epoch[key] for epoch in self.epochs]

    def __len__(self):
        return len(self.epochs)

    @property
    def last(self):
        """The figures of the last epoch, a dict of floats."""
        if not self.epochs:
            raise ValueError("This history is empty: no epoch has been run.")
        return self.epochs[-1]

    def plot(self, title=None):
        """Draw loss and metric over the epochs; return the matplotlib figure."""
        from d2lutils.plots import plot_history

        return plot_history(self, title)
