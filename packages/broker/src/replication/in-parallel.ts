/** As many as the threads that Node has for files, in a broker that was started by its own program. */
const AT_ONCE = 16

/** Does the work for every item, some at once. Resolves when all is done, or rejects then with the first failure. */
export async function inParallel<T>(
  items: readonly T[],
  work: (item: T) => Promise<void>,
): Promise<void> {
  const waiting = items.values()
  const failures: unknown[] = []
  const workOff = async (): Promise<void> => {
    for (const item of waiting) {
      try {
        await work(item)
      } catch (error) {
        failures.push(error)
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, items.length) }, workOff))
  if (failures.length > 0) throw failures[0]
}
