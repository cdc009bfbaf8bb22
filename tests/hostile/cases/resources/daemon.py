# status: graded then=right
import os, select
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.environ.clear()
        select.select([], [], [], 1e6)
    os._exit(0)
