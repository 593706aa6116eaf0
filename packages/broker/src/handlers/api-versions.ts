import { ApiVersions, errorCode, type ResponseInput } from '@varve/protocol'
import { supportedFeature, supportedFeatures } from '../metadata/features.ts'
import type { ApiRange } from './broker-parts.ts'
import { handler } from './handler.ts'

const SOFTWARE_NAME = /^[a-zA-Z0-9](?:[a-zA-Z0-9\-.]*[a-zA-Z0-9])?$/
/** The expression above is tried on client input, so that input is bounded. */
const SOFTWARE_NAME_CHARACTERS_MAX = 1024

/**
 * What this broker offers. It asks for no permission: a client has to know the versions before it can do anything, signing in
 * included.
 */
export const apiVersions = handler(ApiVersions, [], (request, context) => {
  const { apiRanges, metadata } = context.broker
  if (context.apiVersion >= 3 && !isSoftwareNamed(request)) {
    return { errorCode: errorCode('INVALID_REQUEST'), apiKeys: [] }
  }
  const { features, revision } = metadata.image
  return {
    errorCode: 0,
    apiKeys: apiRanges,
    supportedFeatures: supportedFeatures
      // KAFKA-17011: clients of before version 4 refuse a feature that begins at 0.
      .filter(({ minVersion }) => context.apiVersion >= 4 || minVersion > 0),
    finalizedFeaturesEpoch: revision,
    finalizedFeatures: [...features]
      // A folder that was taken over may keep levels of features that are Kafka's alone.
      .filter(([name, level]) => level > 0 && supportedFeature(name) !== undefined)
      .map(([name, level]) => ({ name, maxVersionLevel: level, minVersionLevel: level })),
  }
})

/** KIP-511: a client that asked in a version from the future learns this API's own range and asks again. */
export function unsupportedApiVersions(
  apiRanges: readonly ApiRange[],
): ResponseInput<typeof ApiVersions> {
  return {
    errorCode: errorCode('UNSUPPORTED_VERSION'),
    apiKeys: apiRanges.filter(({ apiKey }) => apiKey === ApiVersions.key),
  }
}

function isSoftwareNamed(request: {
  readonly clientSoftwareName: string
  readonly clientSoftwareVersion: string
}): boolean {
  return [request.clientSoftwareName, request.clientSoftwareVersion].every(
    text => text.length <= SOFTWARE_NAME_CHARACTERS_MAX && SOFTWARE_NAME.test(text),
  )
}
