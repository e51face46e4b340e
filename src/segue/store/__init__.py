"""Everything that cannot be computed again: catalogue, history, accounts, playlists, jobs."""
