# status: disk-limit
open("large", "wb").truncate(1 << 40)
