/** What a Java program may complain of whose broker is killed. */
const EXPECTED: readonly RegExp[] = [
  /Connection to node|disconnected|could not be established/,
  // A request was on its way when the connection was lost, or waited for one.
  /NETWORK_EXCEPTION|NetworkException|DisconnectException|NoAvailableBrokersException/,
  // Streams subscribes to this topic before it makes it.
  /repartition=UNKNOWN_TOPIC_OR_PARTITION/,
  // Where we put its state.
  /Using an OS temp directory/,
  // The broker that is back listens before it has read what it knows.
  /CoordinatorLoadInProgress|COORDINATOR_LOAD_IN_PROGRESS|NOT_COORDINATOR/,
  // It says so, as Kafka does, to who produces in a transaction before the transaction's coordinator is read.
  /NOT_ENOUGH_REPLICAS/,
  // With the broker away, a transaction may take longer than the ten seconds that Streams gives it, and is aborted.
  /TaskMigratedException|is being fenced|InvalidProducerEpochException/,
  // A worker of Connect stops its connectors when it has lost its group, and gives each five seconds, broker or not.
  /Connector '[\w-]+' failed to properly shut down/,
  // It has not read yet what another worker wrote down.
  /Catching up to assignment's config offset/,
  // It does not wait for the answer when it leaves its group.
  /WorkerCoordinator .* Close timed out with \d+ pending requests to coordinator/,
]

const BEGINS = /^\[.*\] (WARN|ERROR) /

/** What was logged for another cause, each once, with what stands below it. */
export function unexpectedComplaints(lines: readonly string[]): string[] {
  const entries: string[] = []
  for (const line of lines) {
    if (BEGINS.test(line)) entries.push(line)
    else if (entries.length > 0) entries.push(`${entries.pop()}\n${line}`)
  }
  return [...new Set(entries.filter(entry => !EXPECTED.some(each => each.test(entry))))]
}
