"""The SPARQL endpoint and its pages: untrusted queries, answered by processes that can be killed."""
