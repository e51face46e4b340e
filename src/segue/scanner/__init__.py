"""Reading of music folders and of the tags of their files; no database, nothing written."""
