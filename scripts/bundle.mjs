// Writes the JavaScript of the packages: each becomes one file for what others import, one for its program if it has one, and what
// the two share or load later. Node takes half a millisecond for a module, and the broker has hundreds. The types are the compiler's.

import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { entryPoints, packageFolders, root } from './setup.mjs'

/** Joins the modules of the package in `folder` below its `dist`, and removes the JavaScript of earlier builds. */
export async function bundle(folder) {
  const { metafile } = await build({
    absWorkingDir: folder,
    entryPoints: entryPoints(folder),
    outbase: join(folder, 'src'),
    outdir: join(folder, 'dist'),
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    external: externalOf(folder),
    // Names and lines stay, so that a stack trace can be read without the map. The map leads to `src`, which is published too.
    minify: false,
    sourcemap: true,
    sourcesContent: false,
    metafile: true,
    logLevel: 'warning',
  })
  const written = new Set(Object.keys(metafile.outputs))
  for (const file of scriptsBelow(join(folder, 'dist'))) {
    if (!written.has(relative(folder, file).replaceAll('\\', '/'))) rmSync(file)
  }
}

/**
 * Other packages stay imports, ours as well: a process that runs a broker and a client has one copy of the protocol. But the first import of a
 * CommonJS package costs Node as much as a fifth of the protocol, and for checksums every process would pay it at its start.
 */
function externalOf(folder) {
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const { dependencies, optionalDependencies, peerDependencies } = manifest
  const names = Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies })
  return names.filter(name => name !== 'crc-32').flatMap(name => [name, `${name}/*`])
}

function scriptsBelow(folder) {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter(entry => entry.isFile() && /\.js(\.map)?$/.test(entry.name))
    .map(entry => join(entry.parentPath, entry.name))
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const folder of packageFolders(root)) await bundle(folder)
}
