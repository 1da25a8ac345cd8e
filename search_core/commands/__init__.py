"""The commands of the search core, one file a group; `search_core.cli` adds them to the program."""
