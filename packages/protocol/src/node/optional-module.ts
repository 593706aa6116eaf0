import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)

/**
 * Loads an optional native package when it is first needed; undefined where it is not installed or has no build for this
 * machine, which means the portable code, not a failure.
 */
export function optionalModule<T>(name: string): T | undefined {
  try {
    return require(name) as T
  } catch {
    // Any reason for not loading has the same remedy.
    return undefined
  }
}
