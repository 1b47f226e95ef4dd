import { existsSync } from 'node:fs';
import { builtInNotifiers } from '../../alerts/notifiers/index.ts';
import { ConfigError, loadConfig } from '../../config/config.ts';
import { loadSinks } from '../../config/sink-module.ts';
import { hiderFor } from '../../delivery/secrets.ts';
import { version } from '../../host/version.ts';
import { describeFindings } from '../../model/findings.ts';
import type { Notification, OpenNotifier } from '../../model/notifier.ts';
import type { NotifierEntry } from '../../model/notifier-entry.ts';
import { printable } from '../../model/printable.ts';
import { race } from '../../model/race.ts';
import { readStrict } from '../../reading/strict-section.ts';
import { builtInSinks } from '../../sinks/index.ts';
import { CommandProblem } from '../shared/find-orders.ts';
import { type AlertsPlace, telling } from './place.ts';

export interface SendTestOptions {
	readonly config?: string | undefined;
}

const usualConfig = '/etc/pingmachine/pingmachine.yaml';

/** Sends a message that says that nothing is wrong. Resolves with the exit code: 1 when one was not taken. */
export function sendTestCommand(
	names: readonly string[],
	{ config }: SendTestOptions,
	place: AlertsPlace,
): Promise<0 | 1> {
	return telling(place, async () => {
		const wanted = pick(await entriesIn(config, place), names);
		const done = await Promise.all(wanted.map((entry) => sendTo(entry, place)));
		return done.every(Boolean) ? 0 : 1;
	});
}

async function entriesIn(
	config: string | undefined,
	{ probes }: AlertsPlace,
): Promise<readonly NotifierEntry[]> {
	const file = config ?? (existsSync(usualConfig) ? usualConfig : undefined);
	if (file === undefined)
		throw new CommandProblem(`there is no ${usualConfig}: name the file of the daemon with --config`);
	try {
		const { sinks, faults } = await loadSinks(file, builtInSinks);
		if (faults.length > 0) throw new ConfigError(faults);
		return loadConfig({ file, flags: {}, probes, sinks, notifiers: builtInNotifiers }).notifiers;
	} catch (error) {
		if (error instanceof ConfigError) throw new CommandProblem(error.lines.join('\n'));
		throw error;
	}
}

function pick(entries: readonly NotifierEntry[], names: readonly string[]): readonly NotifierEntry[] {
	if (entries.length === 0)
		throw new CommandProblem('the config names no notifiers. Write notifiers: into it');
	const known = entries.map(({ name }) => name);
	for (const name of names)
		if (!known.includes(name))
			throw new CommandProblem(`there is no notifier ${printable(name)}. There are ${known.join(', ')}`);
	return names.length === 0 ? entries : entries.filter(({ name }) => names.includes(name));
}

/** Whether it was taken. */
async function sendTo(
	{ name, type, settings: written, limits }: NotifierEntry,
	{ stdout, stderr, nowSeconds }: AlertsPlace,
): Promise<boolean> {
	const notifier = builtInNotifiers.get(type);
	if (notifier === undefined) throw new CommandProblem(`there is no notifier of the type ${type}`);
	const hide = hiderFor(written);
	const clean = (text: string) => printable(hide(text));
	const read = readStrict<unknown>(notifier.settings, written, name);
	if ('findings' in read) throw new CommandProblem(describeFindings(read.findings));
	const { timeoutMs } = limits;
	const signal = AbortSignal.timeout(timeoutMs);
	const warn = (message: string) => stderr.write(`${name}: ${clean(message)}\n`);
	let open: OpenNotifier | null = null;
	try {
		const tools = { version, timeoutMs, warn, signal, graph: async () => null };
		const sending = async () => {
			open = await notifier.open(read.value, tools);
			await open.send(testMessage(nowSeconds), signal);
		};
		await race(sending(), { ms: timeoutMs, signal, graceMs: 500 }, () => {
			throw new Error('no answer in time');
		});
		stdout.write(`${name}: sent to ${clean(notifier.destination(read.value))}\n`);
		return true;
	} catch (error) {
		stderr.write(`${name}: ${clean(error instanceof Error ? error.message : String(error))}\n`);
		return false;
	} finally {
		await (open as OpenNotifier | null)?.close().catch(() => {});
	}
}

function testMessage(nowSeconds: number): Notification {
	const what = 'a test of this notifier: nothing is wrong';
	const times = { sinceSeconds: nowSeconds, raisedSeconds: nowSeconds, clearedSeconds: nowSeconds };
	return {
		...{ key: `test-${nowSeconds}`, about: 'test', severity: 'info', atSeconds: nowSeconds },
		members: [
			{
				...{ id: `test||${nowSeconds}`, rule: 'pingmachine_test', severity: 'info', order: null, what },
				...{ ...times, slots: [], lossReasons: [], pops: ['local'], route: null },
			},
		],
	};
}
