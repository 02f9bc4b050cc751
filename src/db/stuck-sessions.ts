import type { Database } from './database.ts'

/** A statement is sent in one go: a session that has waited so long for the rest of one has lost its process. */
const patience = '15 seconds'

/**
 * Ends sessions of gateways on this database whose process was lost while it sent a statement: a dead host, a torn network, a frozen
 * process. The server waits for the rest without end (neither idle_in_transaction_session_timeout nor statement_timeout counts there), and
 * the rows and locks of the batch stay held. A process that dies closes its connection and needs none of this. Answers how many were ended.
 */
export async function endStuckSessions(database: Database): Promise<number> {
  if (database.kind !== 'postgres') return 0
  const ended = await database.query(
    `select pg_terminate_backend(pid) from pg_stat_activity
     where application_name = 'contact-gateway' and datname = current_database() and usename = current_user
       and state = 'active' and wait_event = 'ClientRead' and state_change < now() - interval '${patience}'
       and pid <> pg_backend_pid()`,
  )
  return ended.length
}
