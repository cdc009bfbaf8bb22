"""Many submissions: found, queued, graded by workers, kept in a ledger that no interruption can harm.

    arrivals -> queue -> workers (grade, cache of learning runs) -> gradings/<key>/ -> ledger.sqlite -> rolls -> report/

Everything that is written under the output folder is written whole or not at all, under names that no student chose:

    ledger.sqlite            who handed in what, which grading is whose, what a person decided
    gradings/<key>/          grade.json (result and page) and evidence.json.gz (what checks see), one for each content
    reports/<number>.html    each student's page, and .json, with the student's own name
    learning/                learning runs by network: a network that was trained once is not trained again
    overview.html grades.csv grades.json
"""
