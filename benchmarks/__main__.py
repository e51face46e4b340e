"""Run one benchmark by its id, or a group: ``python -m benchmarks S4``, ``... speed``.

Options after the id go to the benchmark: ``python -m benchmarks S4 --work /tmp/kept``. Figures are
JSON lines on standard output, progress goes to standard error. One runs at a time.
"""

import subprocess
import sys

from benchmarks.lines import SKIPPED, progress

GROUPS: dict[str, dict[str, str]] = {
    "quality": {
        "Q1": "q1_hetrec",
        "Q2": "q2_lightgcn_lastfm",
        "Q3": "q3_s3rec",
        "Q4": "q4_peers",
        "Q5": "q5_cold",
        "Q6": "q6_planted",
        "Q7": "q7_moods_words",
        "Q8": "q8_tempo_key",
        "Q9": "q9_sound",
        "LISTS": "lists",
        "HOUSEHOLDS": "households",
        "Q-MATCH": "matching",
        "VERSIONS": "versions",
        "EARS-MUTATED": "ears_mutated",
        "ALIKE": "alike",
        "Q-SPARSE": "sparse_linear",
        "F21": "quiz",
        "RADIO": "radio_simulated",
        "RANKER": "ranker_amount",
        "F29": "ratings_surprise",
        "MODELS": "models",
    },
    "speed": {
        "S1": "s1_als",
        "S2": "s2_item_item",
        "S3": "s3_ease",
        "S4": "s4_list",
        "S5": "s5_list_http",
        "S6": "s6_like",
        "S7": "s7_audio",
        "S8": "s8_scan",
        "S9": "s9_events",
        "S9-SOURCES": "s9_sources",
        "S9-HISTORY": "s9_history",
        "S9-EXPORT": "s9_export",
        "S10": "s10_index",
        "S11": "s11_server",
        "S12": "s12_first_run",
        "PAGES": "pages",
        "MAP": "map_frames",
    },
    "scale": {},
}


def main(argv: list[str]) -> int:
    """Exit status: 0, or that of the first benchmark that failed; absent data is no failure."""
    name, options = (argv[0], argv[1:]) if argv else ("", [])
    modules = {
        id_: f"{group}.{file}" for group, files in GROUPS.items() for id_, file in files.items()
    }
    if name.lower() in GROUPS:
        ids = list(GROUPS[name.lower()])
    elif name.upper() in modules:
        ids = [name.upper()]
    else:
        progress(f"no benchmark {name!r}; ids: {', '.join(modules)}; groups: {', '.join(GROUPS)}")
        return 2
    if not ids:
        progress(f"group {name!r} has no benchmark yet")
    status = 0
    for id_ in ids:
        progress(f"== {id_}")
        # a process each: what one loads or leaves in memory is not counted in the next
        command = [sys.executable, "-m", f"benchmarks.{modules[id_]}", *options]
        code = subprocess.run(command, check=False).returncode
        if code not in (0, SKIPPED):
            progress(f"{id_} failed with status {code}")
            status = status or code
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
