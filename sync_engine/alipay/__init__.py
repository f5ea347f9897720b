"""Alipay bills: reading and proving files, classifying rows, downloading."""
