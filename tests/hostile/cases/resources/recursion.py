# status: import-error
def deeper():
    return deeper()
deeper()
