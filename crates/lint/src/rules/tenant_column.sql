--- bad tenant-column=tenant_id
CREATE TABLE a (id uuid PRIMARY KEY);
CREATE TABLE b (id uuid PRIMARY KEY, tenant_id uuid NOT NULL);
--- good tenant-column=tenant_id
CREATE TABLE c (tenant_id uuid, id uuid, PRIMARY KEY (tenant_id, id));
