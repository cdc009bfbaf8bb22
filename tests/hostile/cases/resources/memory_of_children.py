# status: memory-limit unpromised=bubblewrap then=right
import os
for _ in range(12):
    if os.fork() == 0:
        kept = bytearray(os.urandom(1 << 20)) * 400
        while True:
            pass
import time
stop = time.monotonic() + 3
while time.monotonic() < stop:
    pass
