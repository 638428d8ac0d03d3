"""`python -m proof.fuzz`."""

import sys

from proof.fuzz.run import main

sys.exit(main())
