# status: graded then=right
import glob
for name in glob.glob("@SCRATCH@/*/*") + glob.glob("@SCRATCH@/*/job/submission/*") + glob.glob("/tmp/grade-*/job/*"):
    if "/job/" in name and not name.startswith(__file__.rpartition("/submission")[0]):
        try:
            print("BREACH", name, open(name).read()[:100])
        except OSError:
            pass
