"""What harvesters read: catalogue, FAIR Data Point, links, downloads."""
