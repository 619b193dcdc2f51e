"""Run every benchmark and print its figures."""

import sys

from benchmarks import training_loop, widgets


def main():
    """Run them one after the other; returns 1 when a widget is too slow or too heavy."""
    training_loop.main()
    return widgets.main([])


sys.exit(main())
