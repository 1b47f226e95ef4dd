import { printable } from '../../model/printable.ts';
import { mainRrdName } from '../../store/main-rrd.ts';
import type { Series } from '../../store/series.ts';
import { cutMiddle } from '../terminal/text.ts';
import { datesText } from './dates.ts';
import { graphNumbers, legendLine, percentText, secondsText } from './numbers.ts';

/** Of every picture. */
export interface PictureSpec {
	readonly title: string;
	/** Below the title: what is measured. Empty: no such line. */
	readonly subtitle: string;
	readonly format: 'png' | 'svg';
	/** Of the whole picture, pixels. */
	readonly size: { readonly width: number; readonly height: number };
	/** Since the epoch. */
	readonly startSeconds: number;
	/** Since the epoch; later than the start. */
	readonly endSeconds: number;
}

/** What is to be drawn of one main.rrd. */
export interface GraphSpec extends PictureSpec {
	/** In each measurement. */
	readonly pings: number;
	/** What is stored of that span of time: it sets the axis and gives the numbers of the legend. */
	readonly series: Series;
	/** When the route changed, since the epoch. */
	readonly routeChanges?: readonly number[];
}

/**
 * The arguments of rrdtool that draw the graph onto standard output. rrdtool must run in the folder of the main.rrd:
 * no path is in the arguments, so that none can be misread.
 */
export function graphArguments(spec: GraphSpec): string[] {
	const { size, startSeconds, endSeconds, pings, series } = spec;
	const top = topSeconds(series);
	return [
		...pictureArguments(spec, top),
		...definition('loss'),
		...definition('median'),
		...allLost(pings),
		...smoke(pings),
		...medianLine(pings, top / size.height),
		...legend(series, pings),
		...routeMarks(spec),
		`COMMENT:${textArgument(datesText(startSeconds, endSeconds))}\\l`,
	];
}

/** What all pictures have; `topSeconds`: where the axis ends. */
export function pictureArguments(
	{ title, subtitle, format, size, startSeconds, endSeconds }: PictureSpec,
	topSeconds: number,
): string[] {
	return [
		...['graph', '-', '--imgformat', format.toUpperCase(), '--full-size-mode'],
		...['--width', String(size.width), '--height', String(size.height)],
		...['--start', String(startSeconds), '--end', String(endSeconds)],
		...['--title', titleArgument([title, subtitle], size.width), '--vertical-label', 'Seconds'],
		...['--lower-limit', '0', '--upper-limit', String(topSeconds), '--rigid'],
		...['--font', 'LEGEND:8:DejaVu Sans Mono', '--font', 'TITLE:10:', '--border', '0'],
		...['--color', 'BACK#ffffff', '--color', 'CANVAS#ffffff', '--disable-rrdtool-tag'],
	];
}

const routeColour = '#7b5cc4';
const marksMax = 100;

/** A dashed line at each change of the route, the newest ones, and in the legend what they are. */
function routeMarks({ routeChanges = [], startSeconds, endSeconds }: GraphSpec): string[] {
	const shown = routeChanges.filter((time) => time > startSeconds && time < endSeconds).slice(-marksMax);
	return shown.map((time, at) => {
		const words = at === 0 ? `route changed (${shown.length})\\l` : '';
		return `VRULE:${time}${routeColour}:${words}:dashes=3,3`;
	});
}

function definition(name: string): string[] {
	return [`DEF:${name}=${mainRrdName}:${name}:AVERAGE`];
}

/** The axis when no answer came at all. Seconds. */
export const emptyTopSeconds = 0.1;

/**
 * Where the axis ends: above all medians and most of the smoke. One slow ping of many must not press everything else
 * down; its smoke leaves the picture at the top.
 */
function topSeconds({ rows }: Series): number {
	const medians = rows.map(({ values }) => values[1] ?? Number.NaN).filter((median) => median > 0);
	if (medians.length === 0) return emptyTopSeconds;
	const highest = medians.reduce((a, b) => Math.max(a, b));
	const slowest = rows.map(({ values }) => slowestOf(values.subarray(2))).filter((rtt) => rtt > 0);
	const mostSmoke = slowest.sort((a, b) => a - b)[Math.floor(slowest.length * 0.9)] ?? 0;
	return Math.max(1.2 * highest, Math.min(1.1 * mostSmoke, 4 * highest));
}

function slowestOf(rtts: Float64Array): number {
	return rtts.reduce((slowest, rtt) => (rtt > slowest ? rtt : slowest), 0);
}

const allLostColour = '#d8d8d8';

/** Averages of whole numbers are not always quite whole. Pings. */
const slack = 1e-6;

function allLost(pings: number): string[] {
	return [`CDEF:all_lost=loss,${pings - slack},GE,INF,UNKN,IF`, `AREA:all_lost${allLostColour}`];
}

/** More layers than this cannot be told apart. */
const mostLayers = 20;

/** Areas from the lowest to the highest ping, the second lowest to the second highest, and so on, ever darker. */
function smoke(pings: number): string[] {
	const pairs = Math.floor(pings / 2);
	// With two pings the median is the higher one: an area between them says nothing more.
	if (pings < 3) return [];
	const layers = Math.min(pairs, mostLayers);
	return Array.from({ length: layers }, (_, layer) => {
		const low = 1 + Math.floor((layer * pairs) / layers);
		const high = pings + 1 - low;
		const grey = Math.round(225 - (120 * layer) / Math.max(3, layers - 1))
			.toString(16)
			.padStart(2, '0');
		return [
			...definition(`ping${low}`),
			...definition(`ping${high}`),
			`CDEF:smoke${low}=ping${high},ping${low},-`,
			`AREA:ping${low}`,
			`AREA:smoke${low}#${grey}${grey}${grey}::STACK`,
		];
	}).flat();
}

/** By the share of pings lost, up to and including `most`. The colours are those that users of SmokePing know. */
const lossBands = [
	{ most: 0, colour: '#26ff00', text: '0 %' },
	{ most: 0.05, colour: '#00b8ff', text: 'to 5 %' },
	{ most: 0.1, colour: '#0059ff', text: 'to 10 %' },
	{ most: 0.15, colour: '#5e00ff', text: 'to 15 %' },
	{ most: 0.2, colour: '#7e00ff', text: 'to 20 %' },
	{ most: 0.5, colour: '#dd00ff', text: 'to 50 %' },
	{ most: 1, colour: '#ff0000', text: 'more' },
] as const;

/** A thin line that connects the medians, and on it a block for each, coloured by loss. */
function medianLine(pings: number, secondsPerPixel: number): string[] {
	const blockSeconds = 4 * secondsPerPixel;
	const args = ['LINE1:median#202020', `CDEF:below=median,${blockSeconds / 2},-`, 'COMMENT:loss colour '];
	let least = -1;
	for (const [index, { most, colour, text }] of lossBands.entries()) {
		const limit = most * pings + slack;
		args.push(
			`CDEF:from${index}=loss,${least},GT,loss,${limit},LE,*,below,UNKN,IF`,
			`CDEF:block${index}=from${index},UN,UNKN,${blockSeconds},IF`,
			`AREA:from${index}`,
			`AREA:block${index}${colour}:${textArgument(text)}:STACK`,
		);
		least = limit;
	}
	// An area for the legend alone.
	args.push('CDEF:nothing=loss,POP,UNKN', `AREA:nothing${allLostColour}:all\\l`);
	return args;
}

function legend(series: Series, pings: number): string[] {
	const { median, jitter, loss } = graphNumbers(series, pings);
	return [
		legendLine('median rtt', median, secondsText),
		legendLine('jitter (sd)', jitter, secondsText),
		legendLine('packet loss', loss, percentText),
	].map((line) => `COMMENT:${textArgument(line)}\\l`);
}

/** Of the font of the title, pixels. */
const titleCharacterWidth = 8;

/** rrdtool breaks the line at a backslash with an `n`, and knows no way to write one: a joiner without width keeps them apart. */
function titleArgument(lines: readonly string[], width: number): string {
	const columns = Math.floor(width / titleCharacterWidth) - 2;
	return lines
		.filter((line, index) => index === 0 || line !== '')
		.map((line) => cutMiddle(printable(line), columns).replaceAll('\\n', '\\\u2060n'))
		.join('\\n');
}

/** `text` as a part of an argument: colons would end it, and backslashes begin an instruction. */
export function textArgument(text: string): string {
	return printable(text).replaceAll(/[\\:]/g, '\\$&');
}
