import { type BatchVector, checkBatches } from './batches.ts'
import {
  type Crc32cVector,
  checkCrc32c,
  checkMurmur2,
  checkUnsignedVarint,
  checkVarint,
  type Murmur2Vector,
  type VarintVector,
} from './primitives.ts'
import { checkRequest, type RequestVector } from './requests.ts'
import { checkScram, type ScramVector } from './scram.ts'
import { checkStorageFile, type StorageVector } from './storage.ts'

/** Golden vectors of formats that are no messages. */
export interface FormatVectors {
  readonly recordBatches: readonly BatchVector[]
  readonly storageFiles: readonly StorageVector[]
  readonly requestsFromRealClients: readonly RequestVector[]
  readonly murmur2: readonly Murmur2Vector[]
  readonly crc32c: readonly Crc32cVector[]
  readonly varints: {
    readonly varint32: readonly VarintVector[]
    readonly varint64: readonly VarintVector[]
    readonly unsignedVarint32: readonly VarintVector[]
  }
  readonly scram: readonly ScramVector[]
}

/** What became of the vectors of one kind. */
export interface FormatResult {
  readonly name: string
  readonly passed: number
  readonly problems: readonly string[]
  /** How many batches our builder writes with the very same bytes. */
  readonly writtenAlike?: number
}

/** Runs every vector; nothing is skipped. */
export const checkFormats = (vectors: FormatVectors): readonly FormatResult[] => {
  const { varint32, varint64, unsignedVarint32 } = vectors.varints
  const batches = vectors.recordBatches.map(checkBatches)
  return [
    {
      ...resultOf('record batches', batches, ({ problems }) => problems),
      writtenAlike: batches.filter(({ isWrittenAlike }) => isWrittenAlike).length,
    },
    resultOf('storage files', vectors.storageFiles, checkStorageFile),
    resultOf('requests of real clients', vectors.requestsFromRealClients, checkRequest),
    resultOf('murmur2', vectors.murmur2, checkMurmur2),
    resultOf('CRC-32C', vectors.crc32c, checkCrc32c),
    resultOf('varint32', varint32, vector => checkVarint(32, vector)),
    resultOf('varint64', varint64, vector => checkVarint(64, vector)),
    resultOf('unsigned varint32', unsignedVarint32, checkUnsignedVarint),
    resultOf('SCRAM', vectors.scram, checkScram),
  ]
}

const resultOf = <V>(
  name: string,
  vectors: readonly V[],
  check: (vector: V) => readonly string[],
): FormatResult => {
  const all = vectors.map(check)
  return {
    name,
    passed: all.filter(problems => problems.length === 0).length,
    problems: all.flat(),
  }
}
