# status: import-error
print('" onmouseover="alert(1)" x=\'')
raise RuntimeError('" onmouseover="alert(1)" x=\'')
