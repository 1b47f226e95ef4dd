import { describeFindingIn } from '../../model/findings.ts';
import { printable, withoutPasswords } from '../../model/printable.ts';
import type { ProbeTable } from '../../model/probe.ts';
import { race } from '../../model/race.ts';
import { inputName, readInput } from '../../orders/lists/input.ts';
import { keepAlive } from '../../orders/lists/keep-alive.ts';
import { isRemote, readRemoteTargets } from '../../orders/lists/remote-targets.ts';
import { OrderReport, type OrderStreams } from '../../orders/lists/report.ts';
import { readTargets } from '../../orders/lists/targets.ts';
import { notesOnOrder, type OrderFlags, orderText, readFlags } from '../../orders/lists/text.ts';
import { applyWanted, ordersFor, removeUnchanged, type Wanted } from '../../orders/lists/wanted.ts';
import { wrongWithId } from '../../orders/names.ts';
import { OrderTrouble, OrderWriter } from '../../orders/writer.ts';

export interface AddOptions extends OrderFlags {
	readonly basedir: string;
	readonly file?: string | undefined;
	readonly targets?: string | undefined;
	readonly prefix?: string | undefined;
	readonly force?: boolean | undefined;
	readonly sync?: boolean | undefined;
	readonly keepAlive?: boolean | undefined;
	/** Seconds. */
	readonly every?: string | undefined;
	readonly removeOnExit?: boolean | undefined;
}

/**
 * Adds one order, or one for each target of a list. Resolves with the exit code: 1 when something was not done.
 *
 * @param signal ends it, also while it keeps orders alive
 * @param tellWritten is given the texts of the orders that are there now and will not be kept alive, by id
 */
export async function addOrders(
	id: string | undefined,
	options: AddOptions,
	probes: ProbeTable,
	streams: OrderStreams,
	signal: AbortSignal,
	tellWritten: (orders: ReadonlyMap<string, string>, report: OrderReport) => Promise<void> = async () => {},
): Promise<0 | 1> {
	const report = new OrderReport(streams);
	try {
		const everySeconds = readEvery(options);
		const source = id === undefined ? listSource(options, probes) : singleSource(id, options, probes);
		const tree = new OrderWriter(options.basedir);
		const read = async () => {
			// A list may never come to its end, on standard input say.
			const wanted = await race(source.read(streams), { signal }, () => {
				throw signal.reason;
			});
			for (const finding of wanted.findings) report.trouble(describeFindingIn(source.name, finding));
			return wanted;
		};
		const apply = (wanted: Wanted, isTellingAll: boolean) => {
			const syncPrefix = options.sync === true ? source.prefix : null;
			return applyWanted(
				tree,
				wanted,
				{ force: options.force === true, syncPrefix, isTellingAll, signal },
				report,
			);
		};
		const first = await read();
		await apply(first, id !== undefined);
		if (options.keepAlive !== true) {
			const written = [...first.orders].filter(([writtenId, text]) => tree.ownText(writtenId) === text);
			if (written.length > 0) await tellWritten(new Map(written), report);
			return report.exitCode;
		}
		const canComeLater = source.file !== null || source.isRemote;
		if (!canComeLater && (first.orders.size === 0 || (id !== undefined && report.exitCode !== 0))) return 1;
		const { file, isRemote: isReadEachTime } = source;
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

/** Where the orders come from. */
interface Source {
	/** For messages. */
	readonly name: string;
	/** The file that is read again when it changes. */
	readonly file: string | null;
	/** It is read again each time when orders are refreshed. */
	readonly isRemote: boolean;
	readonly prefix: string | null;
	/** Throws `OrderTrouble`. */
	read(streams: OrderStreams): Promise<Wanted>;
}

function singleSource(id: string, options: AddOptions, probes: ProbeTable): Source {
	for (const flag of ['targets', 'prefix', 'sync'] as const) {
		if (options[flag] !== undefined) {
			throw new OrderTrouble(`--${flag} does not go with the order id ${id}. Leave one of them out`);
		}
	}
	const wrong = wrongWithId(id);
	if (wrong !== null) throw new OrderTrouble(`the order id ${id} ${wrong}`);
	const { file } = options;
	const read = async ({ stdin, stderr }: OrderStreams) => {
		const text = file === undefined ? textFromFlags(options, probes) : await readInput(file, stdin);
		try {
			for (const note of notesOnOrder(id, text, probes)) stderr.write(`${printable(`${id}: ${note}`)}\n`);
		} catch (error) {
			if (!(error instanceof OrderTrouble)) throw error;
			throw new OrderTrouble(`${file === undefined ? id : inputName(file)}: ${error.message}`);
		}
		return { orders: new Map([[id, text]]), findings: [] };
	};
	if (file !== undefined)
		refuseFlagsBeside('--file', options, ['user', 'step', 'pings', 'probe', 'host', 'option', 'set']);
	return { name: id, file: null, isRemote: false, prefix: null, read };
}

function textFromFlags(options: AddOptions, probes: ProbeTable): string {
	const fields = readFlags(options, probes);
	const [host, second] = options.host ?? [];
	if (host === undefined && !fields.options.has(fields.target)) {
		throw new OrderTrouble('--host is missing. Add --host with the name or address to measure');
	}
	if (second !== undefined) {
		throw new OrderTrouble('--host is given twice. Add one order for each host, or a list with --targets');
	}
	if (host !== undefined && fields.options.has(fields.target)) {
		throw new OrderTrouble(`--host and --option ${fields.target} say the same. Leave one of them out`);
	}
	return orderText(fields, host ?? String(fields.options.get(fields.target)));
}

function listSource(options: AddOptions, probes: ProbeTable): Source {
	const { targets, prefix } = options;
	if (targets === undefined) {
		throw new OrderTrouble(
			'there is nothing to add. Write an order id, such as me/router, or --targets FILE',
		);
	}
	refuseFlagsBeside('--targets', options, ['file', 'host']);
	if (prefix === undefined) {
		throw new OrderTrouble(
			'--prefix is missing. Add --prefix with a folder below orders/ for this list alone',
		);
	}
	const wrong = wrongWithId(prefix);
	if (wrong !== null) throw new OrderTrouble(`--prefix ${prefix} ${wrong}`);
	const fields = readFlags(options, probes);
	if (fields.options.has(fields.target)) {
		throw new OrderTrouble(
			`--option ${fields.target} does not go with --targets, which says it. Leave it out`,
		);
	}
	if (isRemote(targets)) {
		const read = async () => ordersFor(await readRemoteTargets(targets), fields, prefix, probes);
		return { name: withoutPasswords(targets), file: null, isRemote: true, prefix, read };
	}
	const read = async ({ stdin }: OrderStreams) =>
		ordersFor(readTargets(await readInput(targets, stdin)), fields, prefix, probes);
	return { name: inputName(targets), file: targets === '-' ? null : targets, isRemote: false, prefix, read };
}

function refuseFlagsBeside(flag: string, options: AddOptions, others: readonly (keyof AddOptions)[]): void {
	const other = others.find((name) => options[name] !== undefined);
	if (other !== undefined)
		throw new OrderTrouble(`--${other} does not go with ${flag}. Leave one of them out`);
}

/** Well below the hour after which orders expire. Seconds. */
const everyDefault = 300;

function readEvery({ every, keepAlive: isKept, removeOnExit }: AddOptions): number {
	if (isKept !== true && (every !== undefined || removeOnExit !== undefined)) {
		const flag = every === undefined ? '--remove-on-exit' : '--every';
		throw new OrderTrouble(`${flag} says nothing without --keep-alive. Add it`);
	}
	if (every === undefined) return everyDefault;
	const seconds = /^\d{1,6}$/.test(every) ? Number(every) : 0;
	if (seconds >= 1) return seconds;
	throw new OrderTrouble(`--every must be a whole number of seconds from 1 to 999999, not "${every}"`);
}
