# status: graded then=right
import glob
for name in glob.glob("/proc/[0-9]*/environ"):
    try:
        print(open(name, "rb").read())
    except OSError:
        pass
