import { expect, it } from 'vitest'
import { clusterRefusal } from '../../../../packages/broker/src/handlers/cluster-permission.ts'

it('refuses who may not do this to the cluster, and nobody else', () => {
  const asked: string[] = []
  const context = (isAllowed: boolean) => ({
    authorize: (...of: readonly string[]) => {
      asked.push(of.join(' '))
      return isAllowed
    },
  })
  expect(clusterRefusal(context(true), 'Alter')).toBeUndefined()
  expect(clusterRefusal(context(false), 'Describe')?.error).toBe('CLUSTER_AUTHORIZATION_FAILED')
  expect(asked).toEqual(['Alter Cluster kafka-cluster', 'Describe Cluster kafka-cluster'])
})
