"""A stand-in for Google Sheets v4, Drive v3 and the token endpoint, on the loopback.

Written from Google's discovery documents and published guides alone; it shares nothing with the clients it judges.
`serve.GoogleSandbox` is the door; `docs` of what is known and what is assumed stand with each function.
"""
