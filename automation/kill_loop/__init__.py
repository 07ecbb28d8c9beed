"""``manage.py chaos actions``: a site of its own is killed, paused and restarted while it acts on the simulator."""
