"""The processes that evaluate queries, and what the service knows of them."""
