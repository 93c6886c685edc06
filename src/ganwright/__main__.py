"""`python -m ganwright` is the program `ganwright`."""

from ganwright.cli import main

main()
