import { expect, it } from 'vitest'
import { clientMetricsConfigProblem } from '../../../../packages/broker/src/config/client-metrics-configs.ts'

it.each([
  ['interval.ms', '100'],
  ['interval.ms', '3600000'],
  ['metrics', '*'],
  ['metrics', ''],
  ['match', ''],
  ['match', 'client_id=a.*,client_software_name=x'],
])('accepts %s=%s', (name, value) => {
  expect(clientMetricsConfigProblem(name, value)).toBeUndefined()
})

it.each([
  ['interval.ms', '99'],
  ['interval.ms', '3600001'],
  ['interval.ms', 'soon'],
  ['interval.ms', null],
  ['match', 'client_id'],
  ['match', 'client_id='],
  ['match', 'user=a'],
  ['match', 'client_id=('],
  ['match', `client_id=${'a'.repeat(2000)}`],
  ['no.such', '1'],
])('refuses %s=%s', (name, value) => {
  expect(clientMetricsConfigProblem(name, value)).toMatch(/expected|no value/)
})
