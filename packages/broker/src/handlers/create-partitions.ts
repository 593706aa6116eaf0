import { CreatePartitions, errorCode } from '@varve/protocol'
import { amend } from '../metadata/amend.ts'
import { createPartitions as decide, type Grown } from '../metadata/create-partitions.ts'
import { handler, type RequestContext } from './handler.ts'
import { namedTwice } from './named-twice.ts'
import { orStorageFailure, STORAGE_FAILURE } from './storage-failure.ts'

/** Adds partitions to topics, each for itself; the answer leaves when this broker serves them. */
export const createPartitions = handler(
  CreatePartitions,
  ['Alter Topic'],
  async (request, context) => {
    const { metadata, settings } = context.broker
    const twice = namedTwice(request.topics.map(({ name }) => name))
    const refusals = new Map(
      request.topics.map(({ name }) => [name, refusalOf(context, name, twice)] as const),
    )
    const wanted = request.topics.filter(({ name }) => refusals.get(name) === undefined)
    const outcomes = request.validateOnly
      ? decide(metadata.image, wanted, settings).outcome
      : await orStorageFailure<readonly Grown[]>(
          amend(metadata, image => decide(image, wanted, settings)),
          () => wanted.map(() => STORAGE_FAILURE),
        )
    const outcomeOf = new Map(wanted.map(({ name }, index) => [name, outcomes[index]] as const))
    return {
      results: [...refusals].map(([name, refusal]) => {
        const outcome = refusal ?? outcomeOf.get(name) ?? STORAGE_FAILURE
        return {
          name,
          errorCode: errorCode(outcome.error),
          errorMessage: outcome.error === 'NONE' ? null : outcome.message,
        }
      }),
    }
  },
)

function refusalOf(
  context: RequestContext,
  name: string,
  twice: ReadonlySet<string>,
): Exclude<Grown, { error: 'NONE' }> | undefined {
  if (twice.has(name))
    return { error: 'INVALID_REQUEST', message: `The topic ${name} is named twice.` }
  if (context.authorize('Alter', 'Topic', name)) return undefined
  return { error: 'TOPIC_AUTHORIZATION_FAILED', message: 'Not allowed to change this topic.' }
}
