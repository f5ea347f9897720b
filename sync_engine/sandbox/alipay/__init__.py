"""The Alipay side of the sandbox: an account with the truth of every fen, its bills as files, and their download."""
