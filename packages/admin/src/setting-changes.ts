import type { ConfigChanges, ConfigResource } from '@varve/client'
import type { Argv } from 'yargs'
import { UsageError } from './command-error.ts'

/** Settings as they stand on the command line. */
export interface SettingOptions {
  readonly settings: readonly string[] | undefined
  readonly remove: readonly string[] | undefined
  readonly append: readonly string[] | undefined
  readonly subtract: readonly string[] | undefined
  readonly dryRun: boolean
}

/** Adds the positional settings and the options beside them. */
export function settingOptions(yargs: Argv<object>): Argv<object> {
  return yargs
    .positional('settings', {
      type: 'string',
      array: true,
      describe: 'Settings, as name=value',
    })
    .option('remove', {
      type: 'string',
      array: true,
      nargs: 1,
      requiresArg: true,
      describe: 'Settings that go back to their default',
    })
    .option('append', {
      type: 'string',
      array: true,
      nargs: 1,
      requiresArg: true,
      describe: 'Values to add to lists, as name=value',
    })
    .option('subtract', {
      type: 'string',
      array: true,
      nargs: 1,
      requiresArg: true,
      describe: 'Values to take from lists, as name=value',
    })
    .option('dry-run', {
      type: 'boolean',
      default: false,
      describe: 'Only ask the cluster whether it would work',
    })
}

/** The changes that the options ask for. */
export function settingChanges(resource: ConfigResource, options: SettingOptions): ConfigChanges {
  const { settings = [], remove = [], append = [], subtract = [] } = options
  if (settings.length + remove.length + append.length + subtract.length === 0) {
    throw new UsageError(
      'There is nothing to change: give settings as name=value, or --remove name',
    )
  }
  return {
    ...resource,
    set: namedValues(settings),
    remove,
    append: namedValues(append),
    subtract: namedValues(subtract),
  }
}

/** Reads `name=value` pairs; the value may contain further equals signs, and may be empty. */
export function namedValues(pairs: readonly string[]): { readonly [name: string]: string } {
  return Object.fromEntries(
    pairs.map(pair => {
      const at = pair.indexOf('=')
      if (at < 1) throw new UsageError(`${JSON.stringify(pair)} is no setting; expected name=value`)
      return [pair.slice(0, at).trim(), pair.slice(at + 1)]
    }),
  )
}
