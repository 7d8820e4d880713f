-- Whoever changes a product drops what caches have of it. If it dies before that, whoever tells of
-- the change does, and so has to know of every change, and whether it made it itself.

ALTER TABLE stock_change ADD COLUMN writer uuid;
-- Null when something else than the stock was changed: caches forget the product, nobody is told.
ALTER TABLE stock_change ALTER COLUMN stock DROP NOT NULL;
