import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { ConfigError, loadConfig } from '../../config/config.ts';
import { usualConfigFile } from '../../config/known-probes.ts';
import { loadSinks } from '../../config/sink-module.ts';
import { closeProbes } from '../../engine/close-probes.ts';
import { identityOf, measured, type Outcome } from '../../model/outcome.ts';
import { escapeJson, printable } from '../../model/printable.ts';
import type { AnyProbe, ProbeTable } from '../../model/probe.ts';
import { orderDefaults } from '../../orders/lists/defaults.ts';
import { OrderTrouble } from '../../orders/writer.ts';
import { builtInSinks } from '../../sinks/index.ts';
import { counted } from '../shared/words.ts';
import { painter, wantsColours } from '../terminal/paint.ts';
import { cutEnd } from '../terminal/text.ts';
import { measureByDaemon } from './by-daemon.ts';
import { measureByPops } from './by-pops.ts';
import { type From, whoMeasures } from './from.ts';
import { FromRows } from './from-rows.ts';
import { measureHere } from './here.ts';
import { jsonOf, PingLines, summaryLines } from './report.ts';
import { type Typed, type Wish, wishOf } from './wish.ts';

/** As typed; those of the probe are among them. */
export interface MeasureOptions {
	readonly pings: string;
	readonly interval?: string | undefined;
	readonly json?: boolean | undefined;
	readonly here?: boolean | undefined;
	readonly from?: string | undefined;
	readonly basedir?: string | undefined;
	readonly config?: string | undefined;
	readonly [option: string]: unknown;
}

export interface MeasureCommand {
	readonly probe: AnyProbe;
	readonly target: string;
	readonly options: MeasureOptions;
	/** Which of the options is which key of the probe's section. */
	readonly keys: ReadonlyMap<string, string>;
}

/** 0: all answered, 1: some lost, 2: none answered, 3: could not measure. */
export type MeasureExit = 0 | 1 | 2 | 3;

/** Measures once, and prints what comes of it. Never rejects for what the user can mend. */
export async function measureForCommand(command: MeasureCommand, probes: ProbeTable): Promise<MeasureExit> {
	const { options } = command;
	const end = new AbortController();
	const stop = () => end.abort();
	const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
	for (const signal of signals) process.on(signal, stop);
	try {
		return await measure(command, probes, end.signal);
	} catch (error) {
		const isOurs = error instanceof ConfigError || error instanceof OrderTrouble;
		if (!isOurs) throw error;
		return couldNot(error instanceof ConfigError ? error.lines : [error.message], options.json === true);
	} finally {
		for (const signal of signals) process.off(signal, stop);
		await closeProbes(new Map([[command.probe.name, command.probe]]));
	}
}

async function measure(
	{ probe, target, options, keys }: MeasureCommand,
	probes: ProbeTable,
	signal: AbortSignal,
): Promise<MeasureExit> {
	const { stdout, env } = process;
	const isJson = options.json === true;
	const config = await configOf(options, probes);
	const given = [...keys].flatMap(([name, key]) => {
		const value = options[name];
		return typeof value === 'string' || typeof value === 'boolean' ? [[key, value] as const] : [];
	});
	const { user } = orderDefaults(config.defaults);
	const { pings, interval } = options;
	const from = await fromOf(options, config);
	const wish = wishOf(
		{ probe, target, user, pings, interval, options: new Map(given), ...wherePart(from) },
		probes,
		Date.now() / 1000,
	);
	const columns = stdout.isTTY === true ? stdout.columns || 80 : Number.POSITIVE_INFINITY;
	const paint = painter(wantsColours(stdout, env));
	const print = (line: string) => {
		if (!isJson) stdout.write(`${line}\n`);
	};
	const lines = new PingLines(wish.order.pings, paint, print);
	const shown = wish.order.shownTarget ?? wish.order.target;
	const what = `${probe.name} ${printable(shown)}, ${counted(wish.order.pings, 'ping')} every ${wish.intervalSeconds} s`;
	const begin = (by: string) => print(paint('bold', cutEnd(`${what}, ${by}`, columns)));
	if (from !== null) {
		begin(`from ${[...from.absent.keys(), ...from.pops, ...(from.here ? ['here'] : [])].join(', ')}`);
		const rows = new FromRows(wish, from, paint, print);
		await measureByPops({ wish, baseDir: config.baseDir, from }, (one) => rows.tell(one), signal);
		if (isJson) stdout.write(`${rows.json()}\n`);
		return rows.exit;
	}
	const told = await bySomebody(wish, config, options.here === true, lines, begin, signal);
	if ('failure' in told) return couldNot([told.failure], isJson);
	const { outcome, by } = told;
	if (isJson) stdout.write(`${jsonOf(outcome, by)}\n`);
	if (outcome.kind !== 'measured') return isJson ? 3 : couldNot([outcome.reason], false);
	const { samples, loss } = outcome.measurement;
	lines.tell(samples.map((sample, index) => ({ ...sample, index })));
	for (const line of summaryLines(shown, outcome.measurement)) print(line);
	if (loss === 0) return 0;
	return loss < samples.length ? 1 : 2;
}

/** Null: no point of presence is asked for. */
async function fromOf({ from, here }: MeasureOptions, { baseDir }: Settings): Promise<From | null> {
	if (from === undefined) return null;
	if (here === true) throw new OrderTrouble('--here cannot stand beside --from. --from here is this machine');
	return whoMeasures(from, baseDir, Date.now() / 1000);
}

function wherePart(from: From | null): Pick<Typed, 'where'> {
	if (from === null || from.pops.length === 0) return {};
	return { where: { pops: from.pops, ...(from.here ? { here: true } : {}) } };
}

type By = 'daemon' | 'here';

type Told = { readonly outcome: Outcome; readonly by: By } | { readonly failure: string };

/** The daemon, or this process. */
async function bySomebody(
	wish: Wish,
	{ baseDir, settings }: Settings,
	isHere: boolean,
	lines: PingLines,
	begin: (by: string) => void,
	signal: AbortSignal,
): Promise<Told> {
	const early = (pings: Parameters<PingLines['tell']>[0]) => lines.tell(pings);
	let why = isHere ? 'as asked' : 'which keeps the interval';
	if (!isHere && wish.suitsDaemon) {
		const came = await measureByDaemon(wish, baseDir, early, signal, () =>
			begin(`by the daemon in ${baseDir}`),
		);
		if ('outcome' in came) return { outcome: came.outcome, by: 'daemon' };
		if ('failure' in came) return interrupted(wish, lines, signal, 'daemon') ?? came;
		why = `no daemon: ${printable(came.unavailable)}`;
	}
	begin(`here (${why})`);
	const outcome = await measureHere(wish, settings[wish.probe.name], early, signal);
	if (outcome.kind === 'measured') return { outcome, by: 'here' };
	return interrupted(wish, lines, signal, 'here') ?? { outcome, by: 'here' };
}

/** Whoever ends it gets what is known so far. */
function interrupted({ order }: Wish, { told }: PingLines, signal: AbortSignal, by: By): Told | null {
	if (!signal.aborted) return null;
	if (told.length === 0) return { failure: 'it was interrupted before a ping was over' };
	const slot = { startSeconds: Math.floor(Date.now() / 1000), stepSeconds: order.stepSeconds };
	return { outcome: measured(identityOf(order), slot, order.pings, told), by };
}

interface Settings {
	readonly baseDir: string;
	readonly settings: Readonly<Record<string, unknown>>;
	readonly defaults: Parameters<typeof orderDefaults>[0];
}

/** Throws `ConfigError`. Of an installed pingmachine the file may be for others to read. */
async function configOf({ basedir, config }: MeasureOptions, probes: ProbeTable): Promise<Settings> {
	const flags = { basedir: basedir === undefined || basedir === '' ? basedir : resolve(basedir) };
	const file = config ?? (existsSync(usualConfigFile) ? usualConfigFile : undefined);
	try {
		const { sinks, faults } = await loadSinks(file, builtInSinks);
		if (faults.length > 0) throw new ConfigError(faults);
		const { baseDir, probes: settings, defaults } = loadConfig({ file, flags, probes, sinks });
		return { baseDir, settings, defaults };
	} catch (error) {
		if (config !== undefined || file === undefined || !(error instanceof ConfigError)) throw error;
		const { baseDir, probes: settings, defaults } = loadConfig({ flags, probes, sinks: new Map() });
		return { baseDir, settings, defaults };
	}
}

function couldNot(lines: readonly string[], isJson: boolean): 3 {
	if (isJson)
		process.stdout.write(`${escapeJson(JSON.stringify({ kind: 'failed', reason: lines.join('; ') }))}\n`);
	for (const line of lines) process.stderr.write(`${printable(line)}\n`);
	return 3;
}
