"""`python -m segue` and the `segue` command."""

import sys


def main() -> None:
    """Run the command line."""
    from segue.cli.main import run

    sys.exit(run())


if __name__ == "__main__":
    main()
