import {
  AbortedTxn,
  type AnyMessage,
  apiList,
  EndTxnMarker,
  LeaderChangeMessage,
  metadataRecords,
  ProducerSnapshot,
  RequestHeader,
  ResponseHeader,
  SnapshotFooterRecord,
  SnapshotHeaderRecord,
} from '@varve/protocol'

/** Every table there is, by the name that the protocol reference gives it. */
export const messagesByName: ReadonlyMap<string, AnyMessage> = new Map(
  [
    ...apiList.flatMap(api => [api.request, api.response]),
    ...Object.values(metadataRecords),
    RequestHeader,
    ResponseHeader,
    AbortedTxn,
    EndTxnMarker,
    LeaderChangeMessage,
    ProducerSnapshot,
    SnapshotFooterRecord,
    SnapshotHeaderRecord,
  ].map((message: AnyMessage) => [message.name, message]),
)
