import { chownSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { dump } from 'js-yaml';
import { ruleContextOf } from '../../alerts/rule-context.ts';
import { errorCode } from '../../model/errno.ts';
import { describeFindings } from '../../model/findings.ts';
import { factTableOf, type ProbeTable } from '../../model/probe.ts';
import { readOrderText } from '../../orders/lists/text.ts';
import { wrongWithId } from '../../orders/names.ts';
import { OrderTrouble, OrderWriter } from '../../orders/writer.ts';
import { readRule, ruleNameOf } from '../../reading/rule.ts';
import { readRrdHeader, sameSources, takeSources } from '../../rrd/index.ts';
import { mainRrdShape } from '../../store/main-rrd-shape.ts';
import type { Imported, ImportedOrder } from './imported.ts';

export interface ImportOptions {
	readonly basedir: string;
	readonly dryRun?: boolean | undefined;
	readonly prefix?: string | undefined;
	readonly force?: boolean | undefined;
	readonly user?: string | undefined;
}

export interface ImportStreams {
	readonly stdout: { write(text: string): unknown };
	readonly stderr: { write(text: string): unknown };
}

/** Writes orders, rules and histories, or tells what would be written. Resolves with the exit code. */
export function writeImported(
	imported: Imported,
	options: ImportOptions,
	probes: ProbeTable,
	{ stdout, stderr }: ImportStreams,
): 0 | 1 {
	const isDry = options.dryRun === true;
	const done = { orders: 0, rules: 0, histories: 0 };
	const findings = [...imported.findings];
	const attempt = (what: string, act: () => void) => {
		try {
			act();
		} catch (error) {
			findings.push(`${what}: ${error instanceof Error ? error.message : String(error)}`);
		}
	};
	const tree = isDry ? null : new OrderWriter(options.basedir);
	const known = new Set<string>();
	for (const [name, fields] of imported.rules) {
		attempt(`rule ${name}`, () => {
			const text = dump(fields, { lineWidth: -1 });
			const read = readRule(name, text, ruleContextOf(factTableOf(probes)));
			if ('findings' in read) throw new OrderTrouble(describeFindings(read.findings));
			known.add(ruleNameOf(name));
			const path = join(options.basedir, 'alerts', name);
			if (!isDry) putRule(path, text, options);
			stdout.write(`rule ${name}\n`);
			done.rules++;
		});
	}
	for (const order of imported.orders.map((one) => withRulesOf(one, known))) {
		const id = options.prefix === undefined ? order.id : `${options.prefix}/${order.id}`;
		attempt(id, () => {
			const text = checkedText(id, order, options, probes);
			// First, so that the daemon finds it when it finds the order.
			if (order.history !== undefined)
				attempt(`${id}: history`, () => {
					if (takeHistory(order, id, options)) done.histories++;
				});
			const written = tree?.write(id, text, () => options.force === true) ?? 'order';
			stdout.write(`${written} ${id}\n`);
			done.orders++;
		});
	}
	for (const finding of findings) stderr.write(`${finding}\n`);
	const would = isDry ? 'would be ' : '';
	stdout.write(
		`${done.orders} orders, ${done.rules} rules and ${done.histories} histories ${would}imported, ${findings.length} without a counterpart or at fault\n`,
	);
	return findings.length === 0 ? 0 : 1;
}

/** Names of alerts that became no rule are left out: the findings tell of them, and no order names what is not there. */
function withRulesOf(order: ImportedOrder, known: ReadonlySet<string>): ImportedOrder {
	const { alerts, ...others } = order.fields;
	if (!Array.isArray(alerts)) return order;
	const kept = alerts.filter((name) => known.has(name));
	return { ...order, fields: kept.length === 0 ? others : { ...others, alerts: kept } };
}

function checkedText(
	id: string,
	{ fields }: ImportedOrder,
	{ user }: ImportOptions,
	probes: ProbeTable,
): string {
	const wrong = wrongWithId(id);
	if (wrong !== null) throw new OrderTrouble(`the order id ${wrong}`);
	// Nobody touches these files every hour, as applications do.
	const whole = { ...fields, ...(user === undefined ? {} : { user }), expires: 'never' };
	const text = dump(whole, { lineWidth: -1, noRefs: true });
	const read = readOrderText(id, text, probes);
	if ('findings' in read) throw new OrderTrouble(describeFindings(read.findings));
	return text;
}

function putRule(path: string, text: string, { basedir, force }: ImportOptions): void {
	mkdirSync(dirname(path), { recursive: true });
	try {
		writeFileSync(path, text, { flag: force === true ? 'w' : 'wx' });
	} catch (error) {
		if (errorCode(error) !== 'EEXIST') throw error;
		if (readFileSync(path, 'utf8') === text) return;
		throw new OrderTrouble('there is a rule of that name. Move it away, or add --force');
	}
	giveToOwner(basedir, path);
}

/** Makes main.rrd of SmokePing's file. False: the file is not there. Throws when it is of no use. */
function takeHistory({ history = '', fields }: ImportedOrder, id: string, options: ImportOptions): boolean {
	if (!existsSync(history)) throw new OrderTrouble(`${history}: is not there`);
	const [step, pings] = [Number(fields['step']), Number(fields['pings'])];
	const wanted = mainRrdShape('smokeping', step, pings);
	const names = wanted.dataSources.map(({ name }) => name);
	const { shape } = readRrdHeader(history);
	const kept = { ...shape, dataSources: shape.dataSources.filter(({ name }) => names.includes(name)) };
	if (!sameSources(kept, wanted))
		throw new OrderTrouble(
			`${history}: is not of ${pings} pings in ${step} s. Change the order, or let it be`,
		);
	const folder = join(options.basedir, 'output', id);
	const path = join(folder, 'main.rrd');
	if (existsSync(path)) throw new OrderTrouble(`${path}: is there already, and stays as it is`);
	if (options.dryRun === true) return true;
	mkdirSync(folder, { recursive: true });
	takeSources(history, path, names);
	for (let at = path; at.startsWith(`${options.basedir}/output/`); at = dirname(at))
		giveToOwner(options.basedir, at);
	return true;
}

/** The daemon is to write on: it runs as the owner of the base directory. */
function giveToOwner(baseDir: string, path: string): void {
	if (process.getuid?.() !== 0) return;
	const { uid, gid } = statSync(baseDir);
	chownSync(path, uid, gid);
}
