"""Recommend to a listener from a pandas data frame of play counts."""

import pandas as pd

from segue.data.dataset import Dataset
from segue.models.base import profile_of_row
from segue.models.linear import EASE

plays = pd.DataFrame({"who": [1, 1, 2, 2, 3], "what": list("xyxzy"), "count": [9, 1, 4, 2, 7]})
data = Dataset.from_frame(plays, listener="who", track="what", weight="count")
model = EASE(regularization=10, values="log").fit(data)
ada = profile_of_row(data.interactions.user_items, data.listeners.index("1"))
print("for listener 1:", [data.tracks.ids[row] for row in model.recommend(ada, n=1).track_idx])
