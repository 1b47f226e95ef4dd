import { Command, Option } from 'commander';
import type { AnyProbe, ProbeTable } from '../../model/probe.ts';
import { keysOf } from '../../reading/strict-section.ts';
import { baseDirOverConfig } from '../shared/base-dir-option.ts';
import { configOption } from '../shared/config-option.ts';
import type { MeasureOptions } from './run.ts';

/** What this command exits with when it could not measure; also when it is not understood. */
const couldNot = 3;
/** Keys of a probe that have other words here. */
const ownNames: ReadonlySet<string> = new Set([
	'interval',
	'pings',
	'json',
	'here',
	'from',
	'basedir',
	'config',
	'help',
]);

/** Adds the command `measure` to the program, with a command for each probe. */
export function registerMeasure(program: Command, probes: ProbeTable): void {
	const measure = exiting(program.command('measure'))
		.summary('measure once, now')
		.description(
			'Measures once, now, and prints the pings as they come and a summary. The running daemon does it, by an order with once: true; when there is none, or it takes no orders from you, this command does it itself.',
		)
		.addHelpText('after', help);
	for (const probe of probes.values()) measure.addCommand(commandFor(probe, probes));
}

function commandFor(probe: AnyProbe, probes: ProbeTable): Command {
	const command = exiting(new Command(probe.name))
		.summary(`measure by ${probe.name}`)
		.description(
			`Measures a target by the probe ${probe.name}. Options below --config are those of its section in an order.`,
		)
		.argument(`<${probe.target}>`, 'what to measure')
		.option('--pings <number>', 'how many', '5')
		.option('--interval <seconds>', 'from one ping to the next; fractions are allowed (default: 1)')
		.option('--json', 'print one JSON object at the end, and nothing else')
		.option('--here', 'measure in this process, also when a daemon runs')
		.option(
			'--from <names>',
			'points of presence that measure, with commas between; all: all there are; here: this machine',
		)
		.addOption(baseDirOverConfig('of the daemon that measures (default: /var/lib/pingmachine)'))
		.addOption(configOption());
	const keys = new Map<string, string>();
	for (const option of optionsOf(probe)) {
		command.addOption(option.option);
		keys.set(option.option.attributeName(), option.key);
	}
	return command.action(async (target: string, options: MeasureOptions) => {
		const { measureForCommand } = await import('./run.ts');
		process.stdout.on('error', () => {});
		process.exitCode = await measureForCommand({ probe, target, options, keys }, probes);
	});
}

interface ProbeOption {
	readonly key: string;
	readonly option: Option;
}

/** The keys of the probe's section as options; those that are only true or false also with `no-`. */
function optionsOf(probe: AnyProbe): ProbeOption[] {
	const keys = [...new Set(keysOf(probe.options))].filter(
		(key) => key !== probe.target && key !== 'interval',
	);
	return keys.flatMap((key) => {
		const name = (ownNames.has(key) ? `${probe.name}-${key}` : key).replaceAll('_', '-').toLowerCase();
		const what = `${key} of the section ${probe.name}`;
		if (!isFlag(probe, key)) return [{ key, option: new Option(`--${name} <value>`, what) }];
		return [
			{ key, option: new Option(`--${name}`, what) },
			{ key, option: new Option(`--no-${name}`, `${what}: false`) },
		];
	});
}

/** Whether a key takes true and false, and no other text. */
function isFlag(probe: AnyProbe, key: string): boolean {
	const { shape = {} } = probe.options as { shape?: Readonly<Record<string, AnyProbe['options']>> };
	const schema = shape[key];
	if (schema === undefined) return false;
	const takes = (value: unknown) => schema.safeParse(value).success;
	return takes(true) && takes(false) && !takes('some text') && !takes(7);
}

function exiting(command: Command): Command {
	return command.showHelpAfterError('(--help tells what there is)').exitOverride(({ exitCode }) => {
		process.exit(exitCode === 0 ? 0 : couldNot);
	});
}

const help = `
The help of pingmachine measure PROBE tells the options of a probe: those of its section in an order, with - for _.

Pings come as they are answered with the probes icmp and ssh, and with fping if its engine is icmp; with others all at
the end. The summary is like that of fping: sent, received, loss; least, median and greatest round-trip time and jitter
in milliseconds; MOS, from 1 (hopeless) to 4.41 (a good telephone call).

--json prints one object: probe, target, by (daemon or here), kind (measured or failed), code and reason (why it
failed), slot, step, pings, samples (sent, rtt: seconds, null: lost), facts, and sent, received, loss (how many), min,
median, max, jitter (seconds), mos.

What the daemon measured is in archive/measure/ afterwards, as of any order, and goes to its sinks. It needs the right
to write into orders/ and to ask the daemon. Without a daemon the probe needs its own rights: see the page of the probe.
--interval of a probe of your own that has no such option in its section is kept by measuring here.

--from has points of presence of this hub measure, and prints a row for each as it answers. --json then has a list pops,
with name and what else is said above of each.

Exit code: 0 when all pings were answered, 1 when some were lost, 2 when all were, 3 when it could not be measured.
With --from it is 1 also when some could not measure it, and 3 when nobody could.

Examples:
  pingmachine measure icmp 127.0.0.1 --pings 3 --interval 0.2
  pingmachine measure fping 127.0.0.1 --pings 2 --interval 0.2 --json`;
