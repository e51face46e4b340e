"""Measurements of quality, speed and size; see ``python -m benchmarks``."""
