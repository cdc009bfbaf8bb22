# status: disk-limit process=time-limit
number = 0
while True:
    with open(f"large{number % 500}", "wb") as file:
        file.write(bytes(8 << 20))
    number += 1
