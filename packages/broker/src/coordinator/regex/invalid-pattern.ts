/** The regular expression of a member cannot be used; the message says why. Clients see INVALID_REGULAR_EXPRESSION. */
export class InvalidPattern extends Error {
  override readonly name = 'InvalidPattern'
}
