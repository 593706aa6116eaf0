import { DescribeAcls, errorCode } from '@varve/protocol'
import { clusterRefusal } from './cluster-permission.ts'
import { handler } from './handler.ts'
import { SECURITY_DISABLED } from './security-disabled.ts'

export const describeAcls = handler(DescribeAcls, ['Describe Cluster'], (_request, context) => {
  const { error, message } = clusterRefusal(context, 'Describe') ?? SECURITY_DISABLED
  return { errorCode: errorCode(error), errorMessage: message, resources: [] }
})
