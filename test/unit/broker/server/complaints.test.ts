import { describe, expect, it } from 'vitest'
import { MemoryClock } from '../../../../packages/broker/src/memory/clock.ts'
import {
  Complaints,
  frameSizeHint,
  printableClientId,
} from '../../../../packages/broker/src/server/complaints.ts'
import { NOTED_PEERS_MAX } from '../../../../packages/broker/src/server/server-limits.ts'
import type { Log } from '../../../../packages/broker/src/world.ts'

function given() {
  const clock = new MemoryClock({ now: 0 })
  const peers: unknown[] = []
  const log = {
    warn: (_message: string, fields?: object) => peers.push({ ...fields }),
  } as unknown as Log
  return { clock, peers, complaints: new Complaints(clock, log) }
}

describe('complaints', () => {
  it('are made once per peer and minute', () => {
    const { clock, peers, complaints } = given()
    for (const peer of ['a', 'a', 'b', 'a']) complaints.note(peer, 'reason', {})
    expect(peers).toHaveLength(2)
    clock.advance(60_000)
    complaints.note('a', 'reason', {})
    expect(peers).toHaveLength(3)
  })

  it('remember a bounded number of peers, the newest', () => {
    const { peers, complaints } = given()
    for (let index = 0; index <= NOTED_PEERS_MAX; index++)
      complaints.note(`peer ${index}`, 'reason', {})
    complaints.note(`peer ${NOTED_PEERS_MAX}`, 'reason', {})
    expect(peers).toHaveLength(NOTED_PEERS_MAX + 1)
    complaints.note('peer 0', 'reason', {})
    expect(peers).toHaveLength(NOTED_PEERS_MAX + 2)
  })

  it('tell what the first bytes really are', () => {
    const hintFor = (bytes: Buffer) => frameSizeHint(bytes.readInt32BE(0))
    expect(hintFor(Buffer.from('POST'))).toContain('HTTP')
    expect(hintFor(Buffer.from('SSH-'))).toContain('SSH')
    expect(hintFor(Buffer.from('16030300', 'hex'))).toContain('TLS')
    expect(frameSizeHint(200_000_000)).toBeUndefined()
    expect(frameSizeHint(-1)).toBeUndefined()
  })

  it('show a client id that no terminal obeys', () => {
    expect(printableClientId('billing-1')).toBe('billing-1')
    expect(printableClientId('a\u001b[31mb\nc\u00e9')).toBe('a?[31mb?c?')
    expect(printableClientId('x'.repeat(5000))).toHaveLength(83)
  })
})
