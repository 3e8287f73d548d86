"""Pure numerics: no database, no screen, no language."""
