"""What turngate claims, and the means to refute it. `make proof` runs all of it."""
