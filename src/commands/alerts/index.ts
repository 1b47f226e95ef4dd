import { type Command, Option } from 'commander';
import type { ProbeTable } from '../../model/probe.ts';
import { baseDirOption } from '../shared/base-dir-option.ts';
import { type BacktestOptions, backtestCommand } from './backtest.ts';
import { firingCommand } from './firing.ts';
import { type HistoryOptions, historyCommand } from './history.ts';
import { ackCommand, type MuteOptions, muteCommand } from './mute.ts';
import type { AlertsPlace, CommonOptions } from './place.ts';
import { type SendTestOptions, sendTestCommand } from './send-test.ts';
import { suggestCommand } from './suggest.ts';

/** Adds the command `alerts` to the program. */
export function registerAlerts(program: Command, probes: ProbeTable): void {
	const alerts = program
		.command('alerts')
		// What stands behind the name of a command is for that command.
		.enablePositionalOptions()
		.summary('tell which alerts fire, mute and acknowledge them, try rules')
		.description(
			'Lists the alerts that fire. The other commands tell the past, mute, acknowledge, and try rules.',
		)
		.addOption(baseDirOption('of the daemon that is asked'))
		.option('--json', 'one JSON object a line')
		.addHelpText('after', help)
		.action((options: CommonOptions) => act(probes, (place) => firingCommand(options, place)));
	registerHistory(alerts, probes);
	registerMutes(alerts, probes);
	registerTrials(alerts, probes);
	registerSendTest(alerts, probes);
}

const exitCodes = `
Exit code: 0 when all was done, 1 when something was not: the reason is on standard error.`;

const help = `${exitCodes}

Examples:
  pingmachine alerts
  pingmachine alerts history --since -1d
  pingmachine alerts mute 'core/**' --for 2h --why 'new line cards'
  pingmachine alerts test loss --since -8d`;

function registerHistory(alerts: Command, probes: ProbeTable): void {
	alerts
		.command('history')
		.summary('tell what was raised and cleared')
		.description('Tells what was raised and cleared, the last 1,000 of each order. Needs no daemon.')
		.argument('[id...]', 'orders, folders of them, or patterns in quotes (default: all); archived orders too')
		.addOption(baseDirOption('holds output/ and archive/'))
		.option('--since <time>', 'from then on: -8d, ISO 8601, or seconds since the epoch')
		.option('--json', 'one JSON object a line')
		.addHelpText(
			'after',
			`${exitCodes}\n\nExamples:\n  pingmachine alerts history\n  pingmachine alerts history 'office/**' --since -8d --json`,
		)
		.action((words: string[], options: HistoryOptions) =>
			act(probes, (place) => historyCommand(words, options, place)),
		);
}

function registerMutes(alerts: Command, probes: ProbeTable): void {
	alerts
		.command('ack')
		.summary('say of alerts that fire that you know')
		.description('Writes files to mutes/ that hold until the alerts clear: nobody is reminded of them.')
		.argument('<order...>', 'orders, folders of them or patterns in quotes; isolated; or the id of an alert')
		.addOption(baseDirOption('of the daemon that is asked'))
		.option('--why <text>', 'for others to read')
		.option('--by <name>', 'who knows (default: who runs this)')
		.addHelpText(
			'after',
			`${exitCodes}\n\nExamples:\n  pingmachine alerts ack\n  pingmachine alerts ack office/printer --why 'fibre cut, TT 4711'`,
		)
		.action((words: string[], options: MuteOptions) =>
			act(probes, (place) => ackCommand(words, options, place)),
		);
	alerts
		.command('mute')
		.summary('tell no alerts of orders for a while')
		.description(
			'Writes a file to mutes/: alerts of these orders are held until then. What fires still is told when it is over.',
		)
		.argument('<order...>', 'orders, folders of them, or patterns in quotes')
		.addOption(baseDirOption('holds mutes/'))
		.option('--for <span>', 'how long, such as 2h')
		.option('--until <time>', 'or until when: ISO 8601, or seconds since the epoch')
		.option('--rule <rule...>', 'alerts of these rules only; names, or patterns in quotes')
		.option('--why <text>', 'for others to read')
		.option('--by <name>', 'who mutes (default: who runs this)')
		.addHelpText(
			'after',
			`${exitCodes}\n\nExamples:\n  pingmachine alerts mute 'core/**' --for 2h --why 'new line cards'\n  pingmachine alerts mute core/zrh --until 2030-12-24T18:00:00Z --rule loss`,
		)
		.action((words: string[], options: MuteOptions) =>
			act(probes, (place) => muteCommand(words, options, place)),
		);
}

function registerTrials(alerts: Command, probes: ProbeTable): void {
	const since = (what: string) => `${what}: -8d (the default), ISO 8601, or seconds since the epoch`;
	alerts
		.command('test')
		.summary('tell when a rule would have fired')
		.description(
			'Replays the single slots that are kept, and tells when a rule would have been raised and cleared. Needs no daemon.',
		)
		.argument('<rule>', 'a file, or the name of a rule')
		.argument(
			'[id...]',
			'orders, folders of them, or patterns in quotes (default: those that the rule is for)',
		)
		.addOption(baseDirOption('holds alerts/ and output/'))
		.option('--since <time>', since('how far back'))
		.option('--json', 'one JSON object a line')
		.addHelpText('after', testHelp)
		.action((rule: string, words: string[], options: BacktestOptions) =>
			act(probes, (place) => backtestCommand(rule, words, options, place)),
		);
	alerts
		.command('suggest')
		.summary('propose limits for rules')
		.description(
			'Tells quantiles of loss and median of the single slots that are kept, and how often rules with limits there would have fired. Needs no daemon.',
		)
		.argument('<id...>', 'orders, folders of them, or patterns in quotes')
		.addOption(baseDirOption('holds output/'))
		.option('--since <time>', since('how far back'))
		.option('--json', 'one JSON object a line')
		.addHelpText('after', suggestHelp)
		.action((words: string[], options: BacktestOptions) =>
			act(probes, (place) => suggestCommand(words, options, place)),
		);
}

function registerSendTest(alerts: Command, probes: ProbeTable): void {
	alerts
		.command('send-test')
		.summary('try whether notifiers reach anybody')
		.description(
			'Sends a message that says that nothing is wrong, and tells whether it was taken. Needs no daemon.',
		)
		.argument('[name...]', 'notifiers of the config (default: all)')
		.addOption(new Option('--config <file>', `the daemon's (default: /etc/pingmachine/pingmachine.yaml)`))
		.addHelpText(
			'after',
			`${exitCodes}\n\nExamples:\n  pingmachine alerts send-test\n  pingmachine alerts send-test mail --config ./pingmachine.yaml`,
		)
		.action((names: string[], options: SendTestOptions) =>
			act(probes, (place) => sendTestCommand(names, options, place)),
		);
}

const testHelp = `
Slots come from the file slots of each order, and before it begins from the single slots of main.rrd: never from
averages. It says how far back that was. Of past slots loss and median are kept: rules on jitter, mos, facts and routes
cannot be tried. Which pings of a slot were lost is not kept: to score they are taken as spread over the slot.
Parents that lost all pings, and this machine being cut off as it was told then, hold alerts as they would have; mutes and dead
hops of routes are not looked at.
${exitCodes}

Examples:
  pingmachine alerts test loss
  pingmachine alerts test ./slower.yaml 'office/**' --since -30d`;

const suggestHelp = `
An arrow marks the mildest rule that would have fired once a week and order at most.
${exitCodes}

Examples:
  pingmachine alerts suggest 'office/**'
  pingmachine alerts suggest office/printer --since -30d`;

async function act(probes: ProbeTable, run: (place: AlertsPlace) => Promise<0 | 1>): Promise<void> {
	const { stdout, stderr } = process;
	// A reader that has seen enough.
	stdout.on('error', () => {});
	process.exitCode = await run({ probes, stdout, stderr, nowSeconds: Math.floor(Date.now() / 1000) });
}
