"""How it is said: pure translation between the protocols and the core's neutral words.

`agent` and `realtime` know one peer each; `settings` is the table from an agent's `Settings` to the
upstream's session. Each message type stands in a `READS` table or, with its reason, in `IGNORED`;
the message maps in the reference are made from these tables.
"""
