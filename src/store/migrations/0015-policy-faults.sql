-- What of the policy itself needed a look after the scan: a JSON object of rules about entries and how many each is told of.
-- Null = nobody looked, as before this version, or there was no policy.
ALTER TABLE scan ADD COLUMN policy_faults TEXT;
