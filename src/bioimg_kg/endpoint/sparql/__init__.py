"""SPARQL: its protocol, and queries read, guarded and written anew before the engine sees them."""
