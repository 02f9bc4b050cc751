/** Nothing was imported, for a reason that the caller can do something about; the message says what. */
export class Refusal extends Error {
  override name = 'Refusal'
}
