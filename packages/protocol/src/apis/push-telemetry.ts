import {
  api,
  boolean,
  bytes,
  int8,
  int16,
  int32,
  type RequestOf,
  type ResponseOf,
  uuid,
} from '../schema/index.ts'

/** Takes a client's metrics (KIP-714). */
export const PushTelemetry = api({
  key: 72,
  name: 'PushTelemetry',
  versions: [0, 0],
  flexible: 0,
  request: {
    clientInstanceId: uuid,
    subscriptionId: int32,
    terminating: boolean,
    compressionType: int8,
    metrics: bytes,
  },
  response: {
    throttleTimeMs: int32.orElse(0),
    errorCode: int16,
  },
})
export type PushTelemetryRequest = RequestOf<typeof PushTelemetry>
export type PushTelemetryResponse = ResponseOf<typeof PushTelemetry>
