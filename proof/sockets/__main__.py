"""`python -m proof.sockets`."""

import sys

from proof.sockets.run import main

sys.exit(main())
