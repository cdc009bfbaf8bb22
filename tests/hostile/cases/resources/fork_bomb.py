# status: process-limit
import os, select
while True:
    if os.fork() == 0:
        select.select([], [], [], 1e6)
