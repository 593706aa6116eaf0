/**
 * The settings of one broker: what was given at start, under what was set at run time. A value that may change at run time is read
 * where it is used, never kept; reading is a map lookup.
 */

import { assert } from '../assert.ts'
import type { MetadataImage } from '../metadata/image.ts'
import { listItems, refusal } from './accepts.ts'
import { standaloneDefaults } from './defaults.ts'
import { saturated } from './numbers.ts'
import { REQUIRED } from './setting.ts'
import { BROKER_SETTINGS, type BrokerSettingName, isBrokerSettingName } from './settings-table.ts'

type Values = ReadonlyMap<string, string>

const NONE: Values = new Map()

export class BrokerSettings {
  readonly #given: Values
  #ofBroker: Values = NONE
  #ofCluster: Values = NONE
  readonly #parsed = new Map<BrokerSettingName, number | boolean | readonly string[]>()

  /** `given`: the checked values of the start, by name. */
  constructor(given: Values) {
    this.#given = given
  }

  /** Takes the run-time values of this broker from an image. */
  follow(image: MetadataImage): void {
    const ofBroker = image.brokerConfigs.get(String(this.int('node.id'))) ?? NONE
    const ofCluster = image.brokerConfigs.get('') ?? NONE
    if (ofBroker === this.#ofBroker && ofCluster === this.#ofCluster) return
    this.#ofBroker = ofBroker
    this.#ofCluster = ofCluster
    this.#parsed.clear()
  }

  /** The value as it was written; undefined when there is none. */
  text(name: BrokerSettingName): string | undefined {
    return this.layers(name)[0]?.value
  }

  /** An integer or number; a long beyond 2^53-1 is that bound. Only for settings that have a value. */
  number(name: BrokerSettingName): number {
    return this.#parse(name, text => saturated(text))
  }

  /** The same as `number`, for settings that count or measure whole things. */
  int(name: BrokerSettingName): number {
    return this.number(name)
  }

  boolean(name: BrokerSettingName): boolean {
    return this.#parse(name, text => text.trim().toLowerCase() === 'true')
  }

  list(name: BrokerSettingName): readonly string[] {
    return this.#parse(name, listItems)
  }

  /** Whether somebody chose the value: at start or at run time. */
  isGiven(name: BrokerSettingName): boolean {
    return this.layers(name)[0]?.source !== 'default' && this.layers(name).length > 0
  }

  /** What the setting holds and what would take its place, the strongest first. */
  layers(name: BrokerSettingName): readonly Layer[] {
    const layers: Layer[] = []
    const add = (value: string | null | undefined, source: LayerSource): void => {
      if (typeof value === 'string') layers.push({ name, value, source })
    }
    const setting = BROKER_SETTINGS[name]
    if (setting.mode === 'per-broker' || setting.mode === 'cluster-wide') {
      add(acceptable(name, this.#ofBroker.get(name)), 'broker')
      add(acceptable(name, this.#ofCluster.get(name)), 'cluster')
    }
    add(this.#given.get(name), 'given')
    add(
      standaloneDefaults.get(name) ?? (setting.default === REQUIRED ? '' : setting.default),
      'default',
    )
    return layers
  }

  #parse<T extends number | boolean | readonly string[]>(
    name: BrokerSettingName,
    parse: (text: string) => T,
  ): T {
    const known = this.#parsed.get(name)
    if (known !== undefined) return known as T
    const text = this.text(name)
    assert(text !== undefined, `the setting ${name} has a value`)
    const value = parse(text)
    this.#parsed.set(name, value)
    return value
  }
}

/** One value of a setting: `broker` and `cluster` were set at run time, `given` at start. */
export interface Layer {
  readonly name: BrokerSettingName
  readonly value: string
  readonly source: LayerSource
}

export type LayerSource = 'broker' | 'cluster' | 'given' | 'default'

/** A value that an older or foreign metadata log holds and that we would not accept counts as not set. */
function acceptable(name: BrokerSettingName, value: string | undefined): string | undefined {
  if (value === undefined || !isBrokerSettingName(name)) return undefined
  return refusal(BROKER_SETTINGS[name], value) === undefined ? value : undefined
}
