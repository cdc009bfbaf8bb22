# status: graded then=right
import glob
for name in glob.glob("/proc/[0-9]*/cmdline"):
    try:
        print(open(name, "rb").read())
    except OSError:
        pass
