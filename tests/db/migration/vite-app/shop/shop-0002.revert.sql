ALTER TABLE shop_orders DROP COLUMN price;
