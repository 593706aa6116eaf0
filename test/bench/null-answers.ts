import type { Socket } from 'node:net'

const SMALL_BYTES = 1024

/** Sends what a turn has for a connection: small answers as one buffer, large ones as they are. */
export function sendAll(socket: Socket, answers: readonly Buffer[]): void {
  const [only] = answers
  if (answers.length === 1 && only !== undefined) socket.write(only)
  else if (answers.length > 1 && answers.every(({ length }) => length < SMALL_BYTES))
    socket.write(Buffer.concat(answers))
  else if (answers.length > 1) {
    socket.cork()
    for (const answer of answers) socket.write(answer)
    socket.uncork()
  }
}
