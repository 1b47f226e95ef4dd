import { existsSync } from 'node:fs';
import { popFolderOf } from '../../model/pop.ts';
import { popsOf } from '../../store/find-orders.ts';
import { mainRrdName } from '../../store/main-rrd.ts';
import {
	lastSecondsOf,
	readSeries,
	readStoredOrder,
	type Series,
	type StoredOrder,
} from '../../store/series.ts';
import { CommandProblem, type FoundOrder } from '../shared/find-orders.ts';
import { emptyTopSeconds, type PictureSpec, pictureArguments, textArgument } from './arguments.ts';
import { datesText } from './dates.ts';
import { graphNumbers, percentText, secondsText } from './numbers.ts';

/** What one place has of an order. */
export interface ComparedPlace {
	/** Of the point of presence; `here`: this machine. */
	readonly name: string;
	/** From the folder of the order. */
	readonly path: string;
	readonly order: FoundOrder;
	readonly stored: StoredOrder;
}

/** More lines cannot be told apart. */
const placesMax = 8;

/** All that can be compared of an order; those of which nothing is stored are left out. Throws `CommandProblem`. */
export function comparedPlaces(order: FoundOrder): ComparedPlace[] {
	const here = existsSync(`${order.folder}/${mainRrdName}`) ? [placeOf('here', mainRrdName, order)] : [];
	const pops = popsOf(order).flatMap((pop) => {
		const folder = `${order.folder}/@${pop}`;
		if (!existsSync(`${folder}/${mainRrdName}`)) return [];
		return [placeOf(pop, `@${pop}/${mainRrdName}`, { ...order, id: popFolderOf(order.id, pop), folder })];
	});
	const places = [...here, ...pops];
	if (places.length === 0)
		throw new CommandProblem(`${order.id}: no point of presence has measured anything yet`);
	return places;
}

function placeOf(name: string, path: string, order: FoundOrder): ComparedPlace {
	return { name, path, order, stored: readStoredOrder(order) };
}

/** The newest slot of any. Seconds since the epoch. */
export function lastSecondsOfPlaces(places: readonly ComparedPlace[], nowSeconds: number): number {
	return Math.max(...places.map(({ order, stored }) => lastSecondsOf(order, stored, nowSeconds)));
}

/** The series of each in that time. */
export function seriesOfPlaces(
	places: readonly ComparedPlace[],
	times: { readonly startSeconds: number; readonly endSeconds: number },
	nowSeconds: number,
): Series[] {
	return places.map(({ order, stored }) => readSeries(order, stored, { ...times, nowSeconds }));
}

/** The same colours as on the pages; the dashes tell them apart without. */
const lines = [
	{ colour: '#0072b2', dashes: '' },
	{ colour: '#b04a00', dashes: ':dashes=8,3' },
	{ colour: '#00795a', dashes: ':dashes=2,2' },
	{ colour: '#9a3d7c', dashes: ':dashes=8,3,2,3' },
	{ colour: '#6b5b00', dashes: ':dashes=14,4' },
	{ colour: '#4b4fa8', dashes: ':dashes=4,4' },
	{ colour: '#8c2d19', dashes: ':dashes=14,3,2,3' },
	{ colour: '#3d4650', dashes: ':dashes=1,3' },
] as const;

/** The arguments of rrdtool for a line each of their medians, with their numbers in the legend. */
export function comparedArguments(
	spec: PictureSpec,
	places: readonly ComparedPlace[],
	series: readonly Series[],
): string[] {
	const shown = places.slice(0, placesMax);
	const medians = series.slice(0, placesMax).flatMap(({ rows }) => rows.map(({ values }) => values[1] ?? 0));
	const highest = medians.reduce((most, median) => (median > most ? median : most), 0);
	const nameWidth = Math.max(12, ...shown.map(({ name }) => name.length + 1));
	const left = places.length - shown.length;
	return [
		...pictureArguments(spec, highest > 0 ? 1.2 * highest : emptyTopSeconds),
		...shown.flatMap(({ name, path, stored }, at) => {
			const { colour, dashes } = lines[at % lines.length] ?? lines[0];
			const { median, loss } = graphNumbers(
				series[at] ?? { names: [], stepSeconds: 1, rows: [] },
				stored.pings,
			);
			const column = (text: string) => text.padStart(10);
			const numbers =
				`${column(median.average === null ? '-' : secondsText(median.average))} avg` +
				`${column(median.max === null ? '-' : secondsText(median.max))} max` +
				`${column(loss.average === null ? '-' : percentText(loss.average))} lost`;
			return [
				`DEF:median${at}=${path}:median:AVERAGE`,
				`LINE1.5:median${at}${colour}:${textArgument(name.padEnd(nameWidth) + numbers)}\\l${dashes}`,
			];
		}),
		...(left === 0 ? [] : [`COMMENT:${textArgument(`and ${left} more`)}\\l`]),
		`COMMENT:${textArgument(datesText(spec.startSeconds, spec.endSeconds))}\\l`,
	];
}
