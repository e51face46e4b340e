"""Texts as search, identity and grouping see them."""
