-- title: Who would be hit if a vendor were breached
-- question: Who holds access that this vendor's products have, with which permissions, and when was it used last?
-- names: holders
-- param vendor text: the vendor, as products are called: the part before the slash in `openai/chatgpt`
-- column grant_id: id for `noctule show`
-- column holder: who holds it
-- column standing: whether the holder may still be here
-- column product: as the catalog knows it
-- column kind: grant, key, seat …
-- column app_name: what the app calls itself
-- column connector: of which connector
-- column account: in which account
-- column permissions: as the provider names them
-- column last_used_at: when it was used last, where a provider tells
-- column state: present, or unverified where it could not be read
SELECT grant_id, holder, standing, product, kind, app_name, connector, account, permissions, last_used_at, state
FROM grants
WHERE tenant = :tenant AND stands = 1 AND product >= :vendor || '/' AND product < :vendor || '0' AND state <> 'gone'
-- Within a product app by app, as they lie: sorted by holder, the first row would have to wait for the last one of its product.
ORDER BY product
