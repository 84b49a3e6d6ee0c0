"""Custom health checks as Argo CD runs them: Lua 5.1 over one object."""
