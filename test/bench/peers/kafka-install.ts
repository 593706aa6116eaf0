/** Apache Kafka from Maven Central, in the cache that `test/interop/install.sh` shares: never a dependency of ours. */
import { spawnSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const JAVA_MIN = 17
const pom = fileURLToPath(new URL('../../interop/java/server-pom.xml', import.meta.url))

/** Either where the jars are, or one sentence that says what is missing. */
export type KafkaInstallation =
  | { readonly cache: string; readonly version: string }
  | { readonly missing: string }

/** The folder that everything foreign is installed into, outside of the tree. */
export function peerCache(): string {
  return join(process.env['VARVE_CACHE'] ?? join(homedir(), '.cache'), 'varve-interop')
}

/** Installs Kafka's server on first use; a second run finds it. */
export function installKafka(): KafkaInstallation {
  const java = javaMajor()
  if (java === undefined || java < JAVA_MIN) {
    const found = java === undefined ? 'none was found' : `${java} was found`
    return {
      missing: `Apache Kafka needs Java ${JAVA_MIN} or newer as "java" in the PATH, and ${found}: install a JDK, such as openjdk-17-jdk-headless.`,
    }
  }
  const version = /kafka_2\.13<\/artifactId><version>([^<]+)/.exec(readFileSync(pom, 'utf8'))?.[1]
  if (version === undefined) throw new Error(`${pom} names no version of kafka_2.13`)
  const cache = peerCache()
  const folder = join(cache, 'server')
  const marker = join(folder, '.installed')
  const pinned = `kafka server ${version}`
  if (existsSync(marker) && readFileSync(marker, 'utf8').trim() === pinned) {
    return { cache, version }
  }
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  copyFileSync(pom, join(folder, 'pom.xml'))
  const jars = `-DoutputDirectory=${join(folder, 'jars')}`
  const args = ['--quiet', '--batch-mode', '-f', join(folder, 'pom.xml')]
  const copied = spawnSync('mvn', [...args, 'dependency:copy-dependencies', jars], {
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  if (copied.error !== undefined) {
    return {
      missing: `Apache Kafka ${version} comes from Maven Central, and "mvn" is not in the PATH: install Maven (the package maven) and run this again.`,
    }
  }
  if (copied.status !== 0) {
    return { missing: `Maven could not fetch Apache Kafka ${version}; what it printed is above.` }
  }
  writeFileSync(marker, `${pinned}\n`)
  return { cache, version }
}

function javaMajor(): number | undefined {
  const { stderr, error } = spawnSync('java', ['-version'], { encoding: 'utf8' })
  const major = error === undefined ? /version "(\d+)/.exec(stderr)?.[1] : undefined
  return major === undefined ? undefined : Number(major)
}
