"""The code with one thing changed at a time, to see whether the tests notice."""
