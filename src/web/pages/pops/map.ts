import { type Html, html } from '../html.ts';
import { levelOf, lookOf, type Seen, seenWords } from './look.ts';
import { land } from './world.ts';

/** What stands on the map. */
export interface MapPlace extends Seen {
	readonly name: string;
	readonly latitude: number;
	readonly longitude: number;
}

/** A part of the world, in tenths of a degree. */
interface View {
	readonly x: number;
	readonly y: number;
	readonly width: number;
	readonly height: number;
}

interface Mark extends MapPlace {
	readonly x: number;
	readonly y: number;
}

interface Box {
	readonly left: number;
	readonly top: number;
	readonly right: number;
	readonly bottom: number;
}

/** From 84° north to 60° south. */
const world: View = { x: 0, y: 60, width: 3600, height: 1440 };
/** Places that lie closer together than this share of the world are shown a second time, larger. */
const closeShare = 0.35;
const detailLeastWidth = 200;
/** More words on a picture are no help to anybody: the table beside it has all. */
const labelsMax = 60;
const namedMax = 20;

/** The world, with a mark for each place; and, where all of them are close together, that part of it again, larger. */
export function worldMap(places: readonly MapPlace[]): Html {
	const marks = places.map((place) => ({
		...place,
		x: (place.longitude + 180) * 10,
		y: (90 - place.latitude) * 10,
	}));
	const detail = detailOf(marks);
	const label = labelOf(places);
	return html`<div class="maps"><div class="scroll" tabindex="0" role="group" aria-label="Map of the world">${picture(world, marks, html`<path id="land" class="land" d="${land}"/>`, label)}</div>
${detail === null ? null : html`<div class="scroll" tabindex="0" role="group" aria-label="The same, larger">${picture(detail, marks, html`<use href="#land"/>`, `Larger: ${label}`)}</div>`}</div>`;
}

function labelOf(places: readonly MapPlace[]): string {
	const told = places.slice(0, namedMax).map((place) => `${place.name}: ${seenWords(place)}`);
	const more = places.length - told.length;
	return `Map of the world. ${told.join('; ')}${more > 0 ? `; and ${more} more` : ''}`;
}

function detailOf(marks: readonly Mark[]): View | null {
	if (marks.length < 2) return null;
	const [xs, ys] = [marks.map(({ x }) => x), marks.map(({ y }) => y)];
	const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
	const ratio = world.width / world.height;
	const width = Math.max(detailLeastWidth, 1.6 * (right - left), 1.6 * ratio * (bottom - top));
	if (width > closeShare * world.width) return null;
	const height = width / ratio;
	return { x: (left + right - width) / 2, y: (top + bottom - height) / 2, width, height };
}

function picture(view: View, marks: readonly Mark[], ground: Html, label: string): Html {
	const unit = view.width / world.width;
	const round = (value: number) => Math.round(value * 10) / 10;
	const placed = labels(view, marks, unit);
	const box = [view.x, view.y, view.width, view.height].map(round).join(' ');
	return html`<svg class="map" viewBox="${box}" role="img" aria-label="${label}"><rect class="sea" x="${round(view.x)}" y="${round(view.y)}" width="${round(view.width)}" height="${round(view.height)}"/>${ground}
${marks.map((mark) => markOf(mark, unit))}<g class="labels" font-size="${round(fontUnits * unit)}" stroke-width="${round(14 * unit)}">${placed.map(
		({ text, x, y, anchor }) =>
			html`<text x="${round(x)}" y="${round(y)}" text-anchor="${anchor}">${text}</text>`,
	)}</g></svg>`;
}

const radiusUnits = 24;
const fontUnits = 52;
/** About how wide a character is. */
const characterUnits = 31;

/** The shape says whether pings are lost, the colour how much and how slow. */
function markOf(mark: Mark, unit: number): Html {
	const { x, y, name } = mark;
	const r = radiusUnits * unit;
	const round = (value: number) => Math.round(value * 10) / 10;
	const place = (points: readonly (readonly [number, number])[]) =>
		points.map(([dx, dy]) => `${round(x + dx * r)} ${round(y + dy * r)}`).join('L');
	const shapes = {
		good: html`<circle cx="${round(x)}" cy="${round(y)}" r="${round(r)}"/>`,
		unknown: html`<circle class="hollow" cx="${round(x)}" cy="${round(y)}" r="${round(r)}"/>`,
		loss: html`<path d="M${place([
			[0, -1.25],
			[1.2, 0.9],
			[-1.2, 0.9],
		])}z"/>`,
		down: html`<path d="M${place([
			[-1, -1],
			[1, -1],
			[1, 1],
			[-1, 1],
		])}z"/>`,
	};
	return html`<g class="mark level-${levelOf(mark) ?? 'unknown'}" stroke-width="${round(5 * unit)}"><title>${name}: ${seenWords(mark)}</title>${shapes[lookOf(mark)]}</g>\n`;
}

interface Label {
	readonly text: string;
	readonly x: number;
	readonly y: number;
	readonly anchor: 'start' | 'end' | 'middle';
}

/** Beside, above or below its mark, where there is room; those for which there is none are left to the table. */
function labels(view: View, marks: readonly Mark[], unit: number): Label[] {
	const r = radiusUnits * unit;
	const taken: Box[] = marks.map(({ x, y }) => ({ left: x - r, right: x + r, top: y - r, bottom: y + r }));
	const placed: Label[] = [];
	for (const mark of marks.slice(0, labelsMax)) {
		const text = `${mark.name} ${seenWords(mark)}`;
		const [width, height, gap] = [text.length * characterUnits * unit, fontUnits * unit, 1.6 * r];
		const { x, y } = mark;
		const beside = y + height * 0.35;
		const candidates: readonly Label[] = [
			{ text, x: x + gap, y: beside, anchor: 'start' },
			{ text, x: x - gap, y: beside, anchor: 'end' },
			{ text, x, y: y - gap, anchor: 'middle' },
			{ text, x, y: y + gap + height * 0.75, anchor: 'middle' },
		];
		const found = candidates.find((one) => {
			const box = boxOf(one, width, height);
			return isInside(box, view) && !taken.some((other) => overlaps(box, other));
		});
		if (found === undefined) continue;
		placed.push(found);
		taken.push(boxOf(found, width, height));
	}
	return placed;
}

function boxOf({ x, y, anchor }: Label, width: number, height: number): Box {
	const left = anchor === 'start' ? x : anchor === 'end' ? x - width : x - width / 2;
	return { left, right: left + width, top: y - height * 0.8, bottom: y + height * 0.2 };
}

function isInside({ left, right, top, bottom }: Box, view: View): boolean {
	return left >= view.x && right <= view.x + view.width && top >= view.y && bottom <= view.y + view.height;
}

function overlaps(one: Box, other: Box): boolean {
	return one.left < other.right && other.left < one.right && one.top < other.bottom && other.top < one.bottom;
}
