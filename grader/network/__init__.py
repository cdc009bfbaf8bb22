"""Networks as data: the graph, how it is made canonical, compared, measured and rebuilt."""
