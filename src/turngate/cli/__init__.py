"""The `turngate` command: thin, one file a subcommand.

Exit codes: 0 done, or stopped as asked (serve, emulate); 1 something outside is wrong (upstream,
network, port); 2 what was asked for is wrong (option, configuration); 130 interrupted by Ctrl-C,
which for serve and emulate means before they were ready.
"""

import sys

INTERRUPTED = 130
"""What shells show for a program that Ctrl-C ended."""


def main() -> None:
    """Run the command that the process was started with."""
    try:
        # The imports take most of the start, and Ctrl-C may come while they run.
        from turngate.cli.commands import call  # noqa: PLC0415 - see above

        sys.exit(call(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
