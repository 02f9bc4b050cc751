CREATE TABLE "attribute_definitions" (
	"tenant" text NOT NULL,
	"profile_type" text NOT NULL,
	"name" text NOT NULL,
	"type" text NOT NULL,
	"importable" boolean NOT NULL,
	CONSTRAINT "attribute_definitions_tenant_profile_type_name_pk" PRIMARY KEY("tenant","profile_type","name")
);
--> statement-breakpoint
CREATE TABLE "deliveries" (
	"tenant" text NOT NULL,
	"job_id" uuid NOT NULL,
	"ordinal" smallint NOT NULL,
	"destination_id" text NOT NULL,
	"adapter" text NOT NULL,
	"state" text NOT NULL,
	"counts" integer[] NOT NULL,
	"batches_total" integer NOT NULL,
	"batches_done" integer DEFAULT 0 NOT NULL,
	"vendor_request_ids" text[] DEFAULT '{}'::text[] NOT NULL,
	"next_attempt_at" timestamp with time zone,
	"last_error" text,
	"started_at" timestamp with time zone,
	"progressed_at" timestamp with time zone DEFAULT now() NOT NULL,
	"finished_at" timestamp with time zone,
	CONSTRAINT "deliveries_tenant_job_id_ordinal_pk" PRIMARY KEY("tenant","job_id","ordinal")
);
--> statement-breakpoint
CREATE TABLE "extension_types" (
	"tenant" text NOT NULL,
	"channel" text NOT NULL,
	"name" text NOT NULL,
	CONSTRAINT "extension_types_tenant_channel_name_pk" PRIMARY KEY("tenant","channel","name")
);
--> statement-breakpoint
CREATE TABLE "extensions" (
	"tenant" text NOT NULL,
	"id" uuid NOT NULL,
	"profile_id" uuid NOT NULL,
	"channel" text NOT NULL,
	"address" text NOT NULL,
	"provider" text,
	"resource_id" integer,
	"name" text,
	"permission" boolean,
	"status" text,
	"priority" integer,
	"categories" text[] DEFAULT '{}'::text[] NOT NULL,
	"custom_fields" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "extensions_tenant_id_pk" PRIMARY KEY("tenant","id"),
	CONSTRAINT "extensions_identity" UNIQUE NULLS NOT DISTINCT("tenant","profile_id","channel","address","resource_id","provider")
);
--> statement-breakpoint
CREATE TABLE "job_chunks" (
	"tenant" text NOT NULL,
	"job_id" uuid NOT NULL,
	"chunk" integer NOT NULL,
	"size" integer NOT NULL,
	"keys" text,
	"client_refs" text,
	"records" text NOT NULL,
	CONSTRAINT "job_chunks_tenant_job_id_chunk_pk" PRIMARY KEY("tenant","job_id","chunk")
);
--> statement-breakpoint
CREATE TABLE "jobs" (
	"tenant" text NOT NULL,
	"id" uuid NOT NULL,
	"kind" text NOT NULL,
	"state" text NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"operation" text NOT NULL,
	"options" jsonb NOT NULL,
	"total" integer NOT NULL,
	"staged" integer NOT NULL,
	"idempotency_key" text,
	"fingerprint" text,
	"parent_id" uuid,
	"watched_until" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"started_at" timestamp with time zone,
	"progressed_at" timestamp with time zone,
	"finished_at" timestamp with time zone,
	CONSTRAINT "jobs_tenant_id_pk" PRIMARY KEY("tenant","id")
);
--> statement-breakpoint
CREATE TABLE "link_definitions" (
	"tenant" text NOT NULL,
	"profile_type" text NOT NULL,
	"attribute" text NOT NULL,
	"target_type" text NOT NULL,
	CONSTRAINT "link_definitions_tenant_profile_type_attribute_pk" PRIMARY KEY("tenant","profile_type","attribute")
);
--> statement-breakpoint
CREATE TABLE "links" (
	"tenant" text NOT NULL,
	"profile_id" uuid NOT NULL,
	"attribute" text NOT NULL,
	"target_type" text NOT NULL,
	"target_key" text NOT NULL,
	CONSTRAINT "links_tenant_profile_id_attribute_pk" PRIMARY KEY("tenant","profile_id","attribute")
);
--> statement-breakpoint
CREATE TABLE "profile_types" (
	"tenant" text NOT NULL,
	"name" text NOT NULL,
	CONSTRAINT "profile_types_tenant_name_pk" PRIMARY KEY("tenant","name")
);
--> statement-breakpoint
CREATE TABLE "profiles" (
	"tenant" text NOT NULL,
	"id" uuid NOT NULL,
	"type" text NOT NULL,
	"key" text,
	"email" text,
	"email_permission" boolean,
	"email_status" text,
	"phone" text,
	"phone_permission" boolean,
	"phone_status" text,
	"status" text DEFAULT 'ACTIVE' NOT NULL,
	"first_name" text,
	"last_name" text,
	"gender" text,
	"birth_date" date,
	"subscription_date" date,
	"attributes" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "profiles_tenant_id_pk" PRIMARY KEY("tenant","id")
);
--> statement-breakpoint
CREATE TABLE "result_chunks" (
	"tenant" text NOT NULL,
	"job_id" uuid NOT NULL,
	"chunk" integer NOT NULL,
	"ordinal" smallint NOT NULL,
	"outcomes" "bytea" NOT NULL,
	"counts" integer[] NOT NULL,
	"profile_ids" text,
	"details" jsonb,
	CONSTRAINT "result_chunks_tenant_job_id_chunk_ordinal_pk" PRIMARY KEY("tenant","job_id","chunk","ordinal")
);
--> statement-breakpoint
CREATE INDEX "deliveries_claim" ON "deliveries" USING btree ("progressed_at") WHERE "deliveries"."state" in ('QUEUED', 'RUNNING', 'WAITING');--> statement-breakpoint
CREATE INDEX "extensions_address" ON "extensions" USING btree ("tenant","channel","address");--> statement-breakpoint
CREATE INDEX "extensions_custom_fields" ON "extensions" USING gin ("custom_fields" jsonb_path_ops) WITH (fastupdate=false) WHERE "extensions"."custom_fields" <> '{}'::jsonb;--> statement-breakpoint
CREATE UNIQUE INDEX "jobs_idempotency" ON "jobs" USING btree ("tenant","operation","idempotency_key") WHERE "jobs"."idempotency_key" is not null;--> statement-breakpoint
CREATE INDEX "jobs_state" ON "jobs" USING btree ("tenant","state","id") WHERE "jobs"."state" <> 'SUCCEEDED';--> statement-breakpoint
CREATE INDEX "links_target" ON "links" USING btree ("tenant","target_type","target_key");--> statement-breakpoint
CREATE UNIQUE INDEX "profiles_key" ON "profiles" USING btree ("tenant","type","key");--> statement-breakpoint
CREATE INDEX "profiles_type" ON "profiles" USING btree ("tenant","type","id");--> statement-breakpoint
CREATE INDEX "profiles_email" ON "profiles" USING btree ("tenant","type","email") WHERE "profiles"."email" is not null;--> statement-breakpoint
CREATE INDEX "profiles_phone" ON "profiles" USING btree ("tenant","type","phone") WHERE "profiles"."phone" is not null;--> statement-breakpoint
CREATE INDEX "profiles_attributes" ON "profiles" USING gin ("attributes" jsonb_path_ops) WITH (fastupdate=false) WHERE "profiles"."attributes" <> '{}'::jsonb;