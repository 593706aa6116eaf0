import type { Clock } from './platform.ts'

/** Waits for `work`, but not for longer than `ms`; says which it was. The work itself goes on. A failure is thrown. */
export function within(
  clock: Clock,
  ms: number,
  work: Promise<unknown>,
): Promise<'done' | 'too-late'> {
  return new Promise((resolve, reject) => {
    const timer = clock.after(Math.max(1, ms), () => resolve('too-late'))
    work.then(
      () => {
        timer.cancel()
        resolve('done')
      },
      (error: unknown) => {
        timer.cancel()
        reject(error as Error)
      },
    )
  })
}
