-- What is for sale, how much of it is there, and whom to tell of changes.

CREATE TABLE category (
  -- 'all' stands for all categories.
  slug       text PRIMARY KEY
    CHECK (slug ~ '^[a-z0-9](-?[a-z0-9])*$' AND length(slug) <= 64 AND slug <> 'all'),
  name       text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE product (
  id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name        text NOT NULL,
  description text NOT NULL DEFAULT '',
  price_cents bigint NOT NULL CHECK (price_cents >= 0),
  currency    text NOT NULL,
  category    text NOT NULL REFERENCES category (slug),
  stock       bigint NOT NULL DEFAULT 0 CHECK (stock >= 0),
  -- Raised by every change, of the stock too; what is told of a product is told in this order.
  version     bigint NOT NULL DEFAULT 1,
  created_at  timestamptz NOT NULL DEFAULT now(),
  updated_at  timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX product_by_category ON product (category, id);
CREATE INDEX product_by_change ON product (updated_at);

-- Changes of stock that were committed and not told yet. Written with the change itself; while a
-- product's row is locked, so that ids of one product are in the order of its versions.
CREATE TABLE stock_change (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  product_id bigint NOT NULL,
  -- Tells a product from an earlier one of this id in another database: its time of creation in
  -- microseconds.
  epoch      bigint NOT NULL,
  stock      bigint NOT NULL,
  version    bigint NOT NULL,
  changed_at timestamptz NOT NULL
);

-- What a change of stock with an Idempotency-Key was answered.
CREATE TABLE stock_request (
  caller     text NOT NULL,
  key        text NOT NULL,
  -- SHA-256 of what was asked.
  request    bytea NOT NULL,
  product_id bigint NOT NULL,
  stock      bigint NOT NULL,
  version    bigint NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (caller, key)
);
CREATE INDEX stock_request_by_age ON stock_request (created_at);
