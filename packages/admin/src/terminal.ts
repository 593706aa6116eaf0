/** What a command may touch of the process it runs in, so that tests can run commands without one. */
export interface Terminal {
  /** Standard input. */
  readonly input: AsyncIterable<Uint8Array>
  /** Writes to standard output; resolves when there is room for more. Rejects with an `OutputClosedError`. */
  write(text: string): Promise<void>
  /** Writes a line to standard error: what is said to the user and is not the result. */
  say(line: string): void
  /** Whether somebody sits before it who could answer a question. */
  readonly isInteractive: boolean
  /** Asks on standard error and reads a line. */
  ask(question: string): Promise<string>
  /** The width of the screen, for help. */
  readonly columns: number
  readonly environment: { readonly [name: string]: string | undefined }
  /** Aborted by the first interrupt (Ctrl-C) or request to end. */
  readonly interrupted: AbortSignal
}
