import type { ResponseInput } from '@varve/protocol'
import { loadConfig } from '../../packages/broker/src/config/load.ts'
import type { BrokerParts } from '../../packages/broker/src/handlers/broker-parts.ts'
import type { Handler, RequestContext } from '../../packages/broker/src/handlers/handler.ts'
import type { MemoryDisk } from '../../packages/broker/src/memory/disk.ts'
import { amend } from '../../packages/broker/src/metadata/amend.ts'
import {
  type LocalMetadataStore,
  openLocalMetadataStore,
} from '../../packages/broker/src/metadata/local-metadata-store.ts'
import { changesOfStart } from '../../packages/broker/src/metadata/register.ts'
import { DiskError } from '../../packages/broker/src/world.ts'
import { DATA_FOLDER, metadataWorld, newMemoryDisk, storeOptions } from './metadata-world.ts'

/** A broker without a network: a metadata store on a memory disk, settings, and one endpoint. */
export interface AdminBroker {
  readonly disk: MemoryDisk
  readonly store: LocalMetadataStore
  readonly parts: BrokerParts
  /** Asks a handler, in a version, and gives its answer. */
  readonly ask: <A extends Handler['api']>(
    handler: Handler<A>,
    version: number,
    request: object,
  ) => Promise<ResponseInput<A>>
  /** Has no change of the metadata become durable from now on. */
  readonly fillDisk: () => void
  /** Forbids what the predicate says, for the questions after this one. */
  readonly forbid: (predicate: (permission: string) => boolean) => void
}

export async function adminBroker(...overrides: string[]): Promise<AdminBroker> {
  const disk = await newMemoryDisk()
  const world = metadataWorld(disk)
  const { settings } = loadConfig({ overrides })
  const store = await openLocalMetadataStore(storeOptions(world))
  store.onImage(image => settings.follow(image))
  await amend(store, image => ({
    outcome: undefined,
    changes: changesOfStart(image, {
      brokerId: 1,
      incarnationId: 'AAAAAAAAAAAAAAAAAAAAAg',
      endPoints: [],
      rack: null,
      logDirs: [],
      lastStop: 'unclean',
    }),
  }))
  const endpoint = { brokerId: 1, host: 'localhost', port: 9092, rack: null }
  const parts = {
    world,
    settings,
    brokerId: 1,
    clusterId: store.image.clusterId,
    dataDirectory: DATA_FOLDER,
    metadata: store,
    partitions: { get: () => undefined, getOpened: () => undefined, openAsked: () => undefined },
    endpoints: { all: () => [endpoint], of: (id: number) => (id === 1 ? endpoint : undefined) },
  } as unknown as BrokerParts
  let isForbidden = (_permission: string): boolean => false
  return {
    disk,
    store,
    parts,
    fillDisk: () => {
      store.propose = () => Promise.reject(new DiskError('append to', '/data/x.log', 'ENOSPC'))
    },
    forbid: predicate => {
      isForbidden = predicate
    },
    ask: async (handler, version, request) => {
      const context = {
        apiVersion: version,
        broker: parts,
        connection: {},
        authorize: (operation: string, type: string, name: string) =>
          !isForbidden(`${operation} ${type} ${name}`),
      } as unknown as RequestContext
      const answer = await handler.handle(request as never, context)
      return answer as never
    },
  }
}
