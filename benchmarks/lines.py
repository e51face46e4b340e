"""One JSON line per figure on standard output; everything else goes to standard error.

The fields are those of the table of targets: ``id``, ``metric``, ``value``, ``unit``, ``target``,
``met``, ``data``, ``n``; and where a peer ran in the same call ``peer``, ``peer_value``, ``ratio``.
``reference`` is a known value of something that did not run here.
"""

import json
import sys
from pathlib import Path
from typing import Literal

from segue.log import configure_logging

SKIPPED = 3  # exit status when the data of a benchmark is absent
DATA_FOLDER = Path(__file__).parents[1].parent / "shared" / "data"

Better = Literal["higher", "lower"]

configure_logging("warning")  # to standard error, so that only figures are on standard output


def figure(
    id_: str,
    metric: str,
    value: float,
    unit: str,
    *,
    data: str,
    n: int,
    target: float | None = None,
    better: Better = "higher",
    peer: str | None = None,
    peer_value: float | None = None,
    reference: float | None = None,
    interval: tuple[float, float] | None = None,
    judged: float | None = None,
) -> dict[str, object]:
    """Print one figure and return it.

    Args:
        id_: Row of the table of targets, such as "Q2".
        metric: What was measured, with the model where there are several.
        value: The figure.
        unit: Such as "share", "s", "ms", "1/s", "MB".
        data: What it was measured on.
        n: How many listeners, requests or repetitions stand behind it.
        target: What it has to reach; None where there is no target, then ``met`` is None too.
        better: Whether a target is reached from below or from above.
        peer: What else ran in the same call.
        peer_value: Its figure, in the same unit.
        reference: A value known from elsewhere, not measured in this call.
        interval: Bounds of its 95 % interval.
        judged: What has to reach the target; the value when None, else such as its lower bound.
    """
    compared = value if judged is None else judged
    reached = None if target is None else bool(compared >= target)
    if target is not None and better == "lower":
        reached = bool(compared <= target)
    line: dict[str, object] = {
        "id": id_, "metric": metric, "value": round(float(value), 6), "unit": unit,
        "target": target, "met": reached, "data": data, "n": n,
    }  # fmt: skip
    if peer is not None and peer_value is not None:
        ratio = round(value / peer_value, 4) if peer_value else None
        line |= {"peer": peer, "peer_value": round(float(peer_value), 6), "ratio": ratio}
    if interval is not None:
        line["interval"] = [round(float(bound), 6) for bound in interval]
    if reference is not None:
        line["reference"] = reference
    print(json.dumps(line), flush=True)
    return line


def progress(message: str) -> None:
    """Say something to whoever watches, on standard error."""
    print(message, file=sys.stderr, flush=True)


def skip_unless(folder: Path) -> None:
    """End with status ``SKIPPED`` and say why, unless the folder is there."""
    if not folder.is_dir():
        progress(f"skipped: no data in {folder}; give its parent with --data")
        raise SystemExit(SKIPPED)
