"""The commands that execute, check and measure the book (`python -m tools.execute`, …)."""
