"""Makes and extends a repository."""
