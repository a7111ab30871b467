"""What every answer shares: formats, packing, names, limits of clients, records of what happened."""
