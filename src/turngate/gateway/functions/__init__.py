"""Where functions run: in this process, at an HTTP endpoint, on an MCP server.

`catalogue` is what the operator offers to every session, `desk` what one call makes of it.
"""
