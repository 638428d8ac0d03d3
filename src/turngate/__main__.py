"""`python -m turngate` is the `turngate` command."""

from turngate.cli import main

main()
