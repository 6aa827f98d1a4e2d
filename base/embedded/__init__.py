"""PostgreSQL, Redis and the product's own programs as child processes of one launcher, for this machine only."""
