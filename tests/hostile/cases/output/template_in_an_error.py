# status: import-error
print('{{ 7*7 }}{% for x in y %}')
raise RuntimeError('{{ 7*7 }}{% for x in y %}')
