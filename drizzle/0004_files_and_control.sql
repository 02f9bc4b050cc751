CREATE TABLE "signing_keys" (
	"id" uuid PRIMARY KEY NOT NULL,
	"key" "bytea" NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "upload_parts" (
	"tenant" text NOT NULL,
	"upload_id" uuid NOT NULL,
	"part" integer NOT NULL,
	"size" integer NOT NULL,
	"first_line" integer NOT NULL,
	"lines" integer[],
	"content" text NOT NULL,
	"malformed" jsonb,
	CONSTRAINT "upload_parts_tenant_upload_id_part_pk" PRIMARY KEY("tenant","upload_id","part")
);
--> statement-breakpoint
CREATE TABLE "uploads" (
	"tenant" text NOT NULL,
	"id" uuid NOT NULL,
	"state" text DEFAULT 'RECEIVING' NOT NULL,
	"format" text NOT NULL,
	"bytes" bigint DEFAULT 0 NOT NULL,
	"records" integer DEFAULT 0 NOT NULL,
	"parts" integer DEFAULT 0 NOT NULL,
	"header" jsonb,
	"content_hash" text,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	CONSTRAINT "uploads_tenant_id_pk" PRIMARY KEY("tenant","id")
);
--> statement-breakpoint
DROP INDEX "deliveries_claim";--> statement-breakpoint
DROP INDEX "deliveries_lane";--> statement-breakpoint
ALTER TABLE "deliveries" ADD COLUMN "staging" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "job_chunks" ADD COLUMN "lines" integer[];--> statement-breakpoint
ALTER TABLE "job_chunks" ADD COLUMN "first_line" integer;--> statement-breakpoint
ALTER TABLE "job_chunks" ADD COLUMN "source_indexes" integer[];--> statement-breakpoint
ALTER TABLE "jobs" ADD COLUMN "source" jsonb;--> statement-breakpoint
ALTER TABLE "jobs" ADD COLUMN "removed_at" timestamp with time zone;--> statement-breakpoint
CREATE INDEX "uploads_expiry" ON "uploads" USING btree ("expires_at");--> statement-breakpoint
CREATE INDEX "deliveries_staging" ON "deliveries" USING btree ("progressed_at") WHERE "deliveries"."staging" and "deliveries"."ordinal" = 0 and "deliveries"."state" = 'QUEUED';--> statement-breakpoint
CREATE INDEX "jobs_kept" ON "jobs" USING btree ("finished_at") WHERE "jobs"."finished_at" is not null and "jobs"."removed_at" is null;--> statement-breakpoint
CREATE INDEX "deliveries_claim" ON "deliveries" USING btree ("progressed_at") WHERE "deliveries"."state" in ('QUEUED', 'RUNNING', 'WAITING') and "deliveries"."lane" is null and not "deliveries"."staging";--> statement-breakpoint
CREATE INDEX "deliveries_lane" ON "deliveries" USING btree ("lane","progressed_at") WHERE "deliveries"."state" in ('QUEUED', 'RUNNING', 'WAITING', 'PAUSED', 'CANCELLING') and "deliveries"."lane" is not null and not "deliveries"."staging";--> statement-breakpoint
-- Parts are written once and read once or twice: compressing them costs more than it saves.
ALTER TABLE "upload_parts" ALTER COLUMN "content" SET STORAGE EXTERNAL;
