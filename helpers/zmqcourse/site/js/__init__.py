"""The script of the site, in small files that are joined into one module."""
