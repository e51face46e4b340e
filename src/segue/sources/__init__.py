"""Listening histories from elsewhere, each file one format, read row by row."""
