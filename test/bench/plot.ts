/** Curves as a picture: what grows on a logarithmic scale, from zero upwards what a second of the processor does. */
import { amount, type Curve } from './report.ts'

const WIDTH = 720
const HEIGHT = 360
const LEFT = 90
const RIGHT = 150
const TOP = 30
const BOTTOM = 50
const COLOURS = ['#888888', '#1f77b4', '#d62728', '#2ca02c']
const LINES = 5

export function plot(curves: readonly Curve[]): string {
  const [first] = curves
  if (first === undefined) return ''
  const points = curves.flatMap(curve => curve.points)
  const most = roundUp(Math.max(...points.map(({ perCpuSecond }) => perCpuSecond)))
  const decades = Math.max(1, Math.log10(Math.max(...points.map(({ at }) => at))))
  const x = (at: number): number => LEFT + ((WIDTH - LEFT - RIGHT) * Math.log10(at)) / decades
  const y = (value: number): number => HEIGHT - BOTTOM - ((HEIGHT - TOP - BOTTOM) * value) / most
  const parts = [
    text({ x: LEFT, y: TOP - 12, words: `${first.unit} for a second of the broker's processor` }),
    text({ x: LEFT, y: HEIGHT - 10, words: first.grows }),
  ]
  for (let line = 0; line <= LINES; line += 1) {
    const value = (most * line) / LINES
    const at = y(value).toFixed(1)
    parts.push(`<line x1="${LEFT}" y1="${at}" x2="${WIDTH - RIGHT}" y2="${at}" stroke="#dddddd"/>`)
    parts.push(text({ x: LEFT - 8, y: y(value) + 4, words: amount(value), anchor: 'end' }))
  }
  for (const { at } of first.points) {
    const words = at.toLocaleString('en-US')
    parts.push(text({ x: x(at), y: HEIGHT - BOTTOM + 18, words, anchor: 'middle' }))
  }
  for (const [index, curve] of curves.entries()) {
    const colour = COLOURS[index % COLOURS.length] ?? '#000000'
    const path = curve.points.map(
      point => `${x(point.at).toFixed(1)},${y(point.perCpuSecond).toFixed(1)}`,
    )
    parts.push(
      `<polyline points="${path.join(' ')}" fill="none" stroke="${colour}" stroke-width="2"/>`,
    )
    for (const place of path) {
      const [cx, cy] = place.split(',')
      parts.push(`<circle cx="${cx}" cy="${cy}" r="3" fill="${colour}"/>`)
    }
    const place = { x: WIDTH - RIGHT + 12, y: TOP + 20 * (index + 1) }
    parts.push(text({ ...place, words: curve.side, colour }))
  }
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12">`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#ffffff"/>`,
    ...parts,
    '</svg>',
    '',
  ].join('\n')
}

interface Words {
  readonly x: number
  readonly y: number
  readonly words: string
  readonly anchor?: 'start' | 'middle' | 'end'
  readonly colour?: string
}

const text = ({ x, y, words, anchor = 'start', colour = '#333333' }: Words): string =>
  `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="${anchor}" fill="${colour}">${words}</text>`

/** To 1, 2 or 5 times a power of ten. */
function roundUp(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value))
  return ([1, 2, 5, 10].find(step => step * power >= value) ?? 10) * power
}
