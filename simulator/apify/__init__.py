"""Apify: actors that are paid for, runs that take their time, datasets that are read page by page."""
