"""Speed figures of the book: ``python -m benchmarks`` (``make bench``) runs them all."""
