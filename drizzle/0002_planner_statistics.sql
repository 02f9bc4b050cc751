-- A tenant or a type says next to nothing about how many rows are meant: one tenant may hold them all. Told that these columns have
-- one value, the planner looks rows up by what really tells them apart, for a tenant that it has never seen too.
ALTER TABLE "profiles" ALTER COLUMN "tenant" SET (n_distinct = 1), ALTER COLUMN "type" SET (n_distinct = 1);--> statement-breakpoint
ALTER TABLE "extensions" ALTER COLUMN "tenant" SET (n_distinct = 1), ALTER COLUMN "channel" SET (n_distinct = 1);--> statement-breakpoint
ALTER TABLE "links" ALTER COLUMN "tenant" SET (n_distinct = 1), ALTER COLUMN "attribute" SET (n_distinct = 1), ALTER COLUMN "target_type" SET (n_distinct = 1);
