/** The rows of a virtual table, used in turn: a row that stays in sight is not touched. */
import { setAttribute } from './elements.ts';

export interface TableRow<Line> {
	readonly element: HTMLTableRowElement;
	/** Shows another line. */
	show(line: Line): void;
}

export interface RowWindow {
	/** The first line that has a row, and how many have one. */
	readonly first: number;
	readonly count: number;
	/** So many rows are kept, if some of them unseen. */
	readonly size: number;
	/** Of a row, in pixels. */
	readonly height: number;
}

interface Slot<Line> {
	readonly row: TableRow<Line>;
	/** Of its line; null: it is not seen. */
	index: number | null;
}

export class RowRing<Line> {
	readonly #body: HTMLElement;
	readonly #make: () => TableRow<Line>;
	/** The line `i` is in the slot `i` modulo their number. */
	readonly #slots: Slot<Line>[] = [];
	/** Where the slot stands that is the first of them in the document. */
	#start = 0;
	#first = 0;
	#reachable: Element | null = null;

	constructor(body: HTMLElement, make: () => TableRow<Line>) {
		this.#body = body;
		this.#make = make;
	}

	/**
	 * Has the lines of the window shown. Returns whether all of them are: of those that come into sight no more than `most`
	 * are taken at a time, and rows that are waited for stay where they are, out of sight.
	 *
	 * @param isOld whether rows that stay may have something else to say
	 */
	show(
		lines: readonly Line[],
		{ first, count, size, height }: RowWindow,
		isOld: boolean,
		most: number,
	): boolean {
		this.#resize(size);
		const isDown = first >= this.#first;
		this.#first = first;
		let left = most;
		for (let step = 0; step < count; step++) {
			// What comes into sight last stays longest.
			const index = isDown ? first + count - 1 - step : first + step;
			const line = lines[index];
			const slot = this.#slots[index % size];
			if (line === undefined || slot === undefined) continue;
			if (slot.index !== index) {
				if (left-- <= 0) continue;
				slot.row.show(line);
				place(slot, index, height);
			} else if (isOld) {
				slot.row.show(line);
				slot.row.element.style.top = `${index * height}px`;
			}
		}
		for (const slot of this.#slots) hideBeyond(slot, lines.length);
		return left >= 0;
	}

	/** Puts the rows into the order of their lines, for those who hear or read them one after the other. */
	sort(): void {
		const count = this.#slots.length;
		if (count === 0) return;
		for (const to = this.#first % count; this.#start !== to; this.#start = (this.#start + 1) % count) {
			const moved = this.#slots[this.#start]?.row.element;
			if (moved !== undefined) this.#body.append(moved);
		}
	}

	/** Of the line whose row this is in; null: it is in none. */
	indexOf(node: Node): number | null {
		return this.#slots.find(({ row }) => row.element.contains(node))?.index ?? null;
	}

	elementAt(index: number): HTMLElement | null {
		return this.#slots.find((slot) => slot.index === index)?.row.element ?? null;
	}

	/** The one row that Tab leads to. */
	setReachable(index: number): void {
		const next = this.elementAt(index);
		if (next === this.#reachable) return;
		this.#reachable?.setAttribute('tabindex', '-1');
		next?.setAttribute('tabindex', '0');
		this.#reachable = next;
	}

	/** How high a row is, in pixels. */
	heightOf(line: Line): number {
		if (this.#slots.length === 0) this.#resize(1);
		const [slot] = this.#slots;
		if (slot === undefined) return 0;
		slot.index = null;
		slot.row.element.hidden = false;
		slot.row.show(line);
		return slot.row.element.getBoundingClientRect().height;
	}

	/** In a ring of another size every line has another place. */
	#resize(size: number): void {
		if (this.#slots.length === size) return;
		this.#body.append(...this.#slots.map(({ row }) => row.element));
		this.#start = 0;
		while (this.#slots.length < size) {
			const row = this.#make();
			row.element.tabIndex = -1;
			this.#slots.push({ row, index: null });
			this.#body.append(row.element);
		}
		for (const { row } of this.#slots.splice(size)) row.element.remove();
		for (const slot of this.#slots) slot.index = null;
	}
}

/** A row of a line that there is no more would make the table longer than it is. */
function hideBeyond<Line>(slot: Slot<Line>, length: number): void {
	const { element } = slot.row;
	if (slot.index !== null && slot.index >= length) slot.index = null;
	if (element.hidden !== (slot.index === null)) element.hidden = slot.index === null;
}

function place<Line>(slot: Slot<Line>, index: number, height: number): void {
	const { element } = slot.row;
	slot.index = index;
	element.style.top = `${index * height}px`;
	setAttribute(element, 'aria-rowindex', String(index + 2));
}
