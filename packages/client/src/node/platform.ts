import { connect as connectTcp } from 'node:net'
import { crc32c, nodeCodecs } from '@varve/protocol'
import type { Address, Clock, Platform, Socket, SocketEvents } from '../platform.ts'

// Captured at load, so that a test's fake timers do not freeze a client.
const { setTimeout, clearTimeout, setImmediate } = globalThis
const now = Date.now
const { performance } = globalThis
const random = Math.random

const clock: Clock = {
  now: () => now(),
  monotonic: () => performance.now(),
  after(delayMs, fire) {
    const timer = setTimeout(fire, delayMs)
    return { cancel: () => clearTimeout(timer) }
  },
  endOfTurn: run => {
    setImmediate(run)
  },
}

/** The machine that the process runs on. */
export function nodePlatform(): Platform {
  return {
    clock,
    random: { below: bound => Math.floor(random() * bound) },
    codecs: nodeCodecs(),
    crc32c,
    connect,
  }
}

const RECEIVE_BUFFER_BYTES = 64 * 1024

function connect(to: Address, events: SocketEvents): Socket {
  const buffer = Buffer.allocUnsafeSlow(RECEIVE_BUFFER_BYTES)
  let reason: Error | undefined
  const socket = connectTcp({
    host: to.host,
    port: to.port,
    noDelay: true,
    keepAlive: true,
    onread: {
      // One buffer per connection: larger ones leave the processor's cache, fresh ones cost more than the copy they save.
      buffer,
      callback: sizeBytes => {
        events.onBytes(buffer.subarray(0, sizeBytes))
        return true
      },
    },
  })
  socket.on('connect', () => events.onConnect())
  socket.on('error', error => {
    reason = error
  })
  socket.on('close', () => events.onClose(reason))

  return {
    send(parts) {
      if (parts.length === 1) {
        socket.write(parts[0] as Uint8Array)
        return
      }
      socket.cork()
      for (const part of parts) socket.write(part)
      socket.uncork()
    },
    get unsentBytes() {
      return socket.writableLength
    },
    pause: () => void socket.pause(),
    resume: () => void socket.resume(),
    destroy: () => void socket.destroy(),
  }
}
