"""The notebook server's side of sharing: folders of the user that follow shares."""
