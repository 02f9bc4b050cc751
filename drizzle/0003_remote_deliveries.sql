CREATE TABLE "batches" (
	"tenant" text NOT NULL,
	"job_id" uuid NOT NULL,
	"ordinal" smallint NOT NULL,
	"batch" integer NOT NULL,
	"lane" text NOT NULL,
	"wave" integer NOT NULL,
	"state" text DEFAULT 'READY' NOT NULL,
	"first_index" integer NOT NULL,
	"indexes" integer[] NOT NULL,
	"carriers" integer[],
	"value_hashes" integer[],
	"repeatable" boolean NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"uncertain" boolean DEFAULT false NOT NULL,
	"ticket" jsonb,
	"poll_until" timestamp with time zone,
	"lease_id" uuid,
	"lease_until" timestamp with time zone,
	"next_attempt_at" timestamp with time zone,
	"split_of" integer,
	"extra_calls_left" integer,
	CONSTRAINT "batches_tenant_job_id_ordinal_batch_pk" PRIMARY KEY("tenant","job_id","ordinal","batch")
);
--> statement-breakpoint
CREATE TABLE "lanes" (
	"lane" text PRIMARY KEY NOT NULL,
	"next_call_at" timestamp with time zone DEFAULT '-infinity' NOT NULL,
	"back_off_until" timestamp with time zone DEFAULT '-infinity' NOT NULL,
	"faults" integer DEFAULT 0 NOT NULL
);
--> statement-breakpoint
DROP INDEX "deliveries_claim";--> statement-breakpoint
ALTER TABLE "deliveries" ADD COLUMN "lane" text;--> statement-breakpoint
ALTER TABLE "deliveries" ADD COLUMN "min_interval_ms" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "deliveries" ADD COLUMN "give_up_at" timestamp with time zone;--> statement-breakpoint
CREATE INDEX "batches_open" ON "batches" USING btree ("tenant","job_id","ordinal","wave","first_index") WHERE "batches"."state" <> 'DONE';--> statement-breakpoint
CREATE INDEX "batches_busy" ON "batches" USING btree ("lane","lease_until") WHERE "batches"."state" in ('CALLING', 'POLLING');--> statement-breakpoint
CREATE INDEX "batches_due" ON "batches" USING btree ("lane","next_attempt_at") WHERE "batches"."state" in ('READY', 'POLLING') and "batches"."next_attempt_at" is not null;--> statement-breakpoint
CREATE INDEX "deliveries_lane" ON "deliveries" USING btree ("lane","progressed_at") WHERE "deliveries"."state" in ('QUEUED', 'RUNNING', 'WAITING') and "deliveries"."lane" is not null;--> statement-breakpoint
CREATE INDEX "deliveries_claim" ON "deliveries" USING btree ("progressed_at") WHERE "deliveries"."state" in ('QUEUED', 'RUNNING', 'WAITING') and "deliveries"."lane" is null;