/** The entries of index files, as they lie there. */
import type { IndexFlaw } from '../index-bytes.ts'
import { OffsetIndex } from '../offset-index.ts'
import { TimeIndex } from '../time-index.ts'
import { TransactionIndex } from '../transaction-index.ts'
import type { DumpEntry } from './dump-entry.ts'

const OFFSET_ENTRY_BYTES = 8
const TIME_ENTRY_BYTES = 12
const TRANSACTION_ENTRY_BYTES = 34

export function* dumpOffsetIndex(content: Buffer, baseOffset: number): Generator<DumpEntry> {
  const index = new OffsetIndex(baseOffset)
  const whole = wholeEntries(content, OFFSET_ENTRY_BYTES)
  const flaw = index.load(whole, Number.POSITIVE_INFINITY)
  for (const entry of index.entries()) yield { type: 'offset index', ...entry }
  yield* flawOf(flaw, content, whole)
}

export function* dumpTimeIndex(content: Buffer, baseOffset: number): Generator<DumpEntry> {
  const index = new TimeIndex(baseOffset)
  const whole = wholeEntries(content, TIME_ENTRY_BYTES)
  const flaw = index.load(whole)
  for (const entry of index.entries()) yield { type: 'time index', ...entry }
  yield* flawOf(flaw, content, whole)
}

export function* dumpTransactionIndex(content: Buffer, baseOffset: number): Generator<DumpEntry> {
  const index = new TransactionIndex(baseOffset)
  const whole = wholeEntries(content, TRANSACTION_ENTRY_BYTES)
  const flaw = index.load(whole)
  for (const entry of index.entries()) yield { type: 'aborted transaction', ...entry }
  yield* flawOf(flaw, content, whole)
}

/** Without a last one that is cut off. */
function wholeEntries(content: Buffer, entryBytes: number): Buffer {
  return content.subarray(0, content.length - (content.length % entryBytes))
}

function* flawOf(
  flaw: IndexFlaw | undefined,
  content: Buffer,
  whole: Buffer,
): Generator<DumpEntry> {
  if (flaw !== undefined) yield { type: 'flaw', position: undefined, about: flaw }
  if (whole.length < content.length)
    yield { type: 'flaw', position: whole.length, about: 'the last entry is cut off' }
}
