import { describeFinding, describeFindingIn } from '../../model/findings.ts';
import type { ProbeTable } from '../../model/probe.ts';
import { race } from '../../model/race.ts';
import { spanForms, spanSeconds } from '../../model/span.ts';
import { type OrderDefaults, orderDefaults } from '../../orders/lists/defaults.ts';
import { keepAlive } from '../../orders/lists/keep-alive.ts';
import { OrderReport, type OrderStreams } from '../../orders/lists/report.ts';
import { applyWanted, removeUnchanged, type Wanted } from '../../orders/lists/wanted.ts';
import { OrderTrouble, OrderWriter } from '../../orders/writer.ts';
import { type AddOptions, sourceOf } from './sources.ts';

export interface AddSurroundings {
	readonly probes: ProbeTable;
	readonly streams: OrderStreams;
	/** Ends it, also while it keeps orders alive. */
	readonly signal: AbortSignal;
	/** What the config says for orders that do not. */
	readonly defaults?: Partial<OrderDefaults>;
	/** Is given the texts of the orders that are there now and will not be kept alive, by id. */
	tellWritten?(orders: ReadonlyMap<string, string>, report: OrderReport): Promise<void>;
}

/**
 * Adds one order of a given id, or one for each word or target of a list. Resolves with the exit code: 1 when something
 * was not done.
 */
export async function addOrders(
	words: readonly string[],
	options: AddOptions,
	{ probes, streams, signal, defaults: written, tellWritten = async () => {} }: AddSurroundings,
): Promise<0 | 1> {
	const report = new OrderReport(streams);
	try {
		const everySeconds = readEvery(options);
		const source = sourceOf(words, options, probes, orderDefaults(written));
		const tree = new OrderWriter(options.basedir);
		const read = async () => {
			// A list may never come to its end, on standard input say.
			const wanted = await race(source.read(streams), { signal }, () => {
				throw signal.reason;
			});
			for (const finding of wanted.findings) {
				const { name } = source;
				report.trouble(name === null ? describeFinding(finding) : describeFindingIn(name, finding));
			}
			return wanted;
		};
		const apply = (wanted: Wanted, isTellingAll: boolean) => {
			const syncPrefix = options.sync === true ? source.prefix : null;
			const isInStep = options.eachAddress === true && options.keepAlive === true;
			const how = { force: options.force === true, syncPrefix, isInStep, isTellingAll, signal };
			return applyWanted(tree, wanted, how, report);
		};
		const first = await read();
		await apply(first, options.targets === undefined);
		if (options.keepAlive !== true) {
			const written = [...first.orders].filter(([writtenId, text]) => tree.ownText(writtenId) === text);
			if (written.length > 0) {
				if (source.summary !== undefined) report.say(source.summary);
				await tellWritten(new Map(written), report);
			}
			return report.exitCode;
		}
		const canComeLater = source.file !== null || source.isReadEachTime;
		if (
			!canComeLater &&
			(first.orders.size === 0 || (options.targets === undefined && report.exitCode !== 0))
		)
			return 1;
		const { file, isReadEachTime } = source;
		const kept = { first, read, apply, file, isReadEachTime, everySeconds, report, signal };
		const last = await keepAlive(kept);
		if (options.removeOnExit === true) removeUnchanged(tree, last.orders, report);
		return 0;
	} catch (error) {
		if (signal.aborted && error === signal.reason) return 0;
		if (!(error instanceof OrderTrouble)) throw error;
		report.trouble(error.message);
		return 1;
	}
}

/** Well below the hour after which orders expire. Seconds. */
const everyDefault = 300;
const everyMax = 999_999;

function readEvery({ every, keepAlive: isKept, removeOnExit }: AddOptions): number {
	if (isKept !== true && (every !== undefined || removeOnExit !== undefined)) {
		const flag = every === undefined ? '--remove-on-exit' : '--every';
		throw new OrderTrouble(`${flag} says nothing without --keep-alive. Add it`);
	}
	if (every === undefined) return everyDefault;
	const seconds = spanSeconds(every) ?? 0;
	if (seconds >= 1 && seconds <= everyMax) return seconds;
	throw new OrderTrouble(`--every must be from 1 to ${everyMax} seconds, or ${spanForms}, not "${every}"`);
}
