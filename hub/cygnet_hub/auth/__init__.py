"""Logins: by a link, or by an OpenID provider."""
