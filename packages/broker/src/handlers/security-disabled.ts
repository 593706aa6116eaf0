/** What the ACL APIs answer while there is no authorizer (`authorizer.class.name`): everybody may do everything. */
import type { Refusal } from '../metadata/new-partitions.ts'

export const SECURITY_DISABLED: Refusal = {
  error: 'SECURITY_DISABLED',
  message: 'The broker has no authorizer: there are no access control entries.',
}
