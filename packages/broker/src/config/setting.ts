/** One setting as a row of our tables: what it holds, what stands in for it, what is acceptable, and when it may change. */

export interface Setting {
  readonly type: SettingType
  /** The default as text; null: none; `REQUIRED`: Kafka demands a value, see `defaults.ts` for ours. */
  readonly default: string | null
  /** Kafka's notation, which `accepts.ts` reads: `any`, `[1,...]`, `[0,...,1]`, `[compact, delete]`. */
  readonly valid: string
  readonly mode: UpdateMode
  /** Not shown by DescribeConfigs. */
  readonly isInternal: boolean
  readonly about: string
}

export type SettingType =
  | 'BOOLEAN'
  | 'STRING'
  | 'INT'
  | 'SHORT'
  | 'LONG'
  | 'DOUBLE'
  | 'LIST'
  | 'CLASS'
  | 'PASSWORD'

/**
 * When a setting may change: a broker's only at start (`read-only`), at run time for one broker (`per-broker`) or also for
 * all of them (`cluster-wide`); a topic's, a group's and a subscription's at any time.
 */
export type UpdateMode =
  | 'read-only'
  | 'per-broker'
  | 'cluster-wide'
  | 'topic'
  | 'group'
  | 'client-metrics'

/** The default of a setting that Kafka demands. */
export const REQUIRED = '<required>'

type Row = (standing: string | null, valid: string, mode: UpdateMode, about: string) => Setting

const rowOf =
  (type: SettingType): Row =>
  (standing, valid, mode, about) => ({
    type,
    default: standing,
    valid,
    mode,
    isInternal: false,
    about,
  })

export const boolean = rowOf('BOOLEAN')
export const string = rowOf('STRING')
export const int = rowOf('INT')
export const short = rowOf('SHORT')
export const long = rowOf('LONG')
export const double = rowOf('DOUBLE')
export const list = rowOf('LIST')
export const javaClass = rowOf('CLASS')
export const password = rowOf('PASSWORD')

export function internal(setting: Setting): Setting {
  return { ...setting, isInternal: true }
}

/** Whether the value is a secret that no answer and no log line may show. */
export function isSensitive(setting: Setting): boolean {
  return setting.type === 'PASSWORD'
}
