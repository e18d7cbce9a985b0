import switches

switches.READY = True
