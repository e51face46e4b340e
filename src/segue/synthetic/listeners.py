"""Synthetic listeners with planted taste: the door to the files that make them.

The best attainable ranking is known (:mod:`segue.synthetic.oracle`), so a recommender can be given
its share of it. Taste stands in :mod:`segue.synthetic.taste`, behaviour in
:mod:`segue.synthetic.activity`, every number in :mod:`segue.synthetic.listener_params`.

>>> tracks = make_catalogue(200, seed=1)
>>> listeners = make_listeners(tracks, 2, seed=1)
>>> events = listen_columns(listeners, tracks, start=1.72e9, days=30, seed=1)
>>> sorted(set(events.listener_idx.tolist()))
[0, 1]
"""

from segue.synthetic.activity import default_listener_id, listen, listen_columns
from segue.synthetic.listener_params import ListenerParams
from segue.synthetic.listener_profiles import ListenerProfile
from segue.synthetic.oracle import best_attainable, ndcg_at_k, oracle_ranking
from segue.synthetic.taste import Listeners, make_listeners
from segue.synthetic.track_table import make_catalogue

__all__ = [
    "ListenerParams",
    "ListenerProfile",
    "Listeners",
    "best_attainable",
    "default_listener_id",
    "listen",
    "listen_columns",
    "make_catalogue",
    "make_listeners",
    "ndcg_at_k",
    "oracle_ranking",
]
