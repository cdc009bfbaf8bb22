# status: graded then=right
import os
for place in ("@SCRATCH@/planted", "@REPOSITORY@/planted", "/etc/planted", "/usr/lib/planted", "/planted", "@CANARY@"):
    try:
        with open(place, "a") as file:
            file.write("planted")
    except OSError:
        pass
