# status: import-error
print('</style></pre></code><style>*{display:none}')
raise RuntimeError('</style></pre></code><style>*{display:none}')
