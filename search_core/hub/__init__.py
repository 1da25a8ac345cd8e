"""An index on the Hub: one machine embeds and pushes, another pulls and serves without embedding again.

A repository of the kind *data set* holds one generation of an index directory, file by file, and a card. Everything
goes through the Hub's official client; the token comes from HF_TOKEN or the client's own login.

    push, pull    the two ways
    layout        which files an index has in a repository
    card          what it holds, in words, for people who find it
    repository    the client, and its errors in clear words
"""
