# status: time-limit phase=import
import select
select.select([], [], [], 1e6)
