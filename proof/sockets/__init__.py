"""Real sockets in bad weather: a proxy on either leg of a real gateway, and what calls make of it."""
