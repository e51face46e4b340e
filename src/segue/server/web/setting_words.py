"""What each setting does, for the page of settings: what changes for those who listen here.

The descriptions in :mod:`segue.settings` are for the reference, in the words of its field.
"""

from segue.server.web.language import later

SETTING_WORDS: dict[str, str] = {
    "data_dir": later("Where Segue keeps what it knows: accounts, history, models and covers."),
    "music_dirs": later("Folders with your music. Segue only ever reads them."),
    "host": later("The address Segue answers on. 127.0.0.1 is this machine alone."),
    "port": later("The number behind the colon in Segue's address."),
    "allow_remote": later(
        "Whether other machines may reach Segue. Put an encrypted connection (HTTPS) before it."
    ),
    "allowed_hosts": later("Names by which a browser may call this server."),
    "secure_cookie": later(
        "Whether browsers stay signed in over encrypted connections (HTTPS) only."
    ),
    "sign_up": later("Whether visitors may make an account without being invited."),
    "session_idle_days": later("After how many days without a visit one has to sign in again."),
    "session_max_days": later("After how many days one has to sign in again in any case."),
    "login_tries": later(
        "How many wrong passwords are let pass in 15 minutes before one has to wait."
    ),
    "scan_workers": later("How many files are looked into at once when folders are searched."),
    "analysis_workers": later(
        "How many tracks Segue listens to at once. Each keeps one core busy and gives way."
    ),
    "job_workers": later("How many jobs may run at once."),
    "analyse_after_scan": later("Whether Segue listens to new music as soon as it has found it."),
    "import_max_gb": later("How many gigabytes one may send when bringing one's past."),
    "retrain_after_events": later(
        "After how many plays, hearts and ratings Segue learns from all of them again."
    ),
    "retrain_at_hour": later(
        "At which hour of the day Segue learns again when there is news; -1 is never."
    ),
    "time_zone": later(
        "The time zone of listeners whose browser did not say theirs; empty is this machine's."
    ),
    "discover_repeat_weeks": later("For how many weeks no discovery comes back."),
    "allow_outbound": later(
        "Whether Segue may ask Spotify and ListenBrainz when you tell it to. It asks nobody else."
    ),
    "spotify_client_id": later("The id of your application at developer.spotify.com."),
    "spotify_client_secret": later(
        "The secret of that application. A variable is a better place for it than the file."
    ),
    "spotify_url": later("Where Spotify is asked for tracks."),
    "spotify_token_url": later("Where Spotify is asked for permission."),
    "listenbrainz_url": later("Which ListenBrainz server is asked."),
    "listenbrainz_token": later("Your token there. Public listens are read without one."),
    "neighbor_index": later(
        "How tracks that sound alike are found: “exact” compares with every one, “faiss” and "
        "“qdrant” are faster in very large libraries, “auto” chooses."
    ),
    "exact_neighbors_up_to": later("Up to how many tracks “auto” compares with every one."),
    "qdrant_url": later("Where your Qdrant server is, if you have one."),
    "qdrant_api_key": later("The key it asks for, if it does."),
    "log_level": later("From how serious on something is written into the log."),
    "log_form": later("Whether the log is written for people or for programs."),
}
