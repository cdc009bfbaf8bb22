# status: graded then=right
import os
here = os.getcwd()
os.makedirs("locked/inner")
os.chmod("locked", 0)
for _ in range(1200):
    os.mkdir("d")
    os.chdir("d")
os.chdir(here)
os.symlink("/", "everything")
os.mkfifo("pipe")
