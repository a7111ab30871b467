"""SERVICE: other endpoints are asked by the service itself, and their answers are put into the query."""
