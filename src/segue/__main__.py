"""`python -m segue` and the `segue` command."""

import gc
import sys


def main() -> None:
    """Run the command line."""
    gc.disable()  # nothing that imports make is garbage, and to look for it is a tenth of a start
    from segue.cli.main import run

    gc.enable()
    sys.exit(run())


if __name__ == "__main__":
    main()
