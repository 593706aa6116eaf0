/** What a program may complain of whose broker is killed. */
const EXPECTED: readonly RegExp[] = [
  /Connection to node|disconnected|could not be established/,
  // A request was on its way when the connection was lost, and is sent again.
  /NETWORK_EXCEPTION|NetworkException/,
  // It subscribes to this topic before it makes it.
  /repartition=UNKNOWN_TOPIC_OR_PARTITION/,
  // Where we put its state.
  /Using an OS temp directory/,
  // The broker that is back listens before it has read what it knows.
  /CoordinatorLoadInProgress|COORDINATOR_LOAD_IN_PROGRESS|NOT_COORDINATOR/,
]

/** The complaints that have another cause, each once. */
export function unexpectedComplaints(lines: readonly string[]): string[] {
  const logged = lines.filter(line => / (WARN|ERROR) /.test(line))
  return [...new Set(logged.filter(line => !EXPECTED.some(each => each.test(line))))]
}
