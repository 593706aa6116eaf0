import type { RecordsInput } from '../wire/writer.ts'

/** The fixed-size types of the wire format, by the names that reader and writer give them. */
export type ScalarKind =
  | 'int8'
  | 'int16'
  | 'uint16'
  | 'int32'
  | 'uint32'
  | 'int64'
  | 'int64OrMax'
  | 'int64Bits'
  | 'float64'
  | 'boolean'
  | 'uuid'

/** What a field holds. Nullability is said by the field, because it may depend on the version. */
export type Shape =
  | { readonly type: ScalarKind }
  | { readonly type: 'string' }
  | { readonly type: 'bytes' }
  | { readonly type: 'records' }
  | { readonly type: 'array'; readonly element: FieldSpec }
  | { readonly type: 'struct'; readonly fields: Fields }

/** Everything a table says about a field. */
export interface FieldSpec {
  readonly shape: Shape
  /** The first and the last version that has the field. */
  readonly first: number
  readonly last: number
  /** The first version in which it may be null; `undefined`: never. */
  readonly nullableFrom: number | undefined
  readonly tag: number | undefined
  /** The value that stands in where the field is absent; `undefined`: the type's own (0, '', empty ...). */
  readonly absent: Scalar | undefined
  /** Whether a meaningful value is dropped in silence when the version has no such field. */
  readonly ignorable: boolean
  /** Whether lengths stay in the classic form in flexible versions too. */
  readonly classic: boolean
}

export type Scalar = string | number | boolean | null

/** Whether a writer must give the field, or may leave it out and have its absent value written. */
export type Presence = 'required' | 'optional'

/**
 * A place in a message: what travels there, and in which versions. `Value` is what reading gives, `Input` is what writing
 * takes. Fields are immutable; each method gives another field.
 */
export class Field<Value, Input = Value, P extends Presence = 'required'> {
  readonly spec: FieldSpec
  /** For the type checker only. */
  declare readonly types: { readonly value: Value; readonly input: Input; readonly presence: P }

  constructor(spec: FieldSpec) {
    this.spec = spec
  }

  /** The first version that has the field. */
  since(version: number): Field<Value, Input, 'optional'> {
    return new Field({ ...this.spec, first: version })
  }

  /** The last version that has the field. */
  until(version: number): Field<Value, Input, 'optional'> {
    return new Field({ ...this.spec, last: version })
  }

  /** Travels in the section of tagged fields, and only when it is not its absent value. */
  tagged(tag: number): Field<Value, Input, 'optional'> {
    return new Field({ ...this.spec, tag })
  }

  /** What stands in for the field where it is absent or left out. */
  orElse(absent: Value & Scalar): Field<Value, Input, 'optional'> {
    return new Field({ ...this.spec, absent })
  }

  /** A value for a version that has no such field is dropped; without this it is an error. */
  ignorable(): Field<Value, Input, P> {
    return new Field({ ...this.spec, ignorable: true })
  }

  /** The first version in which the field may be null. */
  nullableSince(version: number): Field<Value | null, Input | null, P> {
    return new Field({ ...this.spec, nullableFrom: version })
  }

  /** Keeps the classic length in flexible versions (the client id of the request header). */
  classic(): Field<Value, Input, P> {
    return new Field({ ...this.spec, classic: true })
  }
}

/** A table: the fields of a message or a struct in the order of the wire. */
export type Fields = { readonly [name: string]: Field<any, any, Presence> }

/** What reading a table gives: every field, whether the version has it or not. */
export type StructOf<F extends Fields> = {
  readonly [K in keyof F]: F[K]['types']['value']
}

/** What writing a table takes: fields that not every version has, or that have a stand-in, may be left out. */
export type InputOf<F extends Fields> = {
  readonly [K in keyof F as F[K]['types']['presence'] extends 'required'
    ? K
    : never]: F[K]['types']['input']
} & {
  readonly [K in keyof F as F[K]['types']['presence'] extends 'required' ? never : K]?:
    | F[K]['types']['input']
    | undefined
}

const always = Number.POSITIVE_INFINITY

const plain = (shape: Shape, nullableFrom?: number): FieldSpec => ({
  shape,
  first: 0,
  last: always,
  nullableFrom,
  tag: undefined,
  absent: undefined,
  ignorable: false,
  classic: false,
})

export const int8 = new Field<number>(plain({ type: 'int8' }))
export const int16 = new Field<number>(plain({ type: 'int16' }))
export const uint16 = new Field<number>(plain({ type: 'uint16' }))
export const int32 = new Field<number>(plain({ type: 'int32' }))
export const uint32 = new Field<number>(plain({ type: 'uint32' }))
export const int64 = new Field<number>(plain({ type: 'int64' }))
/** An int64 in which 2^63-1 is a marker, read and written as `INT64_MAX`. */
export const int64OrMax = new Field<number>(plain({ type: 'int64OrMax' }))
/** An int64 in which all 64 bits count, such as a hash, as sixteen hexadecimal digits. */
export const int64Bits = new Field<string>(plain({ type: 'int64Bits' }))
export const float64 = new Field<number>(plain({ type: 'float64' }))
export const boolean = new Field<boolean>(plain({ type: 'boolean' }))
/** Sixteen bytes as 22 characters of base64url. */
export const uuid = new Field<string>(plain({ type: 'uuid' }))
export const string = new Field<string>(plain({ type: 'string' }))
export const nullableString = new Field<string | null>(plain({ type: 'string' }, 0))
export const bytes = new Field<Uint8Array>(plain({ type: 'bytes' }))
export const nullableBytes = new Field<Uint8Array | null>(plain({ type: 'bytes' }, 0))
/** Record batches: read as a view of the frame, written by reference. */
export const records = new Field<Uint8Array | null, RecordsInput | null>(
  plain({ type: 'records' }, 0),
)
/** Records in an API that never has null in their place. */
export const presentRecords = new Field<Uint8Array, RecordsInput>(plain({ type: 'records' }))

/** A struct in a place of its own. */
export const struct = <F extends Fields>(fields: F): Field<StructOf<F>, InputOf<F>> =>
  new Field(plain({ type: 'struct', fields: named(fields) }))

/** A struct that may be null in every version. */
export const nullableStruct = <F extends Fields>(
  fields: F,
): Field<StructOf<F> | null, InputOf<F> | null> =>
  new Field(plain({ type: 'struct', fields: named(fields) }, 0))

/** An array of structs, or of what a field holds. */
export function array<F extends Fields>(
  fields: F,
): Field<readonly StructOf<F>[], readonly InputOf<F>[]>
export function array<V, I>(element: Field<V, I>): Field<readonly V[], readonly I[]>
export function array(of: Fields | Field<any, any>): Field<readonly any[], readonly any[]> {
  return new Field(plain({ type: 'array', element: elementOf(of) }))
}

/** An array that may be null in every version. */
export function nullableArray<F extends Fields>(
  fields: F,
): Field<readonly StructOf<F>[] | null, readonly InputOf<F>[] | null>
export function nullableArray<V, I>(
  element: Field<V, I>,
): Field<readonly V[] | null, readonly I[] | null>
export function nullableArray(
  of: Fields | Field<any, any>,
): Field<readonly any[] | null, readonly any[] | null> {
  return new Field(plain({ type: 'array', element: elementOf(of) }, 0))
}

const elementOf = (of: Fields | Field<any, any>): FieldSpec =>
  of instanceof Field ? of.spec : plain({ type: 'struct', fields: named(of) })

/** Field names become identifiers in the code that `compile.ts` makes, so a table with any other name is refused. */
export const named = <F extends Fields>(fields: F): F => {
  for (const name of Object.keys(fields)) {
    if (!/^[a-z][A-Za-z0-9]*$/.test(name)) throw new Error(`a field cannot be called ${name}`)
  }
  return fields
}
