# status: import-error
print('\u202egnp.exe\u2066')
raise RuntimeError('\u202egnp.exe\u2066')
