import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** A record as every client can say it. */
export interface DataRecord {
  readonly key: string
  readonly value: string
}

export interface DataSet {
  readonly name: string
  readonly records: readonly DataRecord[]
}

// The package exports its code only, and the data lies beside it.
const folder = fileURLToPath(new URL('../../node_modules/vega-datasets/data', import.meta.url))
const read = (file: string): string => readFileSync(join(folder, file), 'utf8')
const rows = (file: string): Record<string, string | number | null>[] =>
  JSON.parse(read(file)) as Record<string, string | number | null>[]

const keyed = (file: string, key: string): DataRecord[] =>
  rows(file).map(row => ({ key: String(row[key] ?? 'none'), value: JSON.stringify(row) }))

/** Real data of four shapes: lines of text, small objects, titles in many alphabets, and many records of few keys. */
export function dataSets(): DataSet[] {
  const weather = read('seattle-weather.csv').trimEnd().split('\n').slice(1)
  return [
    { name: 'weather', records: weather.map(line => ({ key: line.slice(0, 7), value: line })) },
    { name: 'cars', records: keyed('cars.json', 'Name') },
    { name: 'movies', records: keyed('movies.json', 'Title') },
    { name: 'flights', records: keyed('flights-5k.json', 'origin') },
  ]
}
