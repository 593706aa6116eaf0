/** The small `key=value` files that Kafka keeps in its folders. */

/** Reads lines of `key=value`; comments and anything else are passed over. */
export function parseProperties(content: Buffer): ReadonlyMap<string, string> {
  const properties = new Map<string, string>()
  for (const line of content.toString('utf8').split('\n')) {
    const separator = line.indexOf('=')
    if (separator <= 0 || line.startsWith('#')) continue
    properties.set(line.slice(0, separator).trim(), line.slice(separator + 1).trim())
  }
  return properties
}

export function formatProperties(properties: ReadonlyMap<string, string>): Buffer {
  return Buffer.from([...properties].map(([key, value]) => `${key}=${value}\n`).join(''))
}
