# status: time-limit self=process-limit
import os
while True:
    try:
        os.fork()
    except BaseException:
        pass
