/** What `varve log dump` prints. Batches, records, indexes and snapshots stand as Kafka's DumpLogSegments prints them, word for word. */
import { isUtf8 } from 'node:buffer'
import type { BatchEntry, DecodedRecord, DumpEntry, RecordEntry } from '@varve/broker'
import { bytesAs } from './json-record.ts'

/** The lines for a piece of a file, without their ends. */
export function linesOfEntry(path: string, entry: DumpEntry): readonly string[] {
  switch (entry.type) {
    case 'file':
      return entry.kind === 'log'
        ? [`Dumping ${path}`, `Log starting offset: ${entry.startOffset}`]
        : [`Dumping ${path}`]
    case 'batch':
      return [batchLine(entry)]
    case 'record':
      return recordLines(entry)
    case 'offset index':
      return [pairs({ offset: entry.offset, position: entry.position })]
    case 'time index':
      return [pairs({ timestamp: entry.timestamp, offset: entry.offset })]
    case 'aborted transaction': {
      const { producerId, firstOffset, lastOffset, lastStableOffset } = entry
      return [pairs({ version: 0, producerId, firstOffset, lastOffset, lastStableOffset })]
    }
    case 'producer':
      return [producerLine(entry)]
    case 'sequences': {
      const { producerId, sequencesKnown, batches } = entry
      return [
        pairs({ producerId, sequencesKnown }),
        ...batches.map(batch => `| ${pairs({ ...batch })}`),
      ]
    }
    case 'leader epoch':
      return [pairs({ epoch: entry.epoch, startOffset: entry.startOffset })]
    case 'checkpoint':
      return [pairs({ topic: entry.topic, partition: entry.partition, offset: entry.offset })]
    case 'property':
      return [`${entry.name}: ${entry.value}`]
    case 'journal group':
    case 'durable offset':
    case 'journal entry':
      return [journalLine(entry)]
    case 'flaw':
      return [flawLine(entry)]
  }
}

/** The same as a JSON line, without its end. */
export function jsonOfEntry(path: string, entry: DumpEntry): string {
  if (entry.type !== 'record') return JSON.stringify({ file: path, ...entry })
  const { key, value, headers, ...record } = entry
  return JSON.stringify({
    file: path,
    ...record,
    ...bytesAs('key', key),
    ...bytesAs('value', value),
    headers: headers.map(header => ({ key: header.key, ...bytesAs('value', header.value) })),
  })
}

function pairs(fields: { readonly [name: string]: string | number | boolean }): string {
  return Object.entries(fields)
    .map(([name, value]) => `${name}: ${value}`)
    .join(' ')
}

function batchLine(entry: BatchEntry): string {
  const { baseOffset, lastOffset, recordsCount, baseSequence, lastSequence } = entry
  const { producerId, producerEpoch, partitionLeaderEpoch, isTransactional, isControl } = entry
  const { position, sizeBytes, magic, compression, crc, crcIsValid } = entry
  return pairs({
    ...{ baseOffset, lastOffset, count: recordsCount, baseSequence, lastSequence },
    ...{ producerId, producerEpoch, partitionLeaderEpoch, isTransactional, isControl },
    ...{ deleteHorizonMs: optional(entry.deleteHorizonMs), position },
    ...{ [entry.timestampType]: entry.maxTimestamp, size: sizeBytes, magic },
    ...{ compresscodec: compression, crc, isvalid: crcIsValid },
  })
}

/** As Java prints a number that may not be there. */
function optional(value: number | undefined): string {
  return value === undefined ? 'OptionalLong.empty' : `OptionalLong[${value}]`
}

function recordLines(entry: RecordEntry): readonly string[] {
  const { offset, keyBytes, valueBytes, sequence, headers } = entry
  const where = pairs({
    ...{ offset, [entry.timestampType]: entry.timestamp, keySize: keyBytes },
    ...{ valueSize: valueBytes, sequence },
    headerKeys: `[${headers.map(({ key }) => key).join(',')}]`,
  })
  return [
    `| ${where}${contentOf(entry)}`,
    ...headers.map(({ key, value }) => `|   header ${key}: ${shownBytes(value)}`),
  ]
}

function contentOf({ key, value, decoded }: RecordEntry): string {
  if (decoded !== undefined && decoded.type !== 'undecoded') return shownDecoded(decoded)
  const shown = [
    ...(decoded === undefined ? [] : [`undecoded: ${decoded.about}`]),
    ...(key === null ? [] : [`key: ${shownBytes(key)}`]),
    ...(value === null ? [] : [`payload: ${shownBytes(value)}`]),
  ]
  return shown.map(part => ` ${part}`).join('')
}

const controlNames: ReadonlyMap<string, string> = new Map([
  ['LEADER_CHANGE', 'LeaderChange:'],
  ['SNAPSHOT_HEADER', 'SnapshotHeader'],
  ['SNAPSHOT_FOOTER', 'SnapshotFooter'],
  ['KRAFT_VERSION', 'KRaftVersion'],
  ['KRAFT_VOTERS', 'KRaftVoters'],
])

function shownDecoded(decoded: Exclude<DecodedRecord, { type: 'undecoded' }>): string {
  switch (decoded.type) {
    case 'keyed': {
      const { key, value } = decoded
      const shownKey = JSON.stringify({ type: String(key.type), data: key.data })
      const shownValue =
        value === null
          ? '<DELETE>'
          : JSON.stringify({ version: String(value.version), data: value.data })
      return ` key: ${shownKey} payload: ${shownValue}`
    }
    case 'metadata': {
      const { name, version, data } = decoded
      return ` payload: ${JSON.stringify({ type: name, version, data })}`
    }
    case 'marker':
      return ` endTxnMarker: ${decoded.marker} coordinatorEpoch: ${decoded.coordinatorEpoch}`
    case 'control': {
      const name = controlNames.get(decoded.name)
      return name === undefined
        ? ` controlType: ${decoded.name}(${decoded.number})`
        : ` ${name} ${JSON.stringify(decoded.data)}`
    }
  }
}

/** Text as it is; anything else says that it is base64. */
function shownBytes(bytes: Buffer | null): string {
  if (bytes === null) return 'null'
  return isUtf8(bytes) ? bytes.toString() : `base64:${bytes.toString('base64')}`
}

function producerLine(entry: Extract<DumpEntry, { type: 'producer' }>): string {
  const { producerId, producerEpoch, coordinatorEpoch, lastTimestamp, batches } = entry
  const first = entry.transactionFirstOffset
  const newest = batches.at(-1)
  return pairs({
    ...{ producerId, producerEpoch, coordinatorEpoch },
    currentTxnFirstOffset: optional(first < 0 ? undefined : first),
    lastTimestamp,
    ...(newest === undefined
      ? {}
      : {
          firstSequence: newest.firstSequence,
          lastSequence: newest.lastSequence,
          lastOffset: newest.lastOffset,
          offsetDelta: newest.lastOffset - newest.baseOffset,
          timestamp: newest.timestamp,
        }),
  })
}

type JournalEntry = Extract<
  DumpEntry,
  { type: 'journal group' | 'durable offset' | 'journal entry' }
>

function journalLine(entry: JournalEntry): string {
  switch (entry.type) {
    case 'journal group': {
      const { sequence, generation, incarnation, neededFrom, position, bodyBytes } = entry
      const { durableCount, entryCount } = entry
      const counts = { durableOffsets: durableCount, entries: entryCount }
      return `group ${pairs({ sequence, generation, incarnation, neededFrom, position, size: bodyBytes, ...counts })}`
    }
    case 'durable offset': {
      const { topicId, partition, offset } = entry
      return `| durable ${pairs({ topicId, partition, offset })}`
    }
    case 'journal entry': {
      const { holds, type: _, sizeBytes, ...place } = entry
      return `| ${holds} ${pairs({ ...place, size: sizeBytes })}`
    }
  }
}

function flawLine({ position, about }: Extract<DumpEntry, { type: 'flaw' }>): string {
  return position === undefined ? `Found: ${about}` : `Found at position ${position}: ${about}`
}
