"""Histories, marks and playlists from elsewhere: read, matched, stored once, reported."""
