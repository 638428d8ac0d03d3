"""Nothing stays behind: thousands of calls with random faults, and what is left after them."""
