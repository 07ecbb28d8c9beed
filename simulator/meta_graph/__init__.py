"""Meta's Graph API: business discovery, seen from the account of the demo login."""
