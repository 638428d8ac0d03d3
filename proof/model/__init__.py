"""The rules of the turn as a model that is searched from end to end, and its agreement with the code."""
