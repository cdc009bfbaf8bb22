# status: disk-limit bubblewrap=time-limit process=time-limit
number = 0
while True:
    open(f"file{number}", "wb").close()
    number += 1
