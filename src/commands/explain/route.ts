import { type Hop, type LossMeaning, meaningOfLoss, readHop } from '../../model/hop.ts';
import { printable } from '../../model/printable.ts';
import { type HopChange, hasLoop, hopChanges, type Route } from '../../model/route.ts';
import { readRoutes } from '../../store/routes-file.ts';
import { milliseconds, padEnd, padStart } from '../terminal/text.ts';
import { clock, heading, indent, type Pen } from './pen.ts';
import type { FactsTold } from './told-facts.ts';

/** The route of an order, as its file `routes` and its last fact of kind `path` tell it. */
export interface RouteTold {
	/** The order that has the route: this one, or the one that traces the way to the same host. */
	readonly of: string;
	/** Since when it is this one. */
	readonly time: number;
	readonly reached: boolean;
	readonly hops: Route['hops'];
	/** What has become of each hop since the route before; null: there was none. */
	readonly since_before: readonly HopChange[] | null;
	/** When it has changed, newest first, the last ten. */
	readonly changes: readonly number[];
	/** Since when it was what it is or was when the target was reached last; null: never. */
	readonly last_good: number | null;
	/** Packets go in circles. */
	readonly loop: boolean;
}

const changesMax = 10;

/** Null when nothing is known. */
export function routeTold(of: string, folder: string): RouteTold | null {
	const routes = readRoutes(folder);
	const last = routes.at(-1);
	if (last === undefined) return null;
	const before = routes.at(-2);
	return {
		...{ of, time: last.time, reached: last.reached, hops: last.hops },
		since_before: before === undefined ? null : hopChanges(before, last),
		changes: routes
			.slice(1)
			.slice(-changesMax)
			.map(({ time }) => time)
			.reverse(),
		last_good: routes.findLast(({ reached }) => reached)?.time ?? null,
		loop: hasLoop(last.hops),
	};
}

const meanings: Readonly<Record<LossMeaning, string>> = {
	none: '',
	loss: 'packets are lost here or before',
	limited: 'limits its answers: nothing is lost here',
};

/** Hop by hop. `facts`: of the order that has the route; those of another are not known here. */
export function routeLines(
	id: string,
	told: RouteTold | null,
	facts: FactsTold['facts'],
	pen: Pen,
): string[] {
	if (told === null) return [];
	const path = Object.values(facts).find(({ kind }) => kind === 'path')?.value;
	const hops: (Hop | null)[] =
		told.of === id && Array.isArray(path)
			? path.map((hop) => (typeof hop === 'string' ? readHop(hop) : null))
			: told.hops.map((hop) => (hop === null ? null : plainHop(hop)));
	const loss = meaningOfLoss(hops);
	const lines = hops.map((hop, at) => hopLine(at + 1, hop, loss[at] ?? null, told.since_before?.[at], pen));
	const end = told.reached ? [] : [`${indent}the target does not answer${lastGood(told, pen)}`];
	const loop = told.loop
		? [`${indent}${pen.paint('red', 'packets go in circles: an address is at two hops')}`]
		: [];
	const of = told.of === id ? '' : `, that of ${printable(told.of)}`;
	return [
		heading('ROUTE', pen, `since ${clock(told.time, pen)}${of}${changed(told)}`),
		...lines,
		...end,
		...loop,
	];
}

function changed({ changes }: RouteTold): string {
	return changes.length === 0
		? ''
		: `, ${changes.length}${changes.length === changesMax ? ' or more' : ''} changes`;
}

function lastGood({ last_good: time }: RouteTold, pen: Pen): string {
	return time === null ? '' : `; it did on the route of ${clock(time, pen)}`;
}

function plainHop(hop: NonNullable<Route['hops'][number]>): Hop {
	return {
		...{ addresses: hop.addresses, lost: 0, sent: 0 },
		...{ minSeconds: null, medianSeconds: null, maxSeconds: null },
		...{ names: hop.names, as: hop.as, asName: hop.as_name },
	};
}

function hopLine(
	number: number,
	hop: Hop | null,
	meaning: LossMeaning | null,
	change: HopChange | undefined,
	{ paint }: Pen,
): string {
	const head = `${indent}${padStart(String(number), 2)}  `;
	if (hop === null)
		return `${head}*${change === 'down' ? paint('yellow', '  answered on the route before') : ''}`;
	const who = hop.addresses
		.map((address, at) => {
			const name = hop.names?.[at] ?? null;
			return printable(name === null ? address : `${name} (${address})`);
		})
		.join(', ');
	const words = [
		hop.as === undefined ? '' : `AS${hop.as}${hop.asName === undefined ? '' : ` ${printable(hop.asName)}`}`,
		hop.medianSeconds === null ? '' : `${milliseconds(hop.medianSeconds)} ms`,
		hop.lost === 0 ? '' : `loss ${hop.lost} of ${hop.sent}`,
		hop.mpls === undefined ? '' : `MPLS ${hop.mpls.map((label) => label.split(':')[0]).join(' ')}`,
		hop.mtu === undefined ? '' : `MTU ${hop.mtu}`,
		hop.code === undefined ? '' : `ICMP ${hop.code}`,
		hop.isShared === true ? 'shared' : '',
	].filter((word) => word !== '');
	const said = meaning === null ? '' : meanings[meaning];
	const notes = [
		change === 'different' || change === 'new' ? paint('yellow', change) : '',
		said === '' ? '' : paint(meaning === 'loss' ? 'red' : 'dim', said),
	].filter((note) => note !== '');
	return `${head}${padEnd(who, 32)}  ${[words.join(', '), ...notes].join('  ')}`.trimEnd();
}
