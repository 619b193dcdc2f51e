"""Run every benchmark and print its figures."""

from benchmarks import training_loop


def main():
    """Run them one after the other."""
    training_loop.main()


main()
