import { describeFindingIn } from '../../model/findings.ts';
import type { Log } from '../../model/log.ts';
import { withoutPasswords } from '../../model/printable.ts';
import type { ProbeTable } from '../../model/probe.ts';
import { race } from '../../model/race.ts';
import { OrderTrouble, OrderWriter } from '../writer.ts';
import { type OrderDefaults, orderDefaults } from './defaults.ts';
import { eachAddress } from './each-address.ts';
import { readInput } from './input.ts';
import { keepAlive } from './keep-alive.ts';
import { isRemote, readRemoteTargets } from './remote-targets.ts';
import { OrderReport } from './report.ts';
import { readTargets } from './targets.ts';
import { readFlags } from './text.ts';
import { applyWanted, ordersFor, type Wanted } from './wanted.ts';

/** A list whose orders are kept in step with it. */
export interface ListSetting {
	/** A path from the root, or a URL. */
	readonly file: string;
	/** Where below orders/ its orders lie, and no others of a list. */
	readonly prefix: string;
	readonly user?: string;
	readonly probe?: string;
	readonly stepSeconds?: number;
	readonly pings?: number;
	readonly eachAddress: boolean;
	/** How often its orders are refreshed, and a list that is a URL, or names that are looked up, is read. */
	readonly everySeconds: number;
}

export interface KeptListsParts {
	readonly baseDir: string;
	readonly probes: ProbeTable;
	readonly log: Log;
}

/** Does what `order add --targets --sync --keep-alive` does, for the lists that the config names. */
export class KeptLists {
	readonly #parts: KeptListsParts;
	#running = '[]';
	#end = new AbortController();
	#done: Promise<unknown> = Promise.resolve();

	constructor(parts: KeptListsParts) {
		this.#parts = parts;
	}

	/** Goes on with these lists. The orders of one that is not among them any more expire. */
	configure(lists: readonly ListSetting[], defaults: Partial<OrderDefaults>): void {
		const asked = JSON.stringify(lists.length === 0 ? [] : [lists, defaults]);
		if (asked === this.#running) return;
		this.#running = asked;
		this.#end.abort();
		const before = this.#done;
		const end = new AbortController();
		this.#end = end;
		const keepEach = () =>
			Promise.all(lists.map((list) => keepList(list, orderDefaults(defaults), this.#parts, end.signal)));
		// Two must not write the same orders.
		this.#done = before.then(keepEach).catch((error: Error) => {
			this.#parts.log.error(`the lists of targets are not kept: ${error.stack ?? error.message}`);
		});
	}

	close(): void {
		this.#end.abort();
	}
}

async function keepList(
	list: ListSetting,
	defaults: OrderDefaults,
	{ baseDir, probes, log }: KeptListsParts,
	signal: AbortSignal,
): Promise<void> {
	const name = withoutPasswords(list.file);
	const report = new OrderReport({
		stdin: nothingToRead(),
		stdout: { write: (line: string) => log.debug(`targets ${name}: ${line.trimEnd()}`) },
		stderr: { write: (line: string) => log.warn(`targets: ${line.trimEnd()}`) },
	});
	const making = {
		fields: fieldsOf(list, probes, defaults),
		prefix: list.prefix,
		probes,
		maker: 'list',
	} as const;
	const read = async (): Promise<Wanted> => {
		const found = await race(targetsOf(list), { signal }, () => {
			throw signal.reason;
		});
		const wanted = ordersFor(found, making);
		for (const finding of wanted.findings) report.trouble(describeFindingIn(name, finding));
		return wanted;
	};
	const how = {
		force: false,
		syncPrefix: list.prefix,
		isInStep: list.eachAddress,
		isTellingAll: false,
		signal,
	};
	const apply = async (wanted: Wanted) => {
		try {
			// The base directory may be another one by now.
			await applyWanted(new OrderWriter(baseDir), wanted, how, report);
		} catch (error) {
			if (!(error instanceof OrderTrouble)) throw error;
			report.trouble(error.message);
		}
	};
	let first: Wanted = { orders: new Map(), findings: [], expanded: new Set() };
	try {
		first = await read();
		await apply(first);
	} catch (error) {
		if (signal.aborted) return;
		if (!(error instanceof OrderTrouble)) throw error;
		report.trouble(error.message);
		// Nothing is known of it: what is there stays.
		first = { ...first, findings: [{ message: error.message }] };
	}
	const remote = isRemote(list.file);
	const file = remote ? null : list.file;
	const { everySeconds } = list;
	const isReadEachTime = remote || list.eachAddress;
	await keepAlive({ first, read, apply, file, isReadEachTime, everySeconds, report, signal });
}

async function targetsOf({ file, eachAddress: isExpanded }: ListSetting) {
	const list = isRemote(file)
		? await readRemoteTargets(file)
		: readTargets(await readInput(file, nothingToRead()));
	return isExpanded ? eachAddress(list) : list;
}

function fieldsOf(
	{ user, probe, stepSeconds, pings }: ListSetting,
	probes: ProbeTable,
	defaults: OrderDefaults,
) {
	const step = stepSeconds === undefined ? undefined : String(stepSeconds);
	return readFlags(
		{ user, probe, step, pings: pings === undefined ? undefined : String(pings) },
		probes,
		defaults,
	);
}

async function* nothingToRead(): AsyncGenerator<string> {}
