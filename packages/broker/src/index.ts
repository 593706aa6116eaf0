export { ConfigError } from './config/config-error.ts'
export { type RunningBroker, type StartBrokerOptions, startBroker } from './start-broker.ts'
export { DiskError, type Log, type LogFields, NetworkError } from './world.ts'
