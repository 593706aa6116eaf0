import { Buffer } from 'node:buffer'
import { CommandError } from './command-error.ts'

/** A line longer than this is taken for a mistake: binary data, or the wrong file. */
export const LINE_BYTES_MAX = 64 * 1024 * 1024

const NEWLINE = 0x0a
const RETURN = 0x0d

/**
 * The lines of a stream of bytes, as many at a time as came with one chunk, without their ends (`\n` or `\r\n`). A last line
 * without an end counts; nothing after the last end does not.
 */
export async function* linesOf(
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<readonly Buffer[]> {
  let rest: Buffer[] = []
  let restBytes = 0
  for await (const chunk of chunks) {
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : Buffer.from(chunk)
    const lines: Buffer[] = []
    let start = 0
    for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, start)) {
      const part = bytes.subarray(start, end)
      lines.push(withoutReturn(rest.length === 0 ? part : Buffer.concat([...rest, part])))
      rest = []
      restBytes = 0
      start = end + 1
    }
    if (start < bytes.length) {
      rest.push(bytes.subarray(start))
      restBytes += bytes.length - start
    }
    if (restBytes > LINE_BYTES_MAX)
      throw new CommandError(`A line is longer than ${LINE_BYTES_MAX} bytes`)
    if (lines.length > 0) yield lines
  }
  if (restBytes > 0) yield [withoutReturn(Buffer.concat(rest))]
}

function withoutReturn(line: Buffer): Buffer {
  return line.at(-1) === RETURN ? line.subarray(0, -1) : line
}
