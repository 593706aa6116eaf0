/** The control batches of a metadata log: KRaft's own records, whose key says which and whose value begins with its version. */
import { Buffer } from 'node:buffer'
import {
  BatchBuilder,
  crc32c,
  LeaderChangeMessage,
  SnapshotFooterRecord,
  SnapshotHeaderRecord,
  Writer,
} from '@varve/protocol'

/** What the key of a control record calls its kind. */
export const CONTROL_TYPE = { LEADER_CHANGE: 2, SNAPSHOT_HEADER: 3, SNAPSHOT_FOOTER: 4 } as const

/** Where a batch lies in its log or snapshot. */
export interface BatchPlace {
  readonly baseOffset: number
  readonly leaderEpoch: number
  readonly timestamp: number
}

/** The batch that opens an epoch: `leaderId` leads, elected by itself. */
export function leaderChangeBatch(leaderId: number, place: BatchPlace): Buffer {
  const voters = [{ voterId: leaderId }]
  const writer = new Writer()
  LeaderChangeMessage.write(writer, { version: 0, leaderId, voters, grantingVoters: voters }, 0)
  return controlBatch(CONTROL_TYPE.LEADER_CHANGE, writer, place)
}

/** The first batch of a snapshot; it says when the last record that the snapshot stands for was appended. */
export function snapshotHeaderBatch(lastContainedLogTimestamp: number, place: BatchPlace): Buffer {
  const writer = new Writer()
  SnapshotHeaderRecord.write(writer, { version: 0, lastContainedLogTimestamp }, 0)
  return controlBatch(CONTROL_TYPE.SNAPSHOT_HEADER, writer, place)
}

/** The last batch of a snapshot: without it the snapshot is not whole. */
export function snapshotFooterBatch(place: BatchPlace): Buffer {
  const writer = new Writer()
  SnapshotFooterRecord.write(writer, { version: 0 }, 0)
  return controlBatch(CONTROL_TYPE.SNAPSHOT_FOOTER, writer, place)
}

/** The kind of a control record, from its key. */
export function controlTypeOf(key: Buffer | null): number | undefined {
  return key === null || key.length < 4 ? undefined : key.readInt16BE(2)
}

function controlBatch(type: number, body: Writer, place: BatchPlace): Buffer {
  const key = Buffer.alloc(4)
  key.writeInt16BE(type, 2)
  const builder = new BatchBuilder()
  builder.append({ key, value: Buffer.concat(body.finish()), timestamp: place.timestamp })
  return builder.build({
    baseOffset: place.baseOffset,
    partitionLeaderEpoch: place.leaderEpoch,
    isControl: true,
    crc32c,
  })
}
