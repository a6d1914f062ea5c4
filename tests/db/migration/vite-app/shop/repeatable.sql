CREATE VIEW shop_items AS SELECT item FROM shop_orders;
