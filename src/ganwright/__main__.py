"""The program `ganwright`, also as `python -m ganwright`: takes care of Ctrl-C before anything else is imported."""

from ganwright.core import interruption


def main() -> None:
    """Runs the program."""
    handler = interruption.install()
    try:
        from ganwright.cli import main as run

        run()
    except KeyboardInterrupt:  # while an earlier one was answered
        interruption.leave()
    finally:
        handler.raised = True  # while the interpreter ends


if __name__ == "__main__":
    main()
