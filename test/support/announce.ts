/** Says once, before the first test, which store the database suites run on. */
export default function announce(): void {
  console.log(
    process.env['DATABASE_URL']
      ? 'Database suites run on PostgreSQL (DATABASE_URL)'
      : 'Database suites run on the embedded PGlite; PostgreSQL was left out (set DATABASE_URL to run them there)',
  )
}
