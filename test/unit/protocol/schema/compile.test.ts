import { Buffer } from 'node:buffer'
import { array, compiledCodec, int32, message, Reader, string, Writer } from '@varve/protocol'
import { afterEach, describe, expect, it, vi } from 'vitest'

const table = {
  name: 'Example',
  versions: [0, 0],
  flexible: undefined,
  fields: { name: string, parts: array({ index: int32 }) },
} as const
const value = { name: 'a', parts: [{ index: 1 }] }

const withFunctionThrowing = (error: Error): void => {
  const construct = (): never => {
    throw error
  }
  vi.stubGlobal('Function', new Proxy(Function, { construct }))
}

describe('the compiled codec', () => {
  afterEach(() => {
    vi.unstubAllGlobals()
  })

  it('makes objects whose properties are in the order of the table', () => {
    const codec = compiledCodec(message(table).layout(0))
    const writer = new Writer()
    codec?.write(writer, value)
    const read = codec?.read(new Reader(Buffer.concat(writer.finish())))
    expect(JSON.stringify(read)).toBe(JSON.stringify(value))
  })

  it('gives way to the walking one where code generation is switched off', () => {
    withFunctionThrowing(new EvalError('code generation is switched off'))
    const Example = message(table)
    expect(compiledCodec(Example.layout(0))).toBeUndefined()
    const writer = new Writer()
    Example.write(writer, value, 0)
    expect(Example.read(new Reader(Buffer.concat(writer.finish())), 0)).toEqual(value)
  })

  it('does not hide any other failure', () => {
    withFunctionThrowing(new SyntaxError('a bug in the compiler'))
    expect(() => compiledCodec(message(table).layout(0))).toThrow(SyntaxError)
  })
})
