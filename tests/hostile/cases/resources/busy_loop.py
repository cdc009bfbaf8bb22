# status: time-limit phase=import
while True:
    pass
