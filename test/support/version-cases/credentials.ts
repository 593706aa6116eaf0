import {
  AlterUserScramCredentials,
  CreateAcls,
  CreateDelegationToken,
  DeleteAcls,
  DescribeAcls,
  DescribeDelegationToken,
  DescribeUserScramCredentials,
  ExpireDelegationToken,
  RenewDelegationToken,
} from '@varve/protocol'
import { expect } from 'vitest'
import { casesOf, expectError, first } from './case.ts'

const upsertion = (name: string, changes: { mechanism?: number; iterations?: number } = {}) => ({
  ...{ name, mechanism: 1, iterations: 4096, ...changes },
  salt: Buffer.from('salt'),
  saltedPassword: Buffer.alloc(32, 1),
})

export const alterUserScramCredentialsCases = casesOf(AlterUserScramCredentials, {
  'keeps and removes credentials': async at => {
    const name = at.newName()
    const told = async () => {
      const request = { users: [{ name }] }
      return first((await at.also(DescribeUserScramCredentials, 0, request)).results)
    }
    const both = [upsertion(name), upsertion(name, { mechanism: 2, iterations: 8192 })]
    for (const one of both) {
      const { results } = await at.ask({ deletions: [], upsertions: [one] })
      expect(results).toEqual([{ user: name, errorCode: 0, errorMessage: null }])
    }
    expect((await told()).credentialInfos).toEqual([
      { mechanism: 1, iterations: 4096 },
      { mechanism: 2, iterations: 8192 },
    ])
    for (const mechanism of [1, 2]) {
      const { results } = await at.ask({ deletions: [{ name, mechanism }], upsertions: [] })
      expectError(first(results).errorCode, 'NONE')
    }
    expectError((await told()).errorCode, 'RESOURCE_NOT_FOUND')
  },
  'says why not': async at => {
    const name = at.newName()
    const refused = async (error: string, upsertions: object[], deletions: object[] = []) => {
      const { results } = await at.ask({ deletions, upsertions } as never)
      expectError(first(results).errorCode, error)
      expect(first(results).errorMessage).toMatch(/\w/)
    }
    await refused('UNSUPPORTED_SASL_MECHANISM', [upsertion(name, { mechanism: 3 })])
    await refused('UNACCEPTABLE_CREDENTIAL', [upsertion(name, { iterations: 4095 })])
    await refused('UNACCEPTABLE_CREDENTIAL', [upsertion(name, { iterations: 16_385 })])
    await refused('UNACCEPTABLE_CREDENTIAL', [upsertion('')])
    await refused('UNACCEPTABLE_CREDENTIAL', [{ ...upsertion(name), salt: Buffer.alloc(0) }])
    await refused('DUPLICATE_RESOURCE', [upsertion(name), upsertion(name)])
    await refused('RESOURCE_NOT_FOUND', [], [{ name, mechanism: 1 }])
    expect((await at.ask({ deletions: [], upsertions: [] })).results).toEqual([])
    at.deny(action => action === 'Alter Cluster kafka-cluster')
    await refused('CLUSTER_AUTHORIZATION_FAILED', [upsertion(name)])
  },
})

export const describeUserScramCredentialsCases = casesOf(DescribeUserScramCredentials, {
  'tells no secrets': async at => {
    const name = at.newName()
    const request = { deletions: [], upsertions: [upsertion(name)] }
    await at.also(AlterUserScramCredentials, 0, request)
    const credentialInfos = [{ mechanism: 1, iterations: 4096 }]
    const result = { user: name, errorCode: 0, errorMessage: null, credentialInfos }
    for (const users of [null, [], [{ name }]]) {
      const answer = await at.ask({ users })
      expectError(answer.errorCode, 'NONE')
      expect(answer.results).toContainEqual(result)
    }
    const twice = await at.ask({ users: [{ name }, { name }, { name: 'nobody' }] })
    expect(twice.results.map(({ errorCode }) => errorCode)).toEqual([92, 91])
    at.deny(action => action === 'Describe Cluster kafka-cluster')
    const answer = await at.ask({ users: null })
    expectError(answer.errorCode, 'CLUSTER_AUTHORIZATION_FAILED')
    expect(answer.results).toEqual([])
  },
})

const filter = {
  ...{ resourceTypeFilter: 1, resourceNameFilter: null, patternTypeFilter: 1 },
  ...{ principalFilter: null, hostFilter: null, operation: 1, permissionType: 1 },
}

const creation = {
  ...{ resourceType: 2, resourceName: 'orders', resourcePatternType: 3, principal: 'User:alice' },
  ...{ host: '*', operation: 3, permissionType: 3 },
}

/** Without an authorizer every one of them is answered the same; a malformed one as well. */
export const aclCases = [
  ...casesOf(DescribeAcls, {
    'has no authorizer': async at => {
      for (const asked of [filter, { ...filter, operation: 99 }]) {
        const answer = await at.ask(asked)
        expectError(answer.errorCode, 'SECURITY_DISABLED')
        expect(answer.resources).toEqual([])
      }
      at.deny(action => action === 'Describe Cluster kafka-cluster')
      expectError((await at.ask(filter)).errorCode, 'CLUSTER_AUTHORIZATION_FAILED')
    },
  }),
  ...casesOf(CreateAcls, {
    'has no authorizer': async at => {
      const creations = [creation, { ...creation, principal: 'alice', host: '', resourceType: 99 }]
      const { results } = await at.ask({ creations })
      expect(results.map(({ errorCode }) => errorCode)).toEqual([54, 54])
      expect((await at.ask({ creations: [] })).results).toEqual([])
      at.deny(action => action === 'Alter Cluster kafka-cluster')
      expectError(
        first((await at.ask({ creations })).results).errorCode,
        'CLUSTER_AUTHORIZATION_FAILED',
      )
    },
  }),
  ...casesOf(DeleteAcls, {
    'has no authorizer': async at => {
      const { filterResults } = await at.ask({ filters: [filter, filter] })
      expect(filterResults.map(one => [one.errorCode, one.matchingAcls])).toEqual([
        [54, []],
        [54, []],
      ])
      at.deny(action => action === 'Alter Cluster kafka-cluster')
      const denied = first((await at.ask({ filters: [filter] })).filterResults)
      expectError(denied.errorCode, 'CLUSTER_AUTHORIZATION_FAILED')
    },
  }),
]

const DISABLED = 'DELEGATION_TOKEN_AUTH_DISABLED'

export const delegationTokenCases = [
  ...casesOf(CreateDelegationToken, {
    'has no tokens': async at => {
      const answer = await at.ask({ renewers: [], maxLifetimeMs: -1 })
      expectError(answer.errorCode, DISABLED)
      const me = { principalType: 'User', principalName: 'ANONYMOUS' }
      expect(answer).toMatchObject({ ...me, tokenId: '', expiryTimestampMs: -1 })
      if (at.version < 3) return
      const owner = { ownerPrincipalType: 'User', ownerPrincipalName: 'bob' }
      const forBob = await at.ask({ ...owner, renewers: [], maxLifetimeMs: -1 })
      expect(forBob).toMatchObject({
        ...{ principalName: 'bob', tokenRequesterPrincipalName: 'ANONYMOUS' },
      })
    },
  }),
  ...casesOf(RenewDelegationToken, {
    'has no tokens': async at => {
      const answer = await at.ask({ hmac: Buffer.from('token'), renewPeriodMs: 1 })
      expectError(answer.errorCode, DISABLED)
      expect(answer.expiryTimestampMs).toBe(-1)
    },
  }),
  ...casesOf(ExpireDelegationToken, {
    'has no tokens': async at => {
      const answer = await at.ask({ hmac: Buffer.from('token'), expiryTimePeriodMs: -1 })
      expectError(answer.errorCode, DISABLED)
      expect(answer.expiryTimestampMs).toBe(-1)
    },
  }),
  ...casesOf(DescribeDelegationToken, {
    'has no tokens': async at => {
      for (const owners of [null, []]) {
        const answer = await at.ask({ owners })
        expectError(answer.errorCode, DISABLED)
        expect(answer.tokens).toEqual([])
      }
    },
  }),
]
