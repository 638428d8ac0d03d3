"""`python -m proof.leaks`."""

import sys

from proof.leaks.run import main

sys.exit(main())
