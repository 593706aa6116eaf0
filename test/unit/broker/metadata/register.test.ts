import { describe, expect, it } from 'vitest'
import { applyAll } from '../../../../packages/broker/src/metadata/apply.ts'
import { emptyImage } from '../../../../packages/broker/src/metadata/image.ts'
import { changesOfStart } from '../../../../packages/broker/src/metadata/register.ts'

const broker = {
  brokerId: 1,
  incarnationId: 'AAAAAAAAAAAAAAAAAAAACQ',
  endPoints: [],
  rack: null,
  logDirs: [],
}
const kinds = (changes: readonly { type: string }[]) => changes.map(({ type }) => type)

describe('a start', () => {
  it('registers a new broker and finalizes the features of a new cluster', () => {
    const changes = changesOfStart(emptyImage('c'), { ...broker, lastStop: 'clean' })
    expect(kinds(changes)).toEqual([
      'FeatureLevelRecord',
      'FeatureLevelRecord',
      'FeatureLevelRecord',
      'RegisterBrokerRecord',
    ])
    expect(changes).toContainEqual({
      type: 'FeatureLevelRecord',
      name: 'group.version',
      featureLevel: 1,
    })
    expect(changes).toContainEqual({
      type: 'FeatureLevelRecord',
      name: 'transaction.version',
      featureLevel: 2,
    })
  })

  it('says nothing after a clean stop, and registers again after an unclean one', () => {
    const image = applyAll(
      emptyImage('c'),
      changesOfStart(emptyImage('c'), { ...broker, lastStop: 'clean' }),
    )
    expect(changesOfStart(image, { ...broker, lastStop: 'clean' })).toEqual([])
    expect(kinds(changesOfStart(image, { ...broker, lastStop: 'unclean' }))).toEqual([
      'RegisterBrokerRecord',
    ])
  })

  it('never lowers a feature that a newer version has raised', () => {
    const image = applyAll(emptyImage('c'), [
      { type: 'FeatureLevelRecord', name: 'metadata.version', featureLevel: 99 },
      { type: 'FeatureLevelRecord', name: 'group.version', featureLevel: 1 },
      { type: 'FeatureLevelRecord', name: 'transaction.version', featureLevel: 3 },
    ])
    expect(kinds(changesOfStart(image, { ...broker, lastStop: 'clean' }))).toEqual([
      'RegisterBrokerRecord',
    ])
  })

  it('raises a cluster that was made before there were consumer groups', () => {
    const image = applyAll(emptyImage('c'), [
      { type: 'FeatureLevelRecord', name: 'metadata.version', featureLevel: 29 },
    ])
    expect(changesOfStart(image, { ...broker, lastStop: 'clean' })).toContainEqual({
      type: 'FeatureLevelRecord',
      name: 'group.version',
      featureLevel: 1,
    })
  })
})
