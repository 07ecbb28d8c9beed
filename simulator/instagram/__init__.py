"""Instagram: the private mobile API, the public web, and the picture hosts."""
