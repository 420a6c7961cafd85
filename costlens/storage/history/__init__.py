"""What was counted and measured, kept in a database: its tables, how it is opened, written, read and migrated."""
