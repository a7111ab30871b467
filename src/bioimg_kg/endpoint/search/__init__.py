"""Search: names and conditions, as JSON and as a page."""
