import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { loadConfig } from '../../../packages/broker/src/config/load.ts'

const compose = readFileSync('docker-compose.yml', 'utf8')
const dockerfile = readFileSync('Dockerfile', 'utf8')

/** `NAME: value` of the compose file, over `NAME=value` of the image. */
const environment = Object.fromEntries([
  ...[...dockerfile.matchAll(/(KAFKA_\w+)=(\S+)/g)].map(([, name, value]) => [name, value]),
  ...[...compose.matchAll(/^ +(CLUSTER_ID|KAFKA_\w+): (.+)$/gm)].map(([, name, value]) => [
    name,
    value,
  ]),
]) as { readonly [name: string]: string }

it('is an environment that the broker understands whole', () => {
  const { warnings, listeners, clusterId, dataDirectories } = loadConfig({ environment })
  expect(warnings).toEqual([])
  expect(clusterId).toMatch(/^[\w-]{22}$/)
  expect(dataDirectories).toEqual(['/data'])
  expect(listeners.map(({ name, port, advertised }) => [name, port, advertised])).toEqual([
    ['INSIDE', 19_092, { host: 'varve', port: 19_092 }],
    ['OUTSIDE', 9092, { host: 'localhost', port: 9092 }],
  ])
})

it('opens the port that the image exposes, as somebody who is not root', () => {
  expect(dockerfile).toMatch(/^EXPOSE 9092$/m)
  expect(compose).toContain('"9092:9092"')
  expect(dockerfile.indexOf('\nUSER node\n')).toBeLessThan(dockerfile.indexOf('\nCMD '))
  expect(dockerfile).toContain('\nVOLUME /data\n')
})
