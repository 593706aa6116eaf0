/** The names that come more than once: what a request says twice, it must not say at all. */
export function namedTwice(names: Iterable<string>): ReadonlySet<string> {
  const once = new Set<string>()
  const twice = new Set<string>()
  for (const name of names) {
    if (once.has(name)) twice.add(name)
    once.add(name)
  }
  return twice
}
