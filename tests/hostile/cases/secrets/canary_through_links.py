# status: graded then=right
import os
for make in (os.symlink, os.link):
    try:
        make("@CANARY@", "found.txt")
        print(open("found.txt").read())
    except OSError:
        pass
