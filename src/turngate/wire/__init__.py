"""What is said: both protocols as typed messages, decoded once at the edge.

`agent` is what clients of the agent front speak, `realtime` is what the upstream speaks, `codec`
turns bytes into either and back. Nothing here knows what a message leads to.
"""
