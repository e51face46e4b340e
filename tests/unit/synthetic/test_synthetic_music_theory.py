import numpy as np
import pytest

from segue.synthetic.theory import (
    MODES,
    chord_pitch_classes,
    close_voicings,
    frequency_hz,
    nearest_step,
    scale_pitch,
    voice_lead,
)


def test_an_octave_doubles_the_frequency_and_a4_is_440_hz():
    assert frequency_hz(69) == 440.0
    assert frequency_hz(60) == pytest.approx(261.6256, abs=1e-4)
    assert frequency_hz(72) / frequency_hz(60) == pytest.approx(2.0)


def test_chords_of_c_major_are_those_of_the_textbook():
    names = [chord_pitch_classes(0, "major", degree, 3) for degree in range(7)]
    assert names == [
        (0, 4, 7),
        (2, 5, 9),
        (4, 7, 11),
        (5, 9, 0),
        (7, 11, 2),
        (9, 0, 4),
        (11, 2, 5),
    ]


def test_the_dominant_of_minor_gets_its_leading_tone_only_when_asked():
    assert chord_pitch_classes(9, "minor", 4, 3) == (4, 7, 11)
    assert chord_pitch_classes(9, "minor", 4, 3, leading_tone=True) == (4, 8, 11)
    assert chord_pitch_classes(9, "minor", 0, 3, leading_tone=True) == (9, 0, 4)


@pytest.mark.parametrize("mode", sorted(MODES))
def test_the_nearest_step_of_a_scale_note_is_that_note(mode: str):
    for tonic in range(12):
        for step in range(28, 49):
            pitch = scale_pitch(tonic, mode, step)
            assert nearest_step(tonic, mode, pitch) == step


def test_every_close_voicing_has_each_pitch_class_once_within_an_octave():
    found = close_voicings((7, 11, 2, 5), 48, 76)
    assert found
    for voicing in found:
        assert sorted(note % 12 for note in voicing) == [2, 5, 7, 11]
        assert voicing[-1] - voicing[0] < 12
        assert min(voicing) >= 48
        assert max(voicing) <= 76


def test_voice_leading_never_moves_further_than_the_root_position_would():
    before = (60, 64, 67)
    for degree in range(7):
        classes = chord_pitch_classes(0, "major", degree, 3)
        led = voice_lead(before, classes, 52, 76)
        low = 60 + (classes[0] - 60) % 12
        root_position = np.array([low, low + (classes[1] - classes[0]) % 12, low + 7])
        assert np.abs(np.array(led) - before).sum() <= np.abs(root_position - before).sum()
