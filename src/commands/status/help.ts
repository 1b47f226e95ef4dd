/** What `status --help` says after the options. */
export const statusHelp = `
AGE is the time since the last result, red when it is older than two steps. MEDIAN and MIN-MAX are milliseconds.
An order that points of presence alone measure has one row, that of the worst of them, which POP names; --pop '*' and
patterns such as 'core/**/@*' give each a row. One that tells nothing is failing: unknown, not down.

States:
  measuring   the last slot was measured, and some ping was answered
  waiting     for its first slot
  expiring    less than a tenth of --max-age is left: refresh it, or it is archived
  down        the last slot was measured, and every ping was lost
  failing     it could not be measured, or has no result for two steps; the reason follows
  rejected    it is not a valid order; the reason follows
  unreadable  a file that would tell cannot be read

JSON: every object has all of these keys, null where there is nothing to tell:
  id, user, probe, target  text
  title, note, link        text, or null
  step, pings              of the order; seconds, and how many in a step
  state                    one of the above
  reason                   why it is failing, rejected or unreadable
  age                      seconds since the last result
  late                     true when that is more than two steps
  expires_in               seconds until it is archived, negative when it should have been
  result                   the last one: time, updated, step, pings, loss, min, median, max as in last_result:
                           seconds; loss is how many pings were lost
  in_daemon                what the running daemon makes of it: measured, rejected, unsettled (maybe half written),
                           expiring, or unseen (not picked up yet); null when no daemon answers
  unknown                  of an order that is measured: slots without a measurement since the daemon took it up,
                           failed (the probe gave none) and skipped (there was no run); else null
  pop                      the point of presence that the result is of; null: this machine
With --totals: orders, states and probes (how many of each), unseen (not picked up yet), and daemon: version, pid,
started, max_age, orders, batches, jobs_running, slots (in orders times slots), store (waiting, lag,
results_not_written, rows_not_written), disk (main_rrd: bytes when all are made, history: what it grows to, free), sinks, web (state, addresses,
restarts, last_error; null: there is none) and main_thread_delay (p50, p99, max); null when no daemon answers.
With --sinks one object a sink: name, destination, confirms (whether it says what it has taken), state (starting,
working, failing) and since when, queued (measurements that wait), spooled (those of them on disk), spooled_bytes,
sent, failed (tries), retried, dropped (by reason), lag (seconds) and last_error. It needs the daemon: exit code 1
when none answers.

With --check one line as the guidelines of monitoring plug-ins have it (Nagios, Icinga, checkmk): PINGMACHINE, the
verdict, what is wrong, and after a bar the perfdata: counts by state, the lag of each sink and, of up to 20 orders,
loss and median. Of all orders, or of those that are named, or of --user and --probe. Its exit codes:
  0  all is well
  1  some pings are lost, an order expires soon, or a sink fails or is more than 60 s behind
  2  an order is down, failing, rejected or has no new result for two steps; no daemon answers, or it has not written
     what it measured for 60 s
  3  it cannot tell: no such order, a file or the daemon may not be read, a wrong option
With --check --daemon the daemon alone: 0 or 2.

--watch scrolls by the arrows, PgUp, PgDn, Home and End, or j, k, b, space, g and G.

The daemon is asked through BASEDIR/pingmachine.sock, which needs the rights that the help of pingmachine
explain tells of.
That no daemon answers is no error; it is told below the table and, with --json, on standard error if that is a
terminal.

Exit code: 0 when all that was asked for is shown, whatever the states; 1 when there is no such order or base
directory, or an option is wrong; 2 when a file or folder could not be read. Each is a line on standard error. With
--check as above.
NO_COLOR=1 turns colours off.

Examples:
  pingmachine status --check 'office/**'
  pingmachine status
  pingmachine status --failing --watch
  pingmachine status 'office/*' --sort loss
  pingmachine status 'office/**' --pop '*'
  pingmachine status --sinks
  pingmachine status --json | jq -r 'select(.state == "failing") | .id'`;
