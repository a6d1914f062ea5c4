-- the first
CREATE TABLE shop_orders (id INTEGER PRIMARY KEY, item TEXT NOT NULL DEFAULT 'tea; green');
