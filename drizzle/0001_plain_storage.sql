-- Large texts that are written once and soon dropped: compressing a batch's records costs more than writing them.
ALTER TABLE "job_chunks" ALTER COLUMN "records" SET STORAGE EXTERNAL, ALTER COLUMN "keys" SET STORAGE EXTERNAL, ALTER COLUMN "client_refs" SET STORAGE EXTERNAL;--> statement-breakpoint
ALTER TABLE "result_chunks" ALTER COLUMN "profile_ids" SET STORAGE EXTERNAL, ALTER COLUMN "outcomes" SET STORAGE EXTERNAL;
