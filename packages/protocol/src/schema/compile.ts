import { type MessageCodec, refuseField, refuseNull } from './codec.ts'
import {
  emptyBytes,
  type PlacedField,
  type StructLayout,
  standInOf,
  type ValueLayout,
} from './layout.ts'

/**
 * Makes the codec of one message in one version by generating its code, which is two to five times faster than walking.
 * The code holds nothing but names and numbers of our own tables (`field.ts` refuses any other name), never a byte from
 * outside. `undefined`: code generation is switched off here (`--disallow-code-generation-from-strings`).
 */
export const compiledCodec = (layout: StructLayout): MessageCodec | undefined => {
  const code = new Code()
  const read = code.structReader(layout)
  const write = code.structWriter(layout)
  const source = `${code.text}\nreturn { read: ${read}, write: ${write} }`
  try {
    // oxlint-disable-next-line typescript/no-implied-eval -- the one place, and only names of our tables go in
    return new Function('refuseField', 'refuseNull', 'emptyBytes', `'use strict'\n${source}`)(
      refuseField,
      refuseNull,
      emptyBytes,
    ) as MessageCodec
  } catch (error) {
    if (error instanceof EvalError) return undefined
    throw error
  }
}

class Code {
  text = ''
  #functions = 0

  /** Adds a function that reads a struct, and returns its name. */
  structReader(layout: StructLayout): string {
    const { lines, made } = this.#readStruct(layout)
    return this.#add('r', [...lines, `return ${made}`])
  }

  /** Statements that read the fields of a struct, and the expression that makes it of them. */
  #readStruct(layout: StructLayout): { readonly lines: readonly string[]; readonly made: string } {
    const lines: string[] = []
    for (const field of layout.fields) {
      const value = field.place === 'plain' ? this.#read(field.value) : standInCode(field)
      lines.push(`${field.place === 'tagged' ? 'let' : 'const'} $${field.name} = ${value}`)
    }
    if (layout.flexible) lines.push(...this.#taggedReader(layout))
    const properties = layout.fields.map(field => `${field.name}: $${field.name}`)
    return { lines, made: `{ ${properties.join(', ')} }` }
  }

  /** Adds a function that writes a struct, and returns its name. */
  structWriter(layout: StructLayout): string {
    return this.#add('w, o', this.#writeStruct(layout))
  }

  /** Statements that write the struct `o`. */
  #writeStruct(layout: StructLayout): string[] {
    const lines: string[] = []
    for (const field of layout.absent) {
      if (field.ignorable) continue
      lines.push(`if (!(${isStandInCode(field, `o.${field.name}`)})) refuseField('${field.name}')`)
    }
    for (const field of layout.plain) {
      const local = `$${field.name}`
      lines.push(`let ${local} = o.${field.name}`)
      lines.push(`if (${local} === undefined) ${local} = ${standInCode(field)}`)
      lines.push(this.#write(field.value, local, field.name))
    }
    if (layout.flexible) lines.push(...this.#taggedWriter(layout))
    return lines
  }

  #taggedReader(layout: StructLayout): string[] {
    if (layout.tagged.length === 0) return ['r.skipTaggedFields()']
    const cases = layout.tagged.map(
      field =>
        `case ${field.tag}: $${field.name} = ${this.#read(field.value)}; r.endTagged(end); break`,
    )
    return [
      'let tag = -1',
      'for (let left = r.unsignedVarint(); left > 0; left--) {',
      'tag = r.tag(tag)',
      'const end = r.taggedEnd()',
      `switch (tag) {\n${cases.join('\n')}\ndefault: r.skipTo(end) }`,
      '}',
    ]
  }

  #taggedWriter(layout: StructLayout): string[] {
    if (layout.tagged.length === 0) return ['w.uint8(0)']
    const lines: string[] = ['let count = 0']
    for (const field of layout.tagged) {
      lines.push(`const has_${field.name} = !(${isStandInCode(field, `o.${field.name}`)})`)
      lines.push(`if (has_${field.name}) count++`)
    }
    lines.push('w.unsignedVarint(count)')
    lines.push('if (count > 0) {')
    for (const field of layout.tagged) {
      const write = this.#write(field.value, `o.${field.name}`, field.name)
      lines.push(`if (has_${field.name}) {`)
      lines.push(`const mark = w.beginTagged(${field.tag})\n${write}\nw.endTagged(mark)\n}`)
    }
    lines.push('}')
    return lines
  }

  /** An expression that reads a value. */
  #read(value: ValueLayout): string {
    switch (value.kind) {
      case 'string':
        return `r.${sizedMethod(value, 'String')}()`
      case 'bytes':
      case 'records':
        return `r.${sizedMethod(value, 'Bytes')}()`
      case 'array':
        return `${this.#arrayReader(value)}(r)`
      case 'struct': {
        const read = `${this.structReader(value.struct)}(r)`
        // See the walking codec.
        return value.nullable ? `(r.int8() <= 0 ? null : ${read})` : read
      }
      case 'scalar':
        return `r.${value.type}()`
    }
  }

  #arrayReader(value: ValueLayout & { kind: 'array' }): string {
    const { element } = value
    // See `arrayWriter`.
    const { lines, made } =
      element.kind === 'struct' && !element.nullable
        ? this.#readStruct(element.struct)
        : { lines: [], made: this.#read(element) }
    return this.#add('r', [
      `const length = r.${sizedMethod(value, 'ArrayLength')}(${element.minBytes})`,
      ...(value.nullable ? ['if (length < 0) return null'] : []),
      'const elements = []',
      'for (let index = 0; index < length; index++) {',
      ...lines,
      `const element = ${made}`,
      // Most arrays have one element, and one that grows by `push` begins with room for seventeen.
      'if (length === 1) return [element]',
      'elements.push(element)',
      '}',
      'return elements',
    ])
  }

  /** A statement that writes the value that the expression `given` holds. */
  #write(value: ValueLayout, given: string, name: string): string {
    const check = `if (${given} === null) refuseNull('${name}')\n`
    switch (value.kind) {
      case 'string':
        return `${value.nullable ? '' : check}w.${sizedMethod(value, 'String')}(${given})`
      case 'bytes':
        return `${value.nullable ? '' : check}w.${sizedMethod(value, 'Bytes')}(${given})`
      case 'records':
        return `${value.nullable ? '' : check}w.${sizedMethod(value, 'Records')}(${given})`
      case 'array': {
        const whenNull = value.compact ? 'w.uint8(0)' : 'w.int32(-1)'
        const write = `${this.#arrayWriter(value, name)}(w, ${given})`
        return value.nullable
          ? `if (${given} === null) ${whenNull}\nelse ${write}`
          : `${check}${write}`
      }
      case 'struct': {
        const write = `${this.structWriter(value.struct)}(w, ${given})`
        return value.nullable
          ? `if (${given} === null) w.int8(-1)\nelse { w.int8(1); ${write} }`
          : `${check}${write}`
      }
      case 'scalar':
        return `w.${value.type}(${given})`
    }
  }

  #arrayWriter(value: ValueLayout & { kind: 'array' }, name: string): string {
    const { element } = value
    // A struct is written within the loop: V8 puts only so much of other functions in one, and the writer's are worth more.
    const write =
      element.kind === 'struct' && !element.nullable
        ? [`if (o === null) refuseNull('${name}')`, ...this.#writeStruct(element.struct)]
        : [this.#write(element, 'o', name)]
    return this.#add('w, a', [
      value.compact ? 'w.unsignedVarint(a.length + 1)' : 'w.int32(a.length)',
      'for (let index = 0; index < a.length; index++) {',
      'const o = a[index]',
      ...write,
      '}',
    ])
  }

  #add(parameters: string, lines: readonly string[]): string {
    const name = `f${this.#functions++}`
    this.text += `function ${name}(${parameters}) {\n${lines.join('\n')}\n}\n`
    return name
  }
}

const sizedMethod = (
  value: { readonly nullable: boolean; readonly compact: boolean },
  type: string,
): string => {
  const name = `${value.compact ? 'Compact' : ''}${value.nullable ? 'Nullable' : ''}${type}`
  return name.charAt(0).toLowerCase() + name.slice(1)
}

/** An expression that makes a fresh stand-in. */
const standInCode = (field: PlacedField): string => {
  const { value } = field
  if (field.standIn !== undefined) return literal(field.standIn)
  if (value.kind === 'struct') {
    return `{ ${value.struct.fields.map(inner => `${inner.name}: ${standInCode(inner)}`).join(', ')} }`
  }
  return literal(standInOf(field))
}

const literal = (value: unknown): string => {
  if (Array.isArray(value)) return '[]'
  if (value instanceof Uint8Array) return 'emptyBytes'
  return typeof value === 'number' ? String(value) : JSON.stringify(value)
}

/** An expression that says whether `given` says no more than leaving the field out would. */
const isStandInCode = (field: PlacedField, given: string): string => {
  const absent = `${given} === undefined`
  const { value } = field
  if (field.standIn !== undefined) return `${absent} || ${given} === ${literal(field.standIn)}`
  switch (value.kind) {
    case 'bytes':
    case 'array':
      return `${absent} || ${given} !== null && ${given}.length === 0`
    case 'records':
      return value.nullable
        ? `${absent} || ${given} === null`
        : `${absent} || ${given} !== null && ${given}.length === 0`
    case 'struct': {
      const inner = value.struct.fields.map(
        field => `(${isStandInCode(field, `${given}.${field.name}`)})`,
      )
      return `${absent} || ${given} !== null && ${inner.join(' && ') || 'true'}`
    }
    case 'string':
    case 'scalar':
      return `${absent} || ${given} === ${literal(standInOf(field))}`
  }
}
