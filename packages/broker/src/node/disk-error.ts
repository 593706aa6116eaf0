import { DiskError } from '../world.ts'

/** The `DiskError` for what the operating system answered. */
export const diskErrorOf = (attempt: string, path: string, cause: unknown): DiskError => {
  if (cause instanceof DiskError) return cause
  return new DiskError(attempt, path, codeOf(cause), cause)
}

/** The operating system's code of a failure, `EUNKNOWN` when it has none. */
export const codeOf = (cause: unknown): string => {
  if (cause instanceof Error && 'code' in cause && typeof cause.code === 'string') return cause.code
  return 'EUNKNOWN'
}
