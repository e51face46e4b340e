from itertools import pairwise

import numpy as np
import pytest
from msgspec import structs
from scipy import signal

from segue.synthetic.catalogue import compose_library
from segue.synthetic.drums import DRUM_PAN, DrumKit, drum_sound
from segue.synthetic.instruments import INSTRUMENTS, NoteRequest
from segue.synthetic.mastering import loudness_lufs
from segue.synthetic.plan import TrackPlan
from segue.synthetic.rendering import render_track
from segue.synthetic.styles import STYLES
from segue.synthetic.synthesisers import SYNTHESISERS
from segue.synthetic.theory import MODES, frequency_hz
from segue.synthetic.waveforms import harmonic_tone, period_times_s

SR = 32_000
SEED = 11
DRUM_STYLES = ("jazz", "rock", "metal", "house", "techno", "drum and bass", "trip hop")
# as far apart as a listener would say they are
CHOSEN_STYLES = (
    "folk",
    "jazz",
    "rock",
    "metal",
    "classical piano",
    "ambient",
    "house",
    "techno",
    "trip hop",
    "drum and bass",
)


@pytest.fixture(scope="module")
def rendered() -> list[tuple[TrackPlan, np.ndarray]]:
    """Two studio tracks of every style, by two artists."""
    chosen: dict[tuple[str, str], TrackPlan] = {}
    for plan in compose_library(SEED, 128):
        if (
            plan.style in CHOSEN_STYLES
            and plan.version == "studio"
            and plan.album_artist == plan.artists[0]
        ):
            chosen.setdefault((plan.style, plan.artists[0]), plan)
    return [(plan, render_track(plan)) for plan in chosen.values()]


def features(audio: np.ndarray) -> np.ndarray:
    """Levels of octave bands, how they vary, and how much comes in at once."""
    hz, _, spectrum = signal.stft(audio.mean(axis=1)[: 24 * SR], SR, nperseg=2048, noverlap=1024)
    power = np.abs(spectrum) ** 2 + 1e-12
    edges = [0, 80, 160, 320, 640, 1280, 2560, 5120, 10240, 16000]
    bands = np.log([power[(hz >= a) & (hz < b)].sum(0) + 1e-7 for a, b in pairwise(edges)])
    onsets = np.maximum(np.diff(bands, axis=1), 0)
    return np.concatenate([bands.mean(1) - bands.mean(), bands.std(1), onsets.mean(axis=1)])


def test_the_same_plan_gives_the_same_samples_whatever_came_before(rendered):
    plan, audio = rendered[0]
    assert audio.dtype == np.float32
    assert np.array_equal(render_track(plan), audio)


def test_another_seed_gives_other_music(rendered):
    plan, audio = rendered[0]
    other = render_track(structs.replace(plan, seed=plan.seed + 1))
    assert other.shape == audio.shape
    assert not np.allclose(other, audio, atol=0.01)


def test_every_track_has_its_length_and_lasts_30_to_60_seconds(rendered):
    for plan, audio in rendered:
        assert audio.shape == (round(plan.duration_s * SR), 2)
        assert 30 <= plan.duration_s <= 60


def test_no_true_peak_passes_minus_one_decibel(rendered):
    limit = 10 ** (-1 / 20)
    for plan, audio in rendered:
        assert np.isfinite(audio).all()
        loudest = int(np.abs(audio).max(axis=1).argmax())
        around = audio[max(loudest - SR // 2, 0) : loudest + SR // 2]
        assert np.abs(signal.resample_poly(around, 4, 1, axis=0)).max() < limit, plan.style


def test_all_tracks_are_equally_loud_within_a_decibel(rendered):
    levels = [loudness_lufs(audio.T) for _, audio in rendered]
    assert max(levels) - min(levels) < 1.0
    assert np.mean(levels) == pytest.approx(-16.0, abs=0.5)


def test_no_track_has_an_offset_or_long_silence(rendered):
    for plan, audio in rendered:
        assert np.abs(audio.mean(axis=0)).max() < 1e-3, plan.style
        blocks = np.abs(audio[: len(audio) // SR * SR]).reshape(-1, SR, 2).max(axis=(1, 2))
        assert (blocks > 1e-3).mean() > 0.9, plan.style


def test_tracks_begin_and_end_without_a_click(rendered):
    for _, audio in rendered:
        assert np.abs(audio[0]).max() < 1e-3
        assert np.abs(audio[-1]).max() < 1e-3


def test_styles_are_told_apart_by_simple_features_of_another_artist(rendered):
    values = np.stack([features(audio) for _, audio in rendered])
    values = (values - values.mean(axis=0)) / values.std(axis=0)
    names = np.array([plan.style for plan, _ in rendered])
    n_right = 0
    for i, name in enumerate(names):
        others = np.arange(len(names)) != i
        centres = {s: values[others & (names == s)].mean(axis=0) for s in set(names[others])}
        n_right += min(centres, key=lambda s: np.linalg.norm(centres[s] - values[i])) == name
    assert len(set(names)) == 10
    assert n_right / len(names) >= 0.9


def test_the_pulse_of_drum_styles_agrees_with_the_tempo_or_an_octave_of_it(rendered):
    for plan, audio in rendered:
        if plan.style not in DRUM_STYLES:
            continue
        hop = SR // 100
        _, _, spectrum = signal.stft(audio.mean(axis=1), SR, nperseg=1024, noverlap=1024 - hop)
        envelope = np.maximum(np.diff(np.log1p(1e3 * np.abs(spectrum)), axis=1), 0).sum(axis=0)
        envelope -= envelope.mean()
        strength = np.correlate(envelope, envelope, "full")[len(envelope) - 1 :]
        rate = SR / hop
        lags = np.arange(round(rate * 60 / 190), round(rate * 60 / 60))
        found = 60 * rate / lags[strength[lags].argmax()]
        ratio = np.log2(found / plan.tempo_bpm)
        assert abs(ratio - round(ratio)) < 0.03, (plan.style, plan.tempo_bpm, found)


def test_the_strongest_pitch_classes_belong_to_the_scale(rendered):
    for plan, audio in rendered:
        if plan.style in {"techno", "drum and bass", "metal", "house", "rock", "trip hop"}:
            continue  # kicks that are tuned and distortion are not the harmony
        n_fft = 1 << 16
        hz, _, spectrum = signal.stft(audio.mean(axis=1), SR, nperseg=n_fft, noverlap=n_fft // 2)
        power = (np.abs(spectrum) ** 2).sum(axis=1)
        use = (hz > 110) & (hz < 1500)
        pitch_class = np.round(12 * np.log2(hz[use] / 440) + 69).astype(int) % 12
        chroma = np.bincount(pitch_class, power[use], 12)
        scale = {(plan.tonic + step) % 12 for step in MODES[plan.mode]}
        strongest = np.argsort(chroma)[::-1][:4]
        assert len(scale & set(strongest.tolist())) >= 3, (plan.style, plan.tonic, plan.mode)
        inside = sum(chroma[p] for p in scale) / chroma.sum()
        assert inside > 0.68, (plan.style, inside)


def test_a_compilation_holds_the_very_samples_of_the_recording():
    library = compose_library(SEED, 60)
    copy = library[-1]
    original = next(plan for plan in library if plan.recording == copy.recording)
    assert original.path != copy.path
    assert np.array_equal(render_track(original), render_track(copy))


def test_a_live_version_is_the_same_song_played_otherwise():
    library = compose_library(SEED, 128)
    live = next(plan for plan in library if plan.version == "live")
    studio = next(p for p in library if p.recording == f"{live.composition}/studio")
    assert (live.tempo_bpm, live.tonic, live.form) == (studio.tempo_bpm, studio.tonic, studio.form)
    one, two = render_track(live), render_track(studio)
    assert one.shape == two.shape
    assert np.corrcoef(one[:, 0], two[:, 0])[0, 1] < 0.9


@pytest.mark.parametrize("name", sorted({**INSTRUMENTS, **SYNTHESISERS}))
def test_an_instrument_sounds_the_pitch_it_is_asked_for(name: str):
    voice = {**INSTRUMENTS, **SYNTHESISERS}[name]
    pitch = 48 if "bass" in name else 69
    tone = voice(NoteRequest(pitch, 0.8, 0.8))
    assert tone.shape[0] == 2
    assert tone.dtype == np.float32
    assert np.abs(tone[:, -1]).max() < 1e-3
    spectrum = np.abs(np.fft.rfft(tone.sum(axis=0) * np.hanning(tone.shape[1])))
    strongest = spectrum.argmax() * SR / tone.shape[1]
    ratio = strongest / frequency_hz(pitch)
    nearest = max(round(ratio * 2) / 2, 0.5)  # an overtone, or the organ's octave below
    assert ratio == pytest.approx(nearest, rel=0.02)


def test_a_harmonic_tone_is_the_sum_of_its_sines():
    t = np.arange(4096) / SR
    levels = np.array([0.5, 0.25, 0.1], np.float32)
    rows = np.broadcast_to(levels, (len(period_times_s(441.0, 4096)), 3))
    tone = harmonic_tone(441.0, 4096, rows)[0]
    harmonic = np.arange(1, 4)
    phases = np.pi * harmonic**2 * 0.37
    wanted = (levels * np.sin(2 * np.pi * 441.0 * np.outer(t, harmonic) + phases)).sum(axis=1)
    np.testing.assert_allclose(tone, wanted, atol=0.01)


@pytest.mark.parametrize("drum", sorted(DRUM_PAN))
def test_a_drum_starts_at_once_and_dies_away(drum: str):
    sound = drum_sound(drum, DrumKit(), np.random.default_rng(1))
    assert np.isfinite(sound).all()
    assert 0.02 < np.abs(sound).max() < 3.0
    assert np.abs(sound[-1]) < 1e-3
    half = len(sound) // 2
    assert (sound[:half] ** 2).sum() > 3 * (sound[half:] ** 2).sum()


def test_every_style_plays_instruments_that_exist():
    for style in STYLES.values():
        for part in style.parts:
            assert set(part.instruments) <= set(INSTRUMENTS) | set(SYNTHESISERS), style.name
            assert part.role in {"chords", "bass", "melody"}
        for beat in style.beats:
            assert set(beat.hits) <= set(DRUM_PAN)
