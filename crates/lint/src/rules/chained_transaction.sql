--- bad
COMMIT AND CHAIN;
--- fixed
COMMIT;
BEGIN;
--- good
COMMIT;
BEGIN;
