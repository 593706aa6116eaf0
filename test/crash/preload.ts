import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Compiles a library to be preloaded into a broker; undefined when there is no gcc. */
export function compilePreload(name: string, folder: string): string | undefined {
  const source = fileURLToPath(new URL(`${name}.c`, import.meta.url))
  const library = join(folder, `${name}.so`)
  try {
    execFileSync('gcc', ['-shared', '-fPIC', '-O1', '-o', library, source, '-ldl'], {
      stdio: 'pipe',
    })
    return library
  } catch (error) {
    if ((error as { code?: string }).code === 'ENOENT') return undefined
    throw error
  }
}
