/** A section of the manual page that --help does not have. */
export interface ProseSection {
	readonly title: string;
	readonly paragraphs?: readonly string[];
	/** Shown as it is. */
	readonly example?: string;
	readonly entries?: readonly (readonly [term: string, text: string])[];
}

export const purpose = 'measure latency and loss for applications that ask for it with files';

/** Before the commands. */
export const introduction: readonly ProseSection[] = [
	{
		title: 'DESCRIPTION',
		paragraphs: [
			'pingmachine measures latency and loss for applications that ask for it with files: an application writes a small YAML file, an order, below orders/, and within a second its target is being measured. For every step pingmachine computes loss, minimum, median and maximum, and writes them to output/ORDER/main.rrd and output/ORDER/last_result.',
			'The daemon is started with pingmachine run, in production by systemd. All other commands read and write the file tree only: they need no daemon.',
		],
	},
	{
		title: 'ORDERS',
		paragraphs: [
			'The path of an order file below orders/ is the id of the order. This one measures a host with five pings a minute:',
		],
		example: `user: me
task: uplink
step: 60
pings: 5
probe: fping
fping:
    host: 192.0.2.7`,
		entries: [
			['removed', 'A file that is removed ends the measurements. What was measured is kept in archive/.'],
			['expired', 'So does one that was neither written nor touched for --max-age seconds.'],
			['changed', 'The new content takes effect at the next slot.'],
			['wrong', 'It is not measured and stays as it is. output/ORDER/error and pingmachine check say why.'],
		],
	},
];

/** After the commands. */
export const conclusion: readonly ProseSection[] = [
	{
		title: 'EXIT STATUS',
		paragraphs: ['The commands say above what theirs mean. In general:'],
		entries: [
			['0', 'All was done. For pingmachine run: it was ended by a signal, with everything written.'],
			['1', 'Something was not done, or an argument or option is wrong; standard error says what.'],
			['2', 'pingmachine status: a file or folder could not be read.'],
		],
	},
	{
		title: 'SIGNALS',
		entries: [
			['SIGTERM, SIGINT', 'End pingmachine run within five seconds, and pingmachine order add --keep-alive.'],
			['SIGHUP', 'Lets pingmachine run read its config file again. Ends pingmachine order add --keep-alive.'],
		],
	},
	{
		title: 'ENVIRONMENT',
		entries: [
			['NO_COLOR', 'When it is set and not empty, pingmachine status uses no colours.'],
			['PATH', 'Where fping, rrdtool and the programs of other probes are looked for.'],
			[
				'NOTIFY_SOCKET, WATCHDOG_USEC',
				'Set by systemd: where pingmachine run tells that it is ready and alive.',
			],
			['UV_THREADPOOL_SIZE', 'How many host names pingmachine run looks up at a time, at the most (4).'],
			['TZ', 'The time zone of graphs, and of times that are given without one.'],
		],
	},
	{
		title: 'FILES',
		entries: [
			['/etc/pingmachine/pingmachine.yaml', 'The config file of the service. It is named with --config.'],
			['/var/lib/pingmachine', 'The base directory. Another one is named with --basedir.'],
			['orders/', 'Below the base directory, written by applications: the orders.'],
			['output/ORDER/last_result', 'The last measurement, as YAML; replaced as a whole by a rename.'],
			['output/ORDER/main.rrd', 'All measurements, for rrdtool.'],
			['output/ORDER/error', 'Why the order is not measured, as YAML; not there when it is.'],
			[
				'archive/ORDER/',
				'What output/ORDER/ held when the order was removed or expired, and the order itself.',
			],
		],
	},
	{
		title: 'SEE ALSO',
		paragraphs: [
			'Each command has a page of its own, such as pingmachine-status(1). fping(8), rrdtool(1), systemctl(1), inotify(7), and README.md where pingmachine is installed.',
		],
	},
];
