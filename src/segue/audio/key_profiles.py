"""Key profiles by register, learned on rendered music of known key.

Krumhansl and Kessler's probe-tone profiles (1982) found the key of only half of the rendered
library, which is mostly modal and hears its bass apart. These are by multinomial logistic
regression (24 keys, weights tied over transposition, ridge 0.002) on five demo libraries of 128
tracks, seeds 31 to 35, by ``scripts/learn_key_profiles.py``. Dorian and phrygian count as minor,
lydian and mixolydian as major. A row says how much each degree, in semitones above the tonic,
speaks for the key when it is heard in that register, lowest register first.
"""

import numpy as np

KEY_PROFILES = np.array(  # (major, minor), registers, semitones above the tonic
    (
        (
            (2.30, 0.39, -0.15, -0.38, -0.59, -0.25, -0.15, 1.33, -0.83, 0.40, -1.01, -1.06),
            (1.00, -0.38, 0.11, -0.72, 0.91, -0.64, -0.34, 0.75, -0.42, 0.15, -0.39, -0.04),
            (2.46, -0.87, -0.90, -0.80, 1.23, 0.23, -0.84, 0.85, -0.88, -0.52, -0.67, 0.73),
            (1.82, -0.26, -0.44, -1.29, 0.69, 0.01, -0.48, 1.25, -1.00, -0.64, -0.85, 1.20),
            (0.55, -0.99, -0.52, -0.28, 0.84, -0.16, -0.25, 0.62, -0.18, -0.08, -0.34, 0.79),
        ),
        (
            (2.37, -0.25, -0.02, -0.56, -0.56, -0.42, -0.07, 1.15, -0.12, 0.13, -1.30, -0.36),
            (0.49, -0.34, -0.02, 0.57, -0.13, -0.49, 0.41, 0.50, -0.65, -0.26, -0.50, 0.43),
            (2.93, -1.41, -0.44, 1.52, -0.99, -1.56, -0.86, 2.00, -0.57, -0.51, 0.26, -0.35),
            (2.14, -1.26, -0.12, 1.50, -0.27, -0.97, -1.14, 1.87, -0.59, -0.77, 0.14, -0.53),
            (0.73, -0.84, 0.25, 0.62, 0.17, -0.05, -0.06, 0.85, -1.39, -0.69, 0.60, -0.18),
        ),
    )
)
