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

-- Changes of stock that were committed and not told yet. Written with the change itself, while the
-- product's row is locked, so that ids of one product are in the order of its versions.
CREATE TABLE stock_change (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  product_id bigint NOT NULL,
  -- Tells a product from an earlier one of this id in another database: its time of creation in
  -- microseconds.
  epoch      bigint NOT NULL,
  stock      bigint NOT NULL,
  version    bigint NOT NULL,
  -- Whether the product is no longer there.
  deleted    boolean NOT NULL DEFAULT false,
  changed_at timestamptz NOT NULL
);

-- What a change of stock with an Idempotency-Key was and how it ended. A second one of the same key
-- that runs at the same time fails by the primary key, and is then answered from here.
CREATE TABLE stock_request (
  caller     text NOT NULL,
  key        text NOT NULL,
  product_id bigint NOT NULL,
  delta      bigint,
  target     bigint,
  outcome    text NOT NULL CHECK (outcome IN ('changed', 'insufficient', 'too-much')),
  -- After the change, or without it.
  stock      bigint NOT NULL,
  version    bigint NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (caller, key),
  CHECK (num_nonnulls(delta, target) = 1)
);
CREATE INDEX stock_request_by_age ON stock_request (created_at);
