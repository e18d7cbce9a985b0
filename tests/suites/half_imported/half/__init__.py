"""Is ready only where somebody has made it so; its submodule is always."""

import half.sub
import switches

if not switches.READY:
    raise RuntimeError("not ready")
