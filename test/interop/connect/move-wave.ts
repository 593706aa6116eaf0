import { until } from '../java-program.ts'
import { type GrowingFile, lineDifference, writtenLines } from './line-files.ts'

const WAVE_MS_MAX = 90_000

/** Lets files grow, does something when some of it has come through, and waits until all has. */
export async function moveWave(given: {
  readonly ways: readonly { readonly source: GrowingFile; readonly sink: string }[]
  readonly wave: readonly string[]
  readonly act: () => Promise<void>
}): Promise<void> {
  const { ways, wave, act } = given
  const growing = Promise.all(ways.map(({ source }) => source.grow(wave)))
  const middle = wave[Math.floor(wave.length / 4)] ?? ''
  await until('the middle of a wave', WAVE_MS_MAX, () =>
    ways.every(({ sink }) => writtenLines(sink).includes(middle)),
  )
  await act()
  await growing
  await until('all lines in the files', WAVE_MS_MAX, () =>
    ways.every(({ sink }) => lineDifference(wave, writtenLines(sink)).lost.length === 0),
  )
}
