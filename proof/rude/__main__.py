"""`python -m proof.rude`."""

import sys

from proof.rude.run import main

sys.exit(main())
