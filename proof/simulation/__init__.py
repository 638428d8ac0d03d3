"""A world in one process: real gateway code, an emulated upstream, callers, a network, and a clock.

Nothing here waits and nothing connects. Time jumps to whatever is due next, and every delay, fault
and word comes from one seed, so a world that went wrong goes wrong again.
"""
