// Puts the modules of a built package into one file: Node takes half a millisecond for each, and the codecs are some 200. Run after
// `tsc -b`, which stays the only compiler: this joins what it wrote.

import { rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

/** The packages that others import, by their folder below `packages`. */
const BUNDLED = ['protocol']

/** Joins the modules that `dist/index.js` of a package imports, and writes them in its place. */
export async function bundle(folder) {
  const index = join(folder, 'dist/index.js')
  await build({
    entryPoints: [index],
    outfile: index,
    allowOverwrite: true,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    packages: 'external',
    sourcemap: true,
    logLevel: 'warning',
  })
  // The compiler must not take this file for its own: without its notes, the next `tsc -b` writes every module anew.
  rmSync(join(folder, 'dist/.tsbuildinfo'), { force: true })
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const root = dirname(dirname(fileURLToPath(import.meta.url)))
  for (const name of BUNDLED) await bundle(join(root, 'packages', name))
}
