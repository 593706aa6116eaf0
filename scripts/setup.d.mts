export const root: string
export class SetupError extends Error {}
export interface Stamp {
  readonly lock: string
  readonly sources: string | undefined
}
export function setUp(directory: string): void
export function isInstalled(directory: string, lock: string): boolean
export function isBuilt(directory: string, sources: string): boolean
export function entryPoints(folder: string): string[]
export function packageFolders(directory: string): string[]
export function sourcesHash(directory: string): string
export function remember(directory: string, stamp: Stamp): void
