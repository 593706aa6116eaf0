import { Buffer } from 'node:buffer'
import { isDeepStrictEqual } from 'node:util'
import { compiledCodec, Reader, Writer, walkingCodec } from '@varve/protocol'
import { hasLaterField, structFromJson } from './json-form.ts'
import { messagesByName } from './messages.ts'

/** A golden vector: a message in one version as bytes, and what it says in Kafka's JSON form. */
export interface Vector {
  readonly name: string
  readonly version: number
  readonly flexible: boolean
  readonly variant: string
  readonly json: unknown
  readonly hex: string
}

/** The vectors of a file with one JSON object per line. */
export const parseVectors = (text: string): readonly Vector[] =>
  text
    .split('\n')
    .filter(line => line.trim() !== '')
    .map(line => JSON.parse(line) as Vector)

/**
 * Decodes and re-encodes a vector with both codecs; returns what is wrong with it, nothing if all is well. Tagged fields that
 * came after Kafka 4.2 must be passed over, so that such a vector is written without them.
 */
export const checkVector = (vector: Vector): readonly string[] => {
  const message = messagesByName.get(vector.name)
  if (message === undefined) return [`there is no table ${vector.name}`]
  const layout = message.layout(vector.version)
  const problems: string[] = []
  if (layout.flexible !== vector.flexible) problems.push('the first flexible version differs')
  const codecs = { compiled: compiledCodec(layout), walking: walkingCodec(layout) }
  for (const [kind, codec] of Object.entries(codecs)) {
    if (codec === undefined) {
      problems.push(`there is no ${kind} codec here`)
      continue
    }
    try {
      const reader = new Reader(Buffer.from(vector.hex, 'hex'))
      const value = codec.read(reader)
      if (reader.remaining > 0) problems.push(`${kind}: ${reader.remaining} bytes are left over`)
      if (!isDeepStrictEqual(value, structFromJson(layout, vector.json))) {
        problems.push(`${kind}: reads as something else: ${JSON.stringify(value)}`)
      }
      const writer = new Writer()
      codec.write(writer, value)
      const hex = Buffer.concat(writer.finish()).toString('hex')
      if (hasLaterField(vector.json)) {
        const again = codec.read(new Reader(Buffer.from(hex, 'hex')))
        if (!isDeepStrictEqual(again, value)) problems.push(`${kind}: does not come back`)
      } else if (hex !== vector.hex) problems.push(`${kind}: is written as ${hex}`)
    } catch (error) {
      problems.push(`${kind}: ${String(error)}`)
    }
  }
  return problems
}
