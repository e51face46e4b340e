"""What the features of sound are made of; apart, so that they can be named without a transform."""

N_MFCC = 20
N_CONTRAST = 7
KEY_NAMES = ("C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
