"""Segue: the recommender for music people own or run themselves."""

__version__ = "0.1.0"
