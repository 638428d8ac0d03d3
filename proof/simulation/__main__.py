"""`python -m proof.simulation`."""

import sys

from proof.simulation.run import main

sys.exit(main())
