# status: output-limit
import os
for _ in range(4):
    if os.fork() == 0:
        while True:
            print("x" * 1000)
while True:
    pass
