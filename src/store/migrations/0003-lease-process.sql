-- Which process holds a lease: the system gives its number again, its start only once. NULL where the system does not tell.
ALTER TABLE lease ADD COLUMN process_start TEXT;
