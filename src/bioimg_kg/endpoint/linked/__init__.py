"""Every IRI of the graph leads to a page and to data about what it names."""
