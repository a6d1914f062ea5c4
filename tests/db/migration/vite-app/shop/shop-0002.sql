-- requires: shop-0001
ALTER TABLE shop_orders ADD COLUMN price INTEGER;
