# status: time-limit
import os
while True:
    try:
        os.fork()
    except BaseException:
        pass
