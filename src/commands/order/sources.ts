import type { OrderFinding } from '../../model/order.ts';
import { printable, withoutPasswords } from '../../model/printable.ts';
import type { ProbeTable } from '../../model/probe.ts';
import type { OrderDefaults } from '../../orders/lists/defaults.ts';
import { eachAddress } from '../../orders/lists/each-address.ts';
import { inputName, readInput } from '../../orders/lists/input.ts';
import { isRemote, readRemoteTargets } from '../../orders/lists/remote-targets.ts';
import type { OrderStreams } from '../../orders/lists/report.ts';
import { readTargets, readWords, type TargetList } from '../../orders/lists/targets.ts';
import {
	notesOnOrder,
	type OrderFields,
	type OrderFlags,
	orderText,
	readFlags,
} from '../../orders/lists/text.ts';
import { type OrderMaking, ordersFor, type Wanted } from '../../orders/lists/wanted.ts';
import { wrongWithId } from '../../orders/names.ts';
import { OrderTrouble } from '../../orders/writer.ts';

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
	readonly eachAddress?: boolean | undefined;
}

/** Where the orders come from. */
export interface Source {
	/** For messages; null when they name the word. */
	readonly name: string | null;
	/** What the orders have in common, for who did not write it. */
	readonly summary?: string;
	/** The file that is read again when it changes. */
	readonly file: string | null;
	/** It is read again each time when orders are refreshed. */
	readonly isReadEachTime: boolean;
	readonly prefix: string | null;
	/** Throws `OrderTrouble`. */
	read(streams: OrderStreams): Promise<Wanted>;
}

/** With what says what is measured the word is the id, else it is what is measured. */
export function sourceOf(
	words: readonly string[],
	options: AddOptions,
	probes: ProbeTable,
	defaults: OrderDefaults,
): Source {
	const [first, second] = words;
	if (first === undefined || options.targets !== undefined) {
		if (first !== undefined) {
			throw new OrderTrouble(`--targets does not go with the order id ${first}. Leave one of them out`);
		}
		return listSource(options, probes, defaults);
	}
	const naming = (['host', 'file'] as const).find((flag) => options[flag] !== undefined);
	const fields = options.file === undefined ? readFlags(options, probes, defaults) : null;
	const target = fields?.options.has(fields.target) === true ? `option ${fields.target}` : undefined;
	const flag = naming ?? target;
	if (flag === undefined && fields !== null) return wordsSource(words, fields, options, probes);
	if (second !== undefined) {
		throw new OrderTrouble(
			`with --${flag} there is one word, the order id. Leave out ${second}, or --${flag}`,
		);
	}
	return singleSource(first, options, fields, probes);
}

/** Each word is a target. */
function wordsSource(
	words: readonly string[],
	fields: OrderFields,
	options: AddOptions,
	probes: ProbeTable,
): Source {
	refuseEachAddress(fields, options);
	if (options.sync !== undefined) throw new OrderTrouble('--sync goes with --targets. Leave it out');
	const { prefix = null } = options;
	const wrong = prefix === null ? null : wrongWithId(prefix);
	if (wrong !== null) throw new OrderTrouble(`--prefix ${prefix} ${wrong}`);
	const making: OrderMaking = { fields, prefix, probes, maker: 'words' };
	const read = async () => {
		const wanted = await ordersOf(readWords(words), making, options);
		return { ...wanted, findings: wanted.findings.map(withHintAtId) };
	};
	const [user, step, pings] = ['user', 'step', 'pings'].map((key) => fields.top.get(key));
	const every = `${pings} ${pings === 1 ? 'ping' : 'pings'} every ${step} s`;
	const summary = `measured by ${fields.probe}, ${every}, for the user ${user}`;
	return { name: null, summary, file: null, isReadEachTime: options.eachAddress === true, prefix, read };
}

/** Who writes a path as of old has left out what it measures. */
function withHintAtId(finding: OrderFinding): OrderFinding {
	const { key = '', message } = finding;
	if (!/^[^:]+\/[^:]+$/.test(key)) return finding;
	return { key, message: `${message}. To give an order this id, add --host with what it measures` };
}

async function ordersOf(list: TargetList, making: OrderMaking, options: AddOptions): Promise<Wanted> {
	return ordersFor(options.eachAddress === true ? await eachAddress(list) : list, making);
}

function refuseEachAddress({ probe, target }: OrderFields, options: AddOptions): void {
	if (options.eachAddress === true && target !== 'host')
		throw new OrderTrouble(
			`--each-address does not go with ${probe}, which measures a ${target}. Leave it out`,
		);
}

function singleSource(
	id: string,
	options: AddOptions,
	fields: OrderFields | null,
	probes: ProbeTable,
): Source {
	for (const [flag, name] of [
		['prefix', 'prefix'],
		['sync', 'sync'],
		['eachAddress', 'each-address'],
	] as const) {
		if (options[flag] !== undefined) {
			throw new OrderTrouble(`--${name} does not go with the order id ${id}. Leave one of them out`);
		}
	}
	const wrong = wrongWithId(id);
	if (wrong !== null) throw new OrderTrouble(`the order id ${id} ${wrong}`);
	const { file } = options;
	const read = async ({ stdin, stderr }: OrderStreams) => {
		const text = fields === null ? await readInput(file ?? '-', stdin) : textFromFlags(options, fields);
		try {
			for (const note of notesOnOrder(id, text, probes)) stderr.write(`${printable(`${id}: ${note}`)}\n`);
		} catch (error) {
			if (!(error instanceof OrderTrouble)) throw error;
			throw new OrderTrouble(`${file === undefined ? id : inputName(file)}: ${error.message}`);
		}
		return { orders: new Map([[id, text]]), findings: [], expanded: new Set<string>() };
	};
	if (file !== undefined)
		refuseFlagsBeside('--file', options, ['user', 'step', 'pings', 'probe', 'host', 'option', 'set']);
	return { name: id, file: null, isReadEachTime: false, prefix: null, read };
}

function textFromFlags(options: AddOptions, fields: OrderFields): string {
	const [host, second] = options.host ?? [];
	if (second !== undefined) {
		throw new OrderTrouble('--host is given twice. Add one order for each host, or a list with --targets');
	}
	if (host !== undefined && fields.options.has(fields.target)) {
		throw new OrderTrouble(`--host and --option ${fields.target} say the same. Leave one of them out`);
	}
	return orderText(fields, host ?? String(fields.options.get(fields.target)));
}

function listSource(options: AddOptions, probes: ProbeTable, defaults: OrderDefaults): Source {
	const { targets, prefix } = options;
	if (targets === undefined) {
		throw new OrderTrouble(
			'there is nothing to add. Write what to measure, such as 192.0.2.7, or --targets FILE',
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
	const fields = readFlags(options, probes, defaults);
	if (fields.options.has(fields.target)) {
		throw new OrderTrouble(
			`--option ${fields.target} does not go with --targets, which says it. Leave it out`,
		);
	}
	refuseEachAddress(fields, options);
	const making: OrderMaking = { fields, prefix, probes, maker: 'list' };
	if (isRemote(targets)) {
		const read = async () => ordersOf(await readRemoteTargets(targets), making, options);
		return { name: withoutPasswords(targets), file: null, isReadEachTime: true, prefix, read };
	}
	let heard: string | null = null;
	const read = async ({ stdin }: OrderStreams) => {
		// Standard input comes once; the addresses of names that came are looked up again.
		const text = heard ?? (await readInput(targets, stdin));
		if (targets === '-') heard = text;
		return ordersOf(readTargets(text), making, options);
	};
	const file = targets === '-' ? null : targets;
	return { name: inputName(targets), file, isReadEachTime: options.eachAddress === true, prefix, read };
}

function refuseFlagsBeside(flag: string, options: AddOptions, others: readonly (keyof AddOptions)[]): void {
	const other = others.find((name) => options[name] !== undefined);
	if (other !== undefined)
		throw new OrderTrouble(`--${other} does not go with ${flag}. Leave one of them out`);
}
