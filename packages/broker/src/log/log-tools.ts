import type { Codecs, Crc32c } from '@varve/protocol'
import type { World } from '../world.ts'
import type { LogFlusher } from './dirty-log.ts'
import type { LogLimits } from './log-limits.ts'
import type { ProducerQuota } from './producer-quota.ts'
import type { ReadBuffers } from './read-buffers.ts'
import type { TailCache } from './tail-cache.ts'

/** What all logs of a broker share, and what suffices to load one. */
export interface LoadTools {
  readonly world: World
  readonly codecs: Codecs
  readonly crc32c: Crc32c
  readonly limits: LogLimits
  readonly tailCache: TailCache
  readonly readBuffers: ReadBuffers
  readonly producerQuota: ProducerQuota
}

export interface LogTools extends LoadTools {
  readonly flusher: LogFlusher
}
