# status: graded then=right
import os
for pid in (os.getppid(), @GRADER@, @VICTIM@):
    try:
        maps = [line.split() for line in open(f"/proc/{pid}/maps")]
        memory = open(f"/proc/{pid}/mem", "rb", 0)
        for words in maps:
            if "rw" in words[1]:
                first, last = (int(one, 16) for one in words[0].split("-"))
                memory.seek(first)
                if b"canary" in memory.read(min(last - first, 1 << 20)):
                    print("BREACH")
    except (OSError, ValueError):
        pass
