"""TikHub: one request, one answer, each answer charged."""
