"""The command line's commands; each module is imported when one of its commands is called."""
