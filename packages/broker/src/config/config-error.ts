/** A configuration that a broker cannot start with. The message is one clear sentence for the operator. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
}
