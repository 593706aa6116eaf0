import { sleep } from '../backoff.ts'
import type { Cluster } from '../cluster/cluster.ts'

const RECHECK_MS = 5

/**
 * Resolves when everything that was sent has left this machine, or the time is up. With acks 0 nobody answers, so what is still
 * in the socket's queue would be lost with the connection.
 */
export async function untilSent(cluster: Cluster, timeoutMs: number): Promise<void> {
  const { platform } = cluster.settings
  const deadline = platform.clock.monotonic() + timeoutMs
  while (cluster.unsentBytes > 0 && platform.clock.monotonic() < deadline) {
    await sleep(platform, RECHECK_MS)
  }
}
