import {
  AbortedTxn,
  type AnyMessage,
  apiList,
  ControlRecordTypeSchema,
  EndTxnMarker,
  KRaftVersionRecord,
  LeaderChangeMessage,
  metadataRecords,
  ProducerSnapshot,
  RequestHeader,
  ResponseHeader,
  SnapshotFooterRecord,
  SnapshotHeaderRecord,
  VotersRecord,
} from '@varve/protocol'

/** Every table there is, by the name that the protocol reference gives it. */
export const messagesByName: ReadonlyMap<string, AnyMessage> = new Map(
  [
    ...apiList.flatMap(api => [api.request, api.response]),
    ...Object.values(metadataRecords),
    RequestHeader,
    ResponseHeader,
    AbortedTxn,
    ControlRecordTypeSchema,
    EndTxnMarker,
    KRaftVersionRecord,
    LeaderChangeMessage,
    ProducerSnapshot,
    SnapshotFooterRecord,
    SnapshotHeaderRecord,
    VotersRecord,
  ].map((message: AnyMessage) => [message.name, message]),
)
