import { DescribeUserScramCredentials, errorCode } from '@varve/protocol'
import type { MetadataImage } from '../metadata/image.ts'
import type { Refusal } from '../metadata/new-partitions.ts'
import { clusterRefusal } from './cluster-permission.ts'
import { handler } from './handler.ts'
import { namedTwice } from './named-twice.ts'

/** Which SCRAM credentials users have: mechanisms and iterations, never anything to sign in with. */
export const describeUserScramCredentials = handler(
  DescribeUserScramCredentials,
  ['Describe Cluster'],
  (request, context) => {
    const refusal = clusterRefusal(context, 'Describe')
    if (refusal !== undefined) {
      const { error, message } = refusal
      return { errorCode: errorCode(error), errorMessage: message, results: [] }
    }
    const { image } = context.broker.metadata
    const asked = (request.users ?? []).map(({ name }) => name)
    const twice = namedTwice(asked)
    const users = asked.length === 0 ? image.scramCredentials.keys() : new Set(asked)
    return {
      errorCode: 0,
      errorMessage: null,
      results: [...users].map(user => resultOf(image, user, twice)),
    }
  },
)

function resultOf({ scramCredentials }: MetadataImage, user: string, twice: ReadonlySet<string>) {
  const credentials = scramCredentials.get(user)
  if (twice.has(user) || credentials === undefined) {
    const { error, message } = refusalOf(twice.has(user))
    return { user, errorCode: errorCode(error), errorMessage: message, credentialInfos: [] }
  }
  return {
    user,
    errorCode: 0,
    errorMessage: null,
    credentialInfos: [...credentials].map(([mechanism, { iterations }]) => ({
      mechanism,
      iterations,
    })),
  }
}

function refusalOf(isTwice: boolean): Refusal {
  return isTwice
    ? { error: 'DUPLICATE_RESOURCE', message: 'The user is named twice.' }
    : { error: 'RESOURCE_NOT_FOUND', message: 'The user has no SCRAM credentials.' }
}
