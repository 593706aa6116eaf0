/** Where a client reports what it coped with. Messages are constant sentences; what varies is in the fields. */
export interface Log {
  error(message: string, fields?: LogFields): void
  warn(message: string, fields?: LogFields): void
  info(message: string, fields?: LogFields): void
  debug(message: string, fields?: LogFields): void
}

export type LogFields = { readonly [name: string]: unknown }
