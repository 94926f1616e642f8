"""In what two networks differ in meaning, whatever their files look like.

meaning     one operation -> what it does, however it was written
align       two graphs -> which operation corresponds to which
compare     the pairs -> changes, those of a kind gathered
report      the changes and the facts of both networks, as text and as JSON
"""
